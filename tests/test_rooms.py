"""The rooms of the architecture: who imports whom, what stays pure, and where installs come from."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("fleet", "ledger", "exporter", "notifier", "alerts", "dashboards", "sandbox")
PURE = (
    "fleet.inventory",
    "fleet.survey",
    "fleet.program.secrecy",
    "fleet.program.text",
    "ledger.correspondence",
    "ledger.deferral",
    "ledger.incident_record",
    "ledger.mail_fate",
    "ledger.mail_record",
    "ledger.outlook",
    "ledger.maintenance_key",
    "ledger.telling",
    "ledger.update_record",
    "ledger.who_was_told",
    "ledger.window_facts",
    "notifier.affected",
    "notifier.announce.announcement",
    "notifier.announce.components",
    "notifier.announce.incident",
    "notifier.announce.outcome",
    "notifier.apply.answers",
    "notifier.apply.choice",
    "notifier.apply.guards",
    "notifier.apply.listed",
    "notifier.apply.options",
    "notifier.apply.plan",
    "notifier.apply.result",
    "notifier.apply.steps",
    "notifier.apply.surroundings",
    "notifier.apply.task",
    "notifier.apply.timetable",
    "notifier.apply.words",
    "notifier.audience",
    "notifier.calendar",
    "notifier.announce.issue_text",
    "notifier.checklist",
    "notifier.checklist.checklist",
    "notifier.deferrals",
    "notifier.doctor.checks",
    "notifier.doctor.report",
    "notifier.instance_names",
    "notifier.maintenance",
    "notifier.window",
    "notifier.mail.calling_off",
    "notifier.mail.holdings",
    "notifier.mail.message",
    "notifier.mail.named",
    "notifier.mail.notify_template",
    "notifier.mail.plain_text",
    "notifier.mail.plan",
    "notifier.mail.possible_mails",
    "notifier.mail.task",
    "notifier.mail.windows_named",
    "notifier.reports.markdown",
)
"""They decide, and read and write nothing."""
IMPURE = {
    "sqlalchemy",
    "jinja2",
    "requests",
    "urllib3",
    "boto3",
    "botocore",
    "notifications_python_client",
    "http.client",
}
LONGEST_MODULE = 250
MOST_ARROWS = 60
MOST_IMPORTS_OF_A_COMMAND = 15


def modules(room: str) -> dict[str, Path]:
    """By dotted name; a package is its `__init__.py`."""
    files = (ROOT / room).rglob("*.py")
    return {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


def imported(file: Path) -> Iterator[str]:
    """What a file imports, under dotted names; `from package import module` counts as the module where it is one."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            as_modules = [f"{node.module}.{alias.name}" for alias in node.names]
            found = [name for name in as_modules if (ROOT / Path(*name.split("."))).with_suffix(".py").exists()]
            yield from found or [node.module]


def rooms_imported(room: str) -> set[str]:
    names = {name.partition(".")[0] for file in modules(room).values() for name in imported(file)}
    return names & set(ROOMS) - {room}


def documented() -> dict[str, set[str]]:
    """The table of docs/architecture.md: for each room, those that it may import."""
    table = (ROOT / "docs" / "architecture.md").read_text().partition("## Rooms")[2].partition("##")[0]
    rows = re.findall(r"^\| `(\w+)/` \|.*\| ([^|]*) \|$", table, re.MULTILINE)
    return {room: set(re.findall(r"`(\w+)`", imports)) for room, imports in rows}


@pytest.mark.parametrize("room", ROOMS)
def test_the_table_of_rooms_says_who_imports_whom(room: str) -> None:
    assert rooms_imported(room) == documented()[room]


def test_the_ledger_knows_nothing_of_the_fleet_but_its_errors() -> None:
    names = {name for file in modules("ledger").values() for name in imported(file)}
    assert {name for name in names if name.startswith("fleet")} == {"fleet.errors"}


@pytest.mark.parametrize("module", PURE)
def test_pure_modules_load_no_database_no_template_engine_and_no_http_client(module: str) -> None:
    """In an interpreter of its own, because this one has loaded everything."""
    program = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    assert module in loaded
    assert not IMPURE & set(loaded)


def arrows(room: str) -> dict[str, set[str]]:
    """Between a room's modules, each with the others of the room that it imports."""
    names = modules(room)
    return {name: set(imported(file)) & names.keys() - {name} for name, file in names.items()}


@pytest.mark.parametrize("room", ["fleet", "ledger", "exporter", "notifier"])
def test_no_room_imports_in_a_circle(room: str) -> None:
    try:
        list(TopologicalSorter(arrows(room)).static_order())
    except CycleError as error:
        pytest.fail(f"a circle: {' → '.join(error.args[1])}")


def test_the_notifiers_rooms_stay_few_and_loosely_tied() -> None:
    """Between its folders and the modules beside them: what a newcomer has to hold in mind."""

    def place(module: str) -> str:
        return ".".join(module.split(".")[:2])

    between = {(place(a), place(b)) for a, found in arrows("notifier").items() for b in found}
    assert len({(a, b) for a, b in between if a != b}) <= MOST_ARROWS


@pytest.mark.parametrize("command", [path.stem for path in (ROOT / "notifier" / "commands").glob("[a-z]*.py")])
def test_a_command_is_a_table_of_contents(command: str) -> None:
    names = set(imported(ROOT / "notifier" / "commands" / f"{command}.py"))
    assert len([name for name in names if name.partition(".")[0] in ROOMS]) <= MOST_IMPORTS_OF_A_COMMAND


@pytest.mark.parametrize("room", ["fleet", "ledger", "exporter", "notifier"])
def test_a_module_can_be_held_in_mind(room: str) -> None:
    long = {name for name, file in modules(room).items() if len(file.read_text().splitlines()) > LONGEST_MODULE}
    assert not long


def test_no_file_names_a_registrys_host() -> None:
    """Installs go to whatever registry the machine is set up with."""
    hosts = re.compile(
        "|".join(["pypi" + r"\.org", "python" + r"hosted\.org", "registry\\.npm" + "js", "deb\\.debian" + r"\.org"])
    )
    files = [
        path
        for path in ROOT.rglob("*")
        if path.is_file()
        and not {".git", ".venv", "build", "dist", "node_modules"} & set(path.parts)
        and not any(part.startswith(".") and part.endswith("_cache") for part in path.parts)
    ]
    assert not [
        path for path in files if path.suffix not in {".png", ".pyc"} and hosts.search(path.read_text(errors="replace"))
    ]

"""The rooms of the architecture: who imports whom, and that installs go to whatever registry a machine is set up with."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def imported(room: str) -> set[str]:
    names = set()
    for file in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.split(".")[0])
    return names & {"fleet", "exporter", "notifier", "sandbox"} - {room}


@pytest.mark.parametrize(
    ("room", "may_import"),
    [
        ("fleet", set()),
        ("exporter", {"fleet"}),
        ("notifier", {"fleet"}),
        ("sandbox", set()),
        ("alerts", set()),
        ("dashboards", set()),
    ],
)
def test_imports_point_one_way(room: str, may_import: set[str]) -> None:
    """The architecture's table, checked."""
    assert imported(room) <= may_import


def test_no_file_names_a_registrys_host() -> None:
    """Installs go to whatever registry the machine is set up with."""
    hosts = re.compile(
        "|".join(["pypi" + r"\.org", "python" + r"hosted\.org", "registry\\.npm" + "js", "deb\\.debian" + r"\.org"])
    )
    files = [
        path
        for path in ROOT.rglob("*")
        if path.is_file()
        and not {".git", ".venv", "node_modules"} & set(path.parts)
        and not any(part.startswith(".") and part.endswith("_cache") for part in path.parts)
    ]
    assert not [
        path for path in files if path.suffix not in {".png", ".pyc"} and hosts.search(path.read_text(errors="replace"))
    ]

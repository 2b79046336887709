"""`doctor`: what it finds in a set-up that is whole, what it leaves alone, and how it says what it found."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from pathlib import Path

import pytest

from notifier.doctor.checks import Placed, State, clock_check, failed, not_set, ok, warning, without_addresses
from notifier.doctor.report import checks_text
from sandbox.faults import SYSTEMS
from sandbox.server import Sandbox
from tests.notifier.doctor_here import doctor
from tests.notifier_here import Here
from tests.notifier_program import WINDOW, Program

READING = {"GET", "HEAD"}
ASKED_BY_POST = {
    "/oauth/token",
    "GetCallerIdentity",
    "DescribeCacheClusters",
    "DescribeCacheParameterGroups",
    "DescribeReplicationGroups",
    "DescribeServiceUpdates",
    "DescribeUpdateActions",
    "BatchApplyUpdateAction",
    "BatchStopUpdateAction",
}
"""AWS and UAA are asked by POST only; the last two are looked at below."""


def test_a_whole_set_up_is_all_ok(shared_sandbox: Sandbox, here: Here) -> None:
    """Of each system, every check that the contract names."""
    here.set(shared_sandbox.environment)
    found = doctor(here)
    assert found.ended.status == 0, found.ended.out
    assert {row["state"] for row in found.rows} <= {"ok", "not_set"}
    assert set(found.states("ledger")) == {"opens", "version", "writable", "private"}
    reads = {f"Describe{what}" for what in ("CacheClusters", "CacheParameterGroups", "ReplicationGroups")}
    reads |= {"DescribeServiceUpdates", "DescribeUpdateActions"}
    acts = {"BatchApplyUpdateAction", "BatchStopUpdateAction"}
    assert set(found.states("aws")) == {"identity", "account", "region", "clock"} | reads | acts
    assert set(found.states("cloudfoundry")) == {"token", "scope", "offerings", "clock", "belongs to AWS"}
    assert set(found.states("accounts")) == {"answers", "clock"}
    notify = {"key", "kind of key", "template", "placeholders", "reply-to", "clock"}
    assert set(found.states("notify")) == notify
    assert set(found.states("statuspage")) == {"key", "page", "components", "clock"}
    assert set(found.states("github")) == {"token", "repository", "issues", "push", "clock"}
    assert found.check("aws", "account")["detail"] == shared_sandbox.options.account
    assert found.check("aws", "identity")["region"] == "Ireland"
    assert all(row.keys() == {"system", "region", "check", "state", "detail", "remedy"} for row in found.rows)


def test_it_starts_nothing_sends_nothing_and_writes_nothing(sandbox: Sandbox, here: Here, sqlite_url: str) -> None:
    """Every request of a run is looked at, and every byte of the ledger and beside it."""
    here.set(sandbox.environment)
    here.run("ledger", "check")
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    before = contents(folder)
    truth = sandbox.world.truth
    incidents, issues = dict(sandbox.statuspage.page.incidents), dict(sandbox.github.tracker.issues)
    assert doctor(here).ended.status == 0
    assert contents(folder) == before
    assert sandbox.world.truth is truth, "AWS's and Cloud Foundry's side is untouched"
    assert sandbox.applying.attempts == []
    assert len(sandbox.notify.mails) == 0
    assert sandbox.statuspage.page.incidents == incidents
    assert sandbox.github.tracker.issues == issues
    entries = [entry for system in SYSTEMS for entry in sandbox.journal.entries(system)]
    assert {entry.call for entry in entries if entry.method not in READING} <= ASKED_BY_POST


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Of every file below: its bytes and when it was changed."""
    files = [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []
    return {str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


@pytest.mark.parametrize("is_allowed", [True, False])
def test_rights_are_asked_about_what_cannot_exist(sandbox: Sandbox, here: Here, *, is_allowed: bool) -> None:
    """Once each, whatever the answer: with names that nobody has, of a group and of an update."""
    if not is_allowed:
        sandbox.rights.deny("BatchApplyUpdateAction", None)
        sandbox.rights.deny("BatchStopUpdateAction", None)
    here.set(sandbox.environment)
    doctor(here)
    asked = [entry for entry in sandbox.journal.entries("elasticache") if entry.call.startswith("Batch")]
    assert sorted(entry.call for entry in asked) == ["BatchApplyUpdateAction", "BatchStopUpdateAction"]
    assert {entry.status for entry in asked} == {404 if is_allowed else 403}
    assert sandbox.applying.attempts == []


def test_a_ledger_that_is_not_there_is_not_made(shared_sandbox: Sandbox, here: Here, tmp_path: Path) -> None:
    here.set({**shared_sandbox.environment, "LEDGER_URL": f"sqlite:///{tmp_path}/state/team/ledger.sqlite3"})
    found = doctor(here)
    assert found.ended.status == 0
    assert "the first command that needs it makes it" in found.check("ledger", "opens")["detail"]
    assert not (tmp_path / "state").exists()


def test_nothing_set_up_is_not_wrong(here: Here) -> None:
    """Each system that nobody has set up is named, with exit status 0."""
    found = doctor(here)
    assert found.ended.status == 0, found.ended.out
    systems = {row["system"] for row in found.rows if row["state"] == "not_set"}
    assert systems >= {"aws", "cloudfoundry", "accounts", "notify", "statuspage", "github"}
    assert found.failed() == set()


def test_the_windows_options_are_looked_at(shared_sandbox: Sandbox, here: Here) -> None:
    """As every command takes them; a wrong one is wrong usage, and one that is over a warning."""
    here.set(shared_sandbox.environment)
    assert doctor(here, *WINDOW).check("window", "window")["state"] == "ok"
    over = ("--maintenance-window-date", "2020-06-16", "--maintenance-window-time-range", "0900-1100")
    assert doctor(here, *over).warned() == {"window window"}
    assert here.run("doctor", "--maintenance-window-date", "2020-06-16").status == 2
    assert here.run("doctor", "--only-org", "x").status == 2


def test_a_file_of_regions_is_examined_whole_or_one_of_them(
    shared_sandbox: Sandbox, here: Here, tmp_path: Path
) -> None:
    """The second is in a region that these credentials do not work in, which says nothing about the first."""
    address = shared_sandbox.environment["CF_API_ADDRESS"]
    file = tmp_path / "regions.toml"
    table = '[[regions]]\nname = "{}"\naws_region = "{}"\ncf_api_address = "{}"\n'
    file.write_text(table.format("Ireland", "eu-west-1", address) + table.format("London", "eu-west-2", address))
    here.set({**shared_sandbox.environment, "REGIONS_FILE": str(file)})
    rows = doctor(here).rows
    assert {row["region"] for row in rows if row["system"] == "aws"} == {"Ireland", "London"}
    assert {row["region"] for row in rows if row["state"] == "failed"} == {"London"}
    here.set({"AWS_REGION": None})
    rows = doctor(here, "--region", "Ireland").rows
    assert {row["region"] for row in rows if row["system"] == "aws"} == {"Ireland"}
    assert not [row for row in rows if row["state"] == "failed"]


def test_one_region_that_is_wrong_hides_no_other(shared_sandbox: Sandbox, here: Here, tmp_path: Path) -> None:
    """Here CF_API_ADDRESS contradicts the second's, which every command for it would refuse."""
    address = shared_sandbox.environment["CF_API_ADDRESS"]
    file = tmp_path / "regions.toml"
    table = '[[regions]]\nname = "{}"\naws_region = "{}"\ncf_api_address = "{}"\n'
    file.write_text(
        table.format("Ireland", "eu-west-1", address) + table.format("London", "eu-west-2", "http://127.0.0.1:1")
    )
    here.set({**shared_sandbox.environment, "REGIONS_FILE": str(file)})
    rows = doctor(here).rows
    assert {row["region"] for row in rows if row["state"] == "failed"} == {"London"}
    assert {row["system"] for row in rows if row["region"] == "Ireland"} == {"aws", "cloudfoundry"}


def test_secrets_commands_run_once_for_all_regions(shared_sandbox: Sandbox, here: Here, tmp_path: Path) -> None:
    """Although systems and regions are examined side by side."""
    counted = tmp_path / "count"
    script = tmp_path / "secret.sh"
    secret = shared_sandbox.environment["CF_CLIENT_SECRET"]
    script.write_text(f"#!/bin/sh\necho once >> {counted}\necho {secret}\n")
    script.chmod(0o700)
    here.set({**shared_sandbox.environment, "CF_CLIENT_SECRET": None, "CF_CLIENT_SECRET_COMMAND": str(script)})
    found = doctor(here)
    assert found.failed() == set()
    runs_of_commands = 2  # the survey that compares the systems takes its settings as every command does
    assert len(counted.read_text().splitlines()) <= runs_of_commands


CHECKS = [
    Placed("ledger", None, ok("opens", "sqlite:////home/ada/.local/state/elasticache-updates/ledger.sqlite3")),
    Placed("aws", "Ireland", ok("identity", "arn:aws:sts::123456789012:assumed-role/reader/ada@example.org")),
    Placed(
        "aws",
        "Ireland",
        failed(
            "BatchApplyUpdateAction",
            "AccessDenied: User: arn:aws:iam::123456789012:user/ada is not authorized to perform:"
            " elasticache:BatchApplyUpdateAction because no identity-based policy allows it",
            "allow elasticache:BatchApplyUpdateAction (docs/permissions.md)",
        ),
    ),
    Placed("notify", None, not_set("key", "NOTIFY_API_KEY is not set", "set NOTIFY_API_KEY before preview and email")),
    Placed("notify", None, warning("clock", "hostile \x1b[31m\nname", "look\nat it")),
]
GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize(("name", "width"), [("doctor", None), ("doctor-on-80-columns", 80)])
def test_what_people_read(name: str, width: int | None) -> None:
    """`UPDATE_GOLDEN=1` writes the files anew."""
    written = checks_text(CHECKS, width)
    if os.environ.get("UPDATE_GOLDEN"):
        (GOLDEN / name).write_text(written)
    assert written == (GOLDEN / name).read_text()
    assert "ada@example.org" not in written


def test_on_a_terminal_no_line_is_wider_than_it() -> None:
    lines = checks_text(CHECKS, 80).splitlines()
    assert max(map(len, lines)) <= 80


def test_piped_each_check_is_one_line(shared_sandbox: Sandbox, here: Here) -> None:
    """So that `grep FAILED` finds the whole of it; progress goes to stderr."""
    here.set({**shared_sandbox.environment, "CF_CLIENT_SECRET": "wrong"})
    ended = here.run("doctor")
    assert ended.status == 1
    lines = ended.out.partition("\n\n")[0].splitlines()
    assert all(line.startswith(("ok ", "FAILED ", "not set ")) for line in lines)
    (line,) = (line for line in lines if line.startswith("FAILED"))
    assert " → check CF_CLIENT_ID and CF_CLIENT_SECRET, or run cf login again" in line
    assert "examined notify: 5 checks" in ended.err
    assert "\x1b" not in ended.out


def test_at_a_terminal_of_80_columns(notifier: Program) -> None:
    """As an operator reads it: nothing is wider, nothing moves the cursor."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "notifier", "doctor"],
        env={**os.environ, **notifier.environment, "TERM": "xterm"},
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=subprocess.DEVNULL,
    )
    os.close(terminal)
    said = b""
    with suppress(OSError):
        while part := os.read(controller, 4096):
            said += part
    os.close(controller)
    assert process.wait(timeout=60) == 0
    text = said.decode().replace("\r\n", "\n")
    assert "ok       notify: placeholders: all are filled in" in text
    assert "\x1b" not in text
    too_wide = [line for line in text.splitlines() if len(line) > 80]
    assert all(" " not in line.strip() for line in too_wide), "only what cannot be broken, such as a path"


@pytest.mark.parametrize(
    ("ahead", "most", "state", "words"),
    [
        (0.0, 30, State.OK, "agrees with ours"),
        (14.0, 30, State.OK, "14 s apart"),
        (-29.0, 30, State.WARNING, "29 s behind"),
        (-31.0, 30, State.FAILED, "31 s behind"),
        (31.0, 30, State.FAILED, "31 s ahead"),
        (149.0, 300, State.OK, "149 s apart"),
        (299.0, 300, State.WARNING, "299 s ahead"),
        (3600.0, 300, State.FAILED, "3600 s ahead"),
    ],
)
def test_a_clock_is_judged_by_what_the_system_accepts(ahead: float, most: float, state: State, words: str) -> None:
    """A system that does not refuse requests because of the clock is a warning at most."""
    check = clock_check(ahead, most, "it refuses", refuses=True)
    assert check.state is state
    assert words in check.detail
    lenient = clock_check(ahead, most, "its tokens may expire", refuses=False)
    assert lenient.state is (State.WARNING if state is State.FAILED else state)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("arn:aws:iam::1:user/ada@example.org", "arn:aws:iam::1:user/<address>"),
        ("assumed-role/reader/ada.l+x@mail.example.org", "assumed-role/reader/<address>"),
        ("postgresql://tester@db.example.org/ledger", "postgresql://tester@db.example.org/ledger"),
        ("postgresql://ada:***@127.0.0.1:5432/ledger", "postgresql://ada:***@127.0.0.1:5432/ledger"),
    ],
)
def test_nobodys_address_is_shown(text: str, shown: str) -> None:
    """Of people; the address of a database is none."""
    assert without_addresses(text) == shown

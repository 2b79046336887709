"""Every refusal is one line that begins with the program and the command, once."""

import csv
import io
from datetime import timedelta

import pytest
from click import Command

from fleet.errors import ConfigurationError, RemoteError
from ledger.ledger import Ledger
from notifier.__main__ import COMMANDS
from notifier.program import EXIT_REMOTE, EXIT_WRONG_USAGE, PROGRAM, Done, exit_status
from sandbox.server import Sandbox
from tests.notifier_here import Here
from tests.notifier_program import WINDOW, WINDOW_DATE

LATER = (
    *("--region", "Ireland", "--maintenance-window-date", (WINDOW_DATE + timedelta(days=2)).isoformat()),
    *("--maintenance-window-time-range", "0900-1100"),
)
REPLACES = ("--replaces-window-date", WINDOW_DATE.isoformat(), "--replaces-window-time-range", "0900-1100")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("prefix", ["", "{}: "])
def test_whoever_refuses_the_command_is_named_once(
    command: str, prefix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse() -> None:
        raise ConfigurationError(prefix.format(command) + "it makes no sense")

    assert exit_status(Command(command, callback=refuse), f"{PROGRAM} {command}", []) == EXIT_WRONG_USAGE
    assert capsys.readouterr().err == f"{PROGRAM} {command}: it makes no sense\n"


def test_advice_is_given_once(capsys: pytest.CaptureFixture[str]) -> None:
    done = Done()
    done.add("mail sent", "mails sent")

    def fail() -> None:
        raise RemoteError("Notify", "send", "no answer; run the same command again")

    assert exit_status(Command("email", callback=fail), f"{PROGRAM} email", [], done) == EXIT_REMOTE
    assert capsys.readouterr().err.count("run the same command again") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("cancel", "--yes", *WINDOW), "this ledger knows no window on"),
        (("cancel", *WINDOW), "--yes is missing"),
        (("email", *WINDOW), "--yes is missing"),
        (("email", "--yes", *LATER, *REPLACES), "--replaces-window-date: nobody was told of a window on"),
        (("defer", "add", "nobody", "--until", "2020-01-01", "--reason", "asked", "--region", "Ireland"), "--until"),
        (
            ("defer", "add", "nobody", "--skip-window", "--reason", "asked", *WINDOW),
            "INSTANCE 'nobody': no instance has that",
        ),
        (("told", "nobody", "--how", "asked", *WINDOW), "ORG 'nobody': no org"),
        (("schedule", "--cancel", *WINDOW), ""),
        (("apply", "--dry-run", *WINDOW), ""),
        (("status", "--maintenance-window-date", "yesterday"), ""),
        (("checklist", "--issue", "none", *WINDOW), ""),
    ],
)
def test_each_command_names_itself_once(arguments: tuple[str, ...], said: str, sandbox: Sandbox, here: Here) -> None:
    here.set(sandbox.environment)
    ended = here.run(*arguments)
    assert ended.status != 0
    (line, *_) = [line for line in ended.err.splitlines() if line.startswith(f"{PROGRAM} ")]
    command = f"{PROGRAM} {arguments[0]}: "
    assert line.startswith(command + said), line
    assert line.count(f"{arguments[0]}: ") == 1


@pytest.mark.parametrize("state", ["moved", "cancelled"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("email", "--yes"),
        ("schedule",),
        ("told", "org", "--how", "asked"),
        ("defer", "add", "--org", "org", "--skip-window", "--reason", "asked"),
        ("apply", "--yes"),
    ],
)
def test_a_window_that_is_called_off_is_refused_in_words(
    arguments: tuple[str, ...], state: str, sandbox: Sandbox, here: Here, sqlite_url: str
) -> None:
    """Nobody shows the key of the later window instead of its day."""
    here.set({**sandbox.environment, "LEDGER_URL": sqlite_url})
    org = next(iter(sandbox.world.truth.organizations.values())).name
    here.email()
    if state == "moved":
        here.run("email", "--yes", *LATER, *REPLACES)
    else:
        here.run("cancel", "--yes", *WINDOW)
    ended = here.run(*(org if word == "org" else word for word in arguments), *WINDOW)
    assert ended.status == 2, ended.out
    assert f"was {state}" in ended.err
    assert "Z/" not in ended.err


def test_a_window_that_moved_is_cancelled_under_its_new_date(sandbox: Sandbox, here: Here, sqlite_url: str) -> None:
    here.set({**sandbox.environment, "LEDGER_URL": sqlite_url})
    here.email()
    here.run("email", "--yes", *LATER, *REPLACES)
    ended = here.run("cancel", "--yes", *WINDOW)
    assert (ended.status, "was moved: it takes place on" in ended.err) == (2, True)


def test_print_says_in_every_format_that_a_mail_failed_for_good(sandbox: Sandbox, here: Here, sqlite_url: str) -> None:
    here.set({**sandbox.environment, "LEDGER_URL": sqlite_url})
    here.email()
    with Ledger(sqlite_url) as ledger:
        bounced = ledger.records()[0]
        ledger.record_delivery(bounced.key, "id", "permanent-failure")
    for shape in ("table", "markdown"):
        shown = here.run("print", *WINDOW, "--format", shape).out
        assert "(not told: the mail failed for good)" in shown
        assert "not yet told" not in shown
    managers = [m for o in here.run("print", *WINDOW, "--format", "json").document["orgs"] for m in o["managers"]]
    assert [m["address"] for m in managers if m["mail_failed_for_good"]] == [bounced.key.address]
    rows = list(csv.DictReader(io.StringIO(here.run("print", *WINDOW, "--format", "csv").out)))
    assert {row["failed_for_good"] for row in rows} == {"", bounced.key.address}

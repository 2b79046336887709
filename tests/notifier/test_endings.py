"""What a command says when it ends early, and its exit status: they come from what was done until then."""

import signal
import sqlite3
import time
from pathlib import Path

import click
import pytest

from fleet.errors import ConfigurationError, InsufficientScopeError, RemoteError
from notifier.program import Done, exit_status
from sandbox.server import Sandbox
from tests.notifier_here import Here
from tests.notifier_program import WINDOW, Program, crowded
from tests.servers import wait_until

NEVER_SECONDS = 3600.0
_RECORDED_AT_MOST_TWO = """
CREATE TRIGGER full BEFORE UPDATE OF delivery_status ON mails
WHEN (SELECT count(*) FROM mails WHERE delivery_status IS NOT NULL) >= 2
BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END
"""


@pytest.mark.parametrize(
    ("error", "nothing_done", "something_done"),
    [
        (KeyboardInterrupt(), (1, "stopped before anything was done"), (1, "stopped: 2 mails sent; run the same")),
        (click.Abort(), (1, "stopped before anything was done"), (1, "stopped: 2 mails sent; run the same")),
        (ConfigurationError("wrong"), (2, "wrong"), (3, "wrong; until then: 2 mails sent; run the same")),
        (InsufficientScopeError("uaa", "call", "less"), (2, "less"), (3, "less; until then: 2 mails sent")),
        (RemoteError("aws", "call", "down"), (3, "aws: call: down"), (3, "down; until then: 2 mails sent")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_ending_says_what_was_done(
    error: BaseException,
    nothing_done: tuple[int, str],
    something_done: tuple[int, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit status 2 promises that nothing was done: it is never the answer after something was."""

    @click.command
    @click.option("--sends", type=int)
    @click.pass_obj
    def command(done: Done, sends: int) -> None:
        for _ in range(sends):
            done.add("mail sent", "mails sent")
        raise error

    for sends, (status, said) in ((0, nothing_done), (2, something_done)):
        assert exit_status(command, "program", ["--sends", str(sends)]) == status
        assert said in capsys.readouterr().err


def test_the_same_change_is_counted_in_words() -> None:
    done = Done()
    said = [done.in_words]
    for changed in (("delivery recorded", "deliveries recorded"),) * 2 + (("mail sent", "mails sent"),):
        done.add(*changed)
        said.append(done.in_words)
    assert said == ["", "1 delivery recorded", "2 deliveries recorded", "2 deliveries recorded, 1 mail sent"]


def told_four_of_whom_two_have_it(sandbox: Sandbox, notifier: Program) -> None:
    sandbox.world.change(crowded(4, 1))
    sandbox.notify.change(delivery_seconds=NEVER_SECONDS)
    assert notifier.email().status == 0
    for mail in list(sandbox.notify.mails)[:2]:
        sandbox.notify.mails.settle(mail.id, "delivered")


def test_ctrl_c_while_watching_says_what_was_recorded(sandbox: Sandbox, notifier: Program) -> None:
    told_four_of_whom_two_have_it(sandbox, notifier)
    process = notifier.start("status", *WINDOW, "--watch", "--interval", "60")
    assert process.stderr is not None
    assert "2 delivered" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "stopped: 4 deliveries recorded; run the same command again to continue" in err


def test_a_ledger_that_fails_in_the_middle_is_not_wrong_usage(
    sandbox: Sandbox, notifier: Program, sqlite_url: str
) -> None:
    """Its disk is full after two deliveries."""
    told_four_of_whom_two_have_it(sandbox, notifier)
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        connection.execute(_RECORDED_AT_MOST_TWO)
    ended = notifier.run("status", *WINDOW)
    assert ended.status == 3
    assert "the disk is full" in ended.err
    assert "until then: 2 deliveries recorded; run the same command again to continue" in ended.err


def test_files_that_were_written_are_not_forgotten(sandbox: Sandbox, here: Here, tmp_path: Path) -> None:
    """A folder stands where the second mail's file should be."""
    sandbox.world.change(crowded(2, 1))
    here.set(sandbox.environment)
    assert here.run("preview", *WINDOW, "--to-files", str(tmp_path / "mails")).status == 0
    second = sorted((tmp_path / "mails").glob("*.txt"))[1]
    second.unlink()
    second.mkdir()
    ended = here.run("preview", *WINDOW, "--to-files", str(tmp_path / "mails"))
    assert ended.status == 3
    assert "until then: 1 mail written" in ended.err


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        ("cloudfoundry:hang", ["print"]),
        ("elasticache:hang", ["print", "--format", "json"]),
        ("elasticache:hang", ["preview", *WINDOW, "--org", "org-0", "--preview-email", "ada@example.org"]),
        ("accounts:hang", ["email", "--yes", *WINDOW]),
        ("elasticache:hang", ["email", "--yes", *WINDOW]),
        ("elasticache:hang", ["checklist", *WINDOW]),
        ("elasticache:hang", ["apply", "--yes", "--outside-window", "a test", *WINDOW]),
        (
            "elasticache:hang",
            ["defer", "add", "nobody", "--region", "Ireland", "--until", "2031-01-01", "--reason", "a test"],
        ),
        ("elasticache:hang", ["told", "org-0", "--how", "by telephone", *WINDOW]),
        ("elasticache:hang", ["doctor"]),
        ("notify:hang", ["doctor"]),
        ("notify:hang", ["status", *WINDOW]),
    ],
    ids=str,
)
def test_ctrl_c_ends_who_waits_for_an_answer_that_does_not_come(
    sandbox: Sandbox, notifier: Program, fault: str, line: list[str]
) -> None:
    """At once: what still asks is not waited for, which takes up to a minute."""
    told_four_of_whom_two_have_it(sandbox, notifier)
    with sandbox.faults.during(fault):
        before = len(sandbox.journal.entries())
        process = notifier.start(*line)
        wait_until(lambda: len(sandbox.journal.entries()) > before, lambda: "nobody was asked")
        time.sleep(1)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=90)
    assert process.returncode == 1, err
    assert "stopped" in err
    assert "Traceback" not in err
    assert time.monotonic() - began < 8

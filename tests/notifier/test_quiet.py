"""`--quiet`: who runs a command from a script reads results, and what is wrong; never how things go."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module

import click
import pytest

from fleet.errors import RemoteError
from fleet.program.quiet import progress_line, quiet
from notifier.__main__ import COMMANDS
from notifier.apply.result import Picture
from notifier.reports.apply_live import TroublePanel, panel_for
from notifier.reports.progress import progress
from sandbox.generate.updates import Backlog
from sandbox.server import Options, Sandbox
from tests.notifier.test_apply_golden import MAINTENANCE
from tests.notifier_here import Here
from tests.notifier_program import WINDOW

AT = datetime(2026, 6, 16, 9, tzinfo=UTC)


def leaves(command: click.Command) -> list[click.Command]:
    return list(command.commands.values()) if isinstance(command, click.Group) else [command]


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - {"completion"}))
def test_every_command_takes_it(name: str) -> None:
    """So that a script need not know which of them say how things go."""
    for command in leaves(import_module(f"notifier.commands.{name}").command):
        assert [option for option in command.params if {"-q", "--quiet"} <= set(option.opts)], command.name


def without_times(text: str) -> str:
    return re.sub(r"\d+(\.\d+)? (s|ms)\b|\d\d:\d\d(:\d\d)?", "", text)


def test_mails_are_sent_without_a_word_but_the_plan_and_the_result(sandbox: Sandbox, here: Here) -> None:
    """The plan is shown, because it has the warnings and is what one agrees to."""
    here.set(sandbox.environment)
    planned = here.run("email", "--dry-run", *WINDOW)
    sent = here.email("--quiet")
    assert "mails done" not in sent.err
    assert planned.err.startswith(sent.err)
    assert "sent" in sent.out
    assert len(sandbox.notify.mails) > 5


def test_the_doctor_says_what_it_found_and_not_what_it_looked_at(shared_sandbox: Sandbox, here: Here) -> None:
    here.set({**shared_sandbox.environment, "CF_CLIENT_SECRET": "wrong"})
    found = here.run("doctor", "-q")
    assert (found.status, found.err) == (1, "")
    assert "FAILED" in found.out


def test_a_window_is_carried_through_with_its_plan_and_its_report(here: Here) -> None:
    """What changes meanwhile is in the report."""
    with Sandbox(Options(instances=4, update_seconds=0.2, backlog=Backlog(share=1, each=1))) as sandbox:
        here.set({**sandbox.environment, "OPERATOR": "ada"})
        here.email("--quiet")
        now = ("--outside-window", "a test", "--poll-interval", "1", *WINDOW)
        planned = here.run("apply", "--dry-run", *now)
        carried = here.run("apply", "--yes", "--quiet", *now)
    assert "under way" not in carried.err
    assert without_times(carried.err) == without_times(planned.err)
    assert "complete" in carried.out


def test_that_aws_does_not_answer_is_said_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    with quiet(wanted=True):
        panel = panel_for(MAINTENANCE)
    assert isinstance(panel, TroublePanel)
    picture = Picture(at=AT, tasks=(), changes=(), halted_by=None, trouble=None)
    panel.take(picture)
    panel.take(replace(picture, trouble=RemoteError("elasticache", "DescribeUpdateActions", "HTTP 500")))
    assert capsys.readouterr().err.count("HTTP 500") == 1


def test_what_is_being_waited_for_is_said_only_aloud(capsys: pytest.CaptureFixture[str]) -> None:
    """By whichever thread, as the command's own asked for it."""
    with quiet(wanted=True):
        silent = progress_line()
        with progress(20) as advance:
            for _ in range(20):
                advance()
    loud = progress_line()
    silent("waiting for Notify")
    assert capsys.readouterr().err == ""
    loud("waiting for Notify")
    with progress(1) as advance:
        advance()
    assert capsys.readouterr().err == "waiting for Notify\n1 of 1 mails done\n"


def test_it_does_not_ask_for_more_as_well(here: Here) -> None:
    ended = here.run("print", *WINDOW, "--quiet", "--log-level", "debug")
    assert ended.status == 2
    assert "--quiet and --log-level debug contradict each other; leave one of them out" in ended.err

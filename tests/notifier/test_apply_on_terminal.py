"""`apply` at a terminal: what it shows there, and what becomes of Ctrl-C at each moment."""

import re
import shlex
import signal
from collections import Counter
from collections.abc import Iterator

import pytest

from sandbox.applying import APPLY
from sandbox.generate.updates import Backlog
from sandbox.server import Options, Sandbox
from tests.notifier.on_terminal import OnTerminal, on_terminal
from tests.notifier_program import WINDOW, Program, program
from tests.servers import wait_until

ARGUMENTS = ("apply", *WINDOW, "--outside-window", "it's urgent", "--poll-interval", "1")


@pytest.fixture
def slow_sandbox() -> Iterator[Sandbox]:
    with Sandbox(Options(instances=12, update_seconds=60, backlog=Backlog(share=1, each=1))) as running:
        yield running


@pytest.fixture
def process(slow_sandbox: Sandbox, sqlite_url: str) -> Program:
    """With everybody told."""
    running = program(slow_sandbox, sqlite_url, OPERATOR="ada")
    running.email()
    return running


@pytest.fixture
def terminal(process: Program) -> Iterator[OnTerminal]:
    """The plan is shown, and the canary is under way."""
    with on_terminal(process.environment, *ARGUMENTS) as shown:
        shown.until(r"Start \d+ updates\? \[y/N\]")
        shown.type("y\n")
        shown.until(r"1 under way.*?in-progress|1 under way.*?waiting-to-start")
        yield shown


def begun(sandbox: Sandbox) -> Counter[str]:
    return Counter(a.target_id for a in sandbox.applying.attempts if a.call == APPLY and a.refused is None)


def asked(shown: OnTerminal) -> int:
    shown.type("\x03")
    return shown.until(r"What now\?.*?\[m\]")


def test_the_plan_and_the_view_fit_into_eighty_columns(terminal: OnTerminal) -> None:
    """Names excepted, which are never cut."""
    plan = terminal.seen.partition("Left alone")[0].splitlines()
    assert "canary, alone" in terminal.seen
    assert re.search(r"wave 1: \d+ groups", terminal.seen)
    assert not [line for line in plan if len(line) > 80 and not line.startswith("         ")]
    assert re.search(r"\d/\d nodes  1 min of about ", terminal.seen)
    assert "0 of " in terminal.seen


def test_nothing_more_is_started_by_default_and_the_report_says_how_to_go_on(
    terminal: OnTerminal, slow_sandbox: Sandbox
) -> None:
    """The command is quoted for a shell, and has the flags that were given."""
    after = asked(terminal)
    terminal.type("\n")
    terminal.until("no more are started", after)
    slow_sandbox.clock.advance(600)
    status, out = terminal.ended()
    assert (status, len(begun(slow_sandbox))) == (1, 1)
    assert re.search(r"not reached \(\d+\)", out)
    [command] = re.findall(r"To go on:\n  (.+)\n", out)
    assert shlex.split(command) == ["elasticache-update-notifier", *ARGUMENTS]


def test_while_it_asks_it_follows_and_starts_nothing(terminal: OnTerminal, slow_sandbox: Sandbox) -> None:
    """Then it goes on, to the end."""
    asked(terminal)
    listings = len(slow_sandbox.journal.entries("elasticache"))
    slow_sandbox.clock.advance(600)
    while len(slow_sandbox.journal.entries("elasticache")) < listings + 3:
        terminal.process.poll()
        terminal._read()  # noqa: SLF001 — it must not be stopped by a terminal that nobody reads
    assert len(begun(slow_sandbox)) == 1
    slow_sandbox.applying.change(update_seconds=0.5)
    terminal.type("what?\n")
    after = terminal.until(r"What now\?.*?\[m\].*?What now\?.*?\[m\]")
    terminal.type("g\n")
    terminal.until(r"[1-9] of \d+ done", after)
    status, out = terminal.ended()
    assert len(begun(slow_sandbox)) > 3
    assert set(begun(slow_sandbox).values()) == {1}
    assert re.search(r"complete \(\d+\)", out)
    assert "not reached" not in out
    assert status == (1 if "not_told" in out else 0)


def test_what_runs_is_stopped_where_that_is_wished(terminal: OnTerminal, slow_sandbox: Sandbox) -> None:
    asked(terminal)
    terminal.type("s\n")
    terminal.until("stopping")
    slow_sandbox.clock.advance(600)
    status, out = terminal.ended()
    assert (status, "stopped (1)" in out) == (1, True)


@pytest.mark.parametrize("how", ["l\n", "\x03", "SIGTERM"])
def test_it_can_be_left_while_aws_goes_on(terminal: OnTerminal, how: str) -> None:
    """Also by a second Ctrl-C, and by SIGTERM, while it asks."""
    asked(terminal)
    if how == "SIGTERM":
        terminal.process.send_signal(signal.SIGTERM)
    else:
        terminal.type(how)
    status, out = terminal.ended()
    assert (status, "under way (1)" in out, "To go on:" in out) == (1, True, True)


def test_before_the_first_call_ctrl_c_ends_it_and_nothing_was_done(process: Program, slow_sandbox: Sandbox) -> None:
    with on_terminal(process.environment, *ARGUMENTS) as shown:
        shown.until(r"Start \d+ updates\? \[y/N\]")
        shown.type("\x03")
        assert shown.ended()[0] == 1
        assert "stopped before anything was done" in shown.seen
    assert not begun(slow_sandbox)


def test_a_no_is_a_no(process: Program, slow_sandbox: Sandbox) -> None:
    with on_terminal(process.environment, *ARGUMENTS) as shown:
        shown.until(r"\[y/N\]")
        shown.type("\n")
        assert shown.ended()[0] == 1
    assert not begun(slow_sandbox)


def test_a_terminal_that_is_closed_stops_nothing(process: Program, slow_sandbox: Sandbox) -> None:
    """A lost connection: the run goes on to its end."""
    with on_terminal(process.environment, *ARGUMENTS, "--yes") as shown:
        shown.until("1 under way")
        shown.process.send_signal(signal.SIGHUP)
        slow_sandbox.applying.change(update_seconds=0.5)
        slow_sandbox.clock.advance(600)
        assert "complete (" in shown.ended()[1]
    assert len(begun(slow_sandbox)) > 3


def test_while_it_is_still_looking_ctrl_c_ends_it(process: Program, slow_sandbox: Sandbox) -> None:
    """AWS is slow; there is no plan yet, and nothing to ask about."""
    before = len(slow_sandbox.journal.entries("elasticache"))
    slow_sandbox.faults.add("elasticache/DescribeUpdateActions:latency:8")
    with on_terminal(process.environment, *ARGUMENTS) as shown:
        wait_until(lambda: len(slow_sandbox.journal.entries("elasticache")) > before + 2, lambda: "nothing is asked")
        shown.type("\x03")
        assert shown.ended()[0] == 1
        assert "stopped before anything was done" in shown.seen
    assert not begun(slow_sandbox)

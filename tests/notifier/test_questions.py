"""What the commands ask before they act: a no is a no, and Ctrl-C ends it at whatever moment it is pressed."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import pytest

from sandbox.server import Sandbox
from tests.notifier.on_terminal import on_terminal
from tests.notifier_here import Here
from tests.notifier_program import WINDOW, Program

QUESTIONS = {
    "email": (("email", *WINDOW), r"Send \d+ mails\? \[y/N\]"),
    "cancel": (("cancel", *WINDOW), r"Cancel .* and send \d+ mails\? \[y/N\]"),
    "apply": (("apply", *WINDOW, "--outside-window", "it's urgent"), r"Start \d+ updates\? \[y/N\]"),
}


class Terminal:
    """stdin as a pseudo-terminal, which says when somebody begins to look whether anything was typed."""

    def __init__(self, stream: TextIO, keyboard: int) -> None:
        self._stream = stream
        self._keyboard = keyboard
        self.is_asking = threading.Event()

    def type(self, text: str) -> None:
        os.write(self._keyboard, text.encode())

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        self.is_asking.set()
        return self._stream.fileno()


@contextmanager
def at_terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    keyboard, descriptor = os.openpty()
    with open(descriptor) as stream:  # noqa: PTH123 — a descriptor has no path
        terminal = Terminal(stream, keyboard)
        monkeypatch.setattr(sys, "stdin", terminal)
        yield terminal
    os.close(keyboard)


def done(sandbox: Sandbox) -> tuple[int, int]:
    return len(sandbox.notify.mails), len(sandbox.applying.attempts)


@pytest.fixture(params=QUESTIONS)
def command(request: pytest.FixtureRequest, here: Here, sandbox: Sandbox) -> str:
    """Its name, with everything ready for it to ask its question."""
    here.set(sandbox.environment)
    if request.param != "email":
        here.email()
    return str(request.param)


def test_ctrl_c_is_heard_just_before_the_answer_is_read(
    command: str, here: Here, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A signal that arrives then does not interrupt the read. Neither does one that another thread gets, as here, so that
    a read which waits for a whole line would wait for ever.
    """
    before = done(sandbox)

    def interrupt(terminal: Terminal) -> None:
        if terminal.is_asking.wait(60):
            signal.pthread_kill(threading.get_ident(), signal.SIGINT)

    with at_terminal(monkeypatch) as terminal:
        pressing = threading.Thread(target=interrupt, args=(terminal,))
        pressing.start()
        ended = here.run(*QUESTIONS[command][0])
        pressing.join()
    assert (ended.status, done(sandbox)) == (1, before)
    assert ended.err.splitlines()[-1] == f"elasticache-update-notifier {command}: stopped before anything was done"


def test_only_a_yes_is_a_yes(command: str, here: Here, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """It asks again until it has understood, also where all was typed at once, before it asked."""
    before = done(sandbox)
    for typed in ("\n", "n\n", "No\n", "\x04"):
        with at_terminal(monkeypatch) as terminal:
            terminal.type(typed)
            ended = here.run(*QUESTIONS[command][0])
        assert (ended.status, done(sandbox)) == (1, before)
        assert ended.err.splitlines()[-1].endswith("stopped before anything was done")
    if command != "apply":
        with at_terminal(monkeypatch) as terminal:
            terminal.type("what?\nYES\n")
            ended = here.run(*QUESTIONS[command][0])
        assert ended.err.count("[y/N]:") == 2
        assert done(sandbox) > before


@pytest.mark.parametrize("command", ["email", "cancel"])
def test_ctrl_c_at_a_real_terminal_changes_nothing(command: str, notifier: Program, sandbox: Sandbox) -> None:
    """`apply` has its own test of that, and of every later moment."""
    if command != "email":
        notifier.email()
    before = done(sandbox)
    arguments, question = QUESTIONS[command]
    with on_terminal(notifier.environment, *arguments) as shown:
        shown.until(question)
        shown.type("\x03")
        assert shown.ended() == (1, "")
        assert shown.seen.rstrip().endswith("stopped before anything was done")
    assert done(sandbox) == before

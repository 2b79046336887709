"""Two operators with one ledger: whatever the one does while the other sends or is asked, nobody is told both."""

import os
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import TextIO

import pytest

from sandbox.server import Sandbox
from tests.notifier.test_moved_windows import LATER, MOVE, REPLACES, kinds
from tests.notifier.test_questions import Terminal
from tests.notifier_here import Here
from tests.notifier_program import WINDOW, WINDOW_DATE, Ended, Program, crowded, program, sends

THIRD = (
    *("--region", "Ireland"),
    *("--maintenance-window-date", (WINDOW_DATE + timedelta(days=7)).isoformat()),
    *("--maintenance-window-time-range", "1400-1600"),
)
MOVE_TO_THIRD = ("email", "--yes", *THIRD, *REPLACES)
CANCEL = ("cancel", "--yes", *WINDOW)
SEEDS = 2


class Thinking(Terminal):
    """The operator, who thinks so long that a colleague does something first."""

    def __init__(self, stream: TextIO, keyboard: int, meanwhile: Callable[[], object]) -> None:
        super().__init__(stream, keyboard)
        self._meanwhile = meanwhile

    def fileno(self) -> int:
        if not self.is_asking.is_set():
            self.is_asking.set()
            self._meanwhile()
            self.type("y\n")
        return super().fileno()


@dataclass(frozen=True)
class Asked:
    here: Here
    notifier: Program
    sandbox: Sandbox

    def run(self, asked: tuple[str, ...], colleague: tuple[str, ...]) -> Ended:
        """While the operator is asked, the colleague acts."""
        keyboard, descriptor = os.openpty()
        with open(descriptor) as stream:  # noqa: PTH123 — a descriptor has no path
            thinking = Thinking(stream, keyboard, lambda: self.notifier.run(*colleague))
            self.here.monkeypatch.setattr(sys, "stdin", thinking)
            try:
                return self.here.run(*asked)
            finally:
                os.close(keyboard)


@pytest.fixture
def told(sandbox: Sandbox, here: Here, notifier: Program) -> Asked:
    """Two of three orgs were told of the window."""
    sandbox.world.change(crowded(3, 3))
    here.set(sandbox.environment)
    assert here.run("email", "--yes", *WINDOW, "--only-org", "org-0000", "--only-org", "org-0001").status == 0
    return Asked(here, notifier, sandbox)


@pytest.mark.parametrize(
    ("asked", "colleague", "refused_with"),
    [
        (("email", *WINDOW), CANCEL, "was cancelled; choose another one"),
        (("email", *WINDOW), MOVE, "was moved: it takes place on"),
        (("email", *LATER, *REPLACES), MOVE_TO_THIRD, "that window was moved already, to"),
        (("email", *LATER, *REPLACES), CANCEL, "that window was cancelled"),
        (("cancel", *WINDOW), MOVE, "was moved: it takes place on"),
    ],
    ids=["email, cancelled", "email, moved", "move, moved elsewhere", "move, cancelled", "cancel, moved"],
)
def test_what_a_colleague_does_at_the_prompt_counts(
    told: Asked, asked: tuple[str, ...], colleague: tuple[str, ...], refused_with: str
) -> None:
    """The state is read again after `y`, and nothing is done, as exit status 2 promises."""
    ended = told.run(asked, colleague)
    assert ended.status == 2, ended.err
    assert refused_with in ended.err
    mails = told.sandbox.notify.mails
    assert len(mails) == 2 + (2 if colleague == CANCEL else 3)
    assert max(kinds(told.sandbox).values()) == 1


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_run_stops_where_a_colleague_cancels(seed: int, sandbox: Sandbox, ledger_url: str) -> None:
    """Whoever was told before hears that it is off, nobody hears of the window after that, and the run says so."""
    people = 40
    sandbox.world.change(crowded(people, 8))
    sandbox.faults.add("notify/v2/notifications/email:latency:0.05")
    notifier = program(sandbox, ledger_url)
    email = notifier.start("email", "--yes", *WINDOW)
    enough = Random(seed).randint(1, people // 2)
    while sends(sandbox) < enough and email.poll() is None:
        pass
    cancel = notifier.run(*CANCEL)
    _, err = email.communicate(timeout=60)
    again = cancel if cancel.status == 0 else notifier.run(*CANCEL)
    assert again.status == 0, (cancel.err, again.err)
    if email.returncode != 0:
        assert email.returncode == 3, err
        assert "was cancelled; choose another one" in err
        assert "run the same command again" not in err
    order = [
        ("cancelled" if "will not take place" in str(m.personalisation["contents"]) else "told", m.email_address)
        for m in sandbox.notify.mails
    ]
    assert max(Counter(order).values()) == 1
    assert {address for kind, address in order if kind == "told"} == {a for kind, a in order if kind == "cancelled"}
    assert notifier.run("email", "--yes", *WINDOW).status == 2
    assert len(sandbox.notify.mails) == len(order)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_two_who_move_a_window_to_two_others(seed: int, sandbox: Sandbox, ledger_url: str) -> None:
    """One of them wins; the other sends nothing."""
    sandbox.world.change(crowded(8, 4))
    notifier = program(sandbox, ledger_url)
    assert notifier.run("email", "--yes", *WINDOW).status == 0
    moves = [MOVE, MOVE_TO_THIRD] if seed % 2 else [MOVE_TO_THIRD, MOVE]
    begun = [notifier.start(*arguments) for arguments in moves]
    errors = [process.communicate(timeout=100)[1] for process in begun]
    assert sorted(process.returncode for process in begun) == [0, 2], errors
    assert Counter(kind for _, kind in kinds(sandbox).elements()) == {"announcement": 8, "moved": 8}
    assert max(kinds(sandbox).values()) == 1
    assert any("that window was moved already, to" in error for error in errors), errors

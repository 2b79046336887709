"""What the operator wishes while a window is applied: Ctrl-C asks at a terminal; elsewhere a signal means to leave."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

from notifier.apply.surroundings import Wish

_SLICE_SECONDS = 0.1
_QUESTION = """\
g: go on
m: start no more, and follow what is under way
s: also stop what is under way: nodes under way are finished; updated nodes stay updated; stopped groups still wait
l: leave; AWS goes on, and the same command follows it again
What now?"""
_ANSWERS = {"g": Wish.GO_ON, "m": Wish.START_NO_MORE, "s": Wish.STOP, "l": Wish.LEAVE}


class Wishes:
    def __init__(self, wish: Wish = Wish.GO_ON) -> None:
        self._wish = wish
        self._is_asked = False

    def now(self) -> Wish:
        return self._wish

    def pause(self, seconds: float) -> None:
        """Until so many seconds are over, or something else is wished."""
        before = self._wish
        ends_at = time.monotonic() + seconds
        while self._wish is before:
            if self._is_asked:
                self._ask()
            left = ends_at - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, _SLICE_SECONDS))

    @contextmanager
    def heard(self) -> Iterator[None]:
        """SIGINT and SIGTERM as wishes, until the context ends."""
        before = {number: signal.signal(number, self._hear) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _hear(self, number: int, _: FrameType | None) -> None:
        if number == signal.SIGINT and sys.stdin.isatty() and not self._is_asked:
            self._is_asked = True
        else:
            self._wish = Wish.LEAVE

    def _ask(self) -> None:
        try:
            answer = click.prompt(_QUESTION, type=click.Choice(list(_ANSWERS)), default="m", err=True)
        except click.Abort:
            answer = "l"
        self._is_asked = False
        self._wish = _ANSWERS[answer]

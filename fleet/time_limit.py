"""The time that a survey has, which everything that it asks for at the same time shares."""

import time
from collections.abc import Callable

from fleet.errors import RemoteError
from fleet.patience import patience


class TimeLimit:
    """Begins when it is made, and again with each `begin`. Threads may share it."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """`now` is a clock that nobody sets."""
        self._now = now
        self.begin()

    def begin(self) -> None:
        self._seconds = patience().survey_seconds
        self._ends_at = self._now() + self._seconds

    @property
    def seconds_left(self) -> float:
        return self._ends_at - self._now()

    def refuse_if_over(self, system: str, call: str) -> None:
        """Raises RemoteError, to be called before each request."""
        if self.seconds_left <= 0:
            raise RemoteError(system, call, f"not asked: the survey was not complete after {self._seconds:.0f} s")

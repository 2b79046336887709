"""The platform's present: one `Truth` that changes replace, at once or when their time has come. Thread-safe."""

import heapq
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import count
from typing import TypeVar

from sandbox.truth import Truth

Change = Callable[[Truth], Truth]
Thing = TypeVar("Thing")


class UnknownError(LookupError):
    """There is no such thing on the platform."""


class World:
    """`clock` answers seconds since the epoch."""

    def __init__(self, truth: Truth, clock: Callable[[], float]) -> None:
        self.lock = threading.RLock()
        self._truth = truth
        self._clock = clock
        self._planned: list[tuple[float, int, Change]] = []
        self._order = count()
        self._moment: float | None = None

    @property
    def truth(self) -> Truth:
        """A change that was planned happens at its own moment, however late somebody looks."""
        with self.lock:
            while self._planned and self._planned[0][0] <= self._clock():
                self._moment, _, change = heapq.heappop(self._planned)
                try:
                    self._truth = change(self._truth)
                finally:
                    self._moment = None
            return self._truth

    def change(self, change: Change) -> None:
        with self.lock:
            self._truth = change(self.truth)

    def change_later(self, seconds: float, change: Change) -> None:
        """A planned change may plan further ones: its seconds count from its own moment."""
        with self.lock:
            heapq.heappush(self._planned, (self._seconds() + seconds, next(self._order), change))

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._seconds(), UTC)

    def _seconds(self) -> float:
        with self.lock:
            return self._clock() if self._moment is None else self._moment


def known(things: Mapping[str, Thing], key: str, kind: str) -> Thing:
    if key not in things:
        raise UnknownError(f"no {kind} '{key}'")
    return things[key]

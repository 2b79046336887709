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

    @property
    def truth(self) -> Truth:
        with self.lock:
            while self._planned and self._planned[0][0] <= self._clock():
                self._truth = heapq.heappop(self._planned)[2](self._truth)
            return self._truth

    def change(self, change: Change) -> None:
        with self.lock:
            self._truth = change(self.truth)

    def change_later(self, seconds: float, change: Change) -> None:
        with self.lock:
            heapq.heappush(self._planned, (self._clock() + seconds, next(self._order), change))

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def known(things: Mapping[str, Thing], key: str, kind: str) -> Thing:
    if key not in things:
        raise UnknownError(f"no {kind} '{key}'")
    return things[key]

"""
Calls a function when a time is over, unless it is called off before, as threading.Timer does, with one thread for all.

A timer for each request would start a thread for each, which takes longer than everything else that we do for one.
"""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)


class Alarms:
    """Any thread may set one. What rings has to be quick, because the others wait for it."""

    def __init__(self) -> None:
        self._set: list[tuple[float, int, _Alarm]] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._watcher: threading.Thread | None = None

    @contextmanager
    def after(self, seconds: float, ring: Callable[[], None]) -> Iterator[None]:
        """Rings if the block takes longer than that. Raises RuntimeError if no thread can be started."""
        alarm = _Alarm(ring)
        with self._changed:
            if self._watcher is None or not self._watcher.is_alive():  # as in the child of a fork
                self._watcher = threading.Thread(target=self._watch, name="alarms", daemon=True)
                self._watcher.start()
            entry = (time.monotonic() + seconds, next(self._numbers), alarm)
            heapq.heappush(self._set, entry)
            if self._set[0] is entry:
                self._changed.notify()
        try:
            yield
        finally:
            alarm.call_off()

    def _watch(self) -> None:
        while True:
            self._next().ring()

    def _next(self) -> "_Alarm":
        """Waits for the next one whose time is over. One that was called off comes at its time too, but is mute."""
        with self._changed:
            while not self._set or self._set[0][0] > time.monotonic():
                self._changed.wait(self._set[0][0] - time.monotonic() if self._set else None)
            return heapq.heappop(self._set)[2]


class _Alarm:
    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring: Callable[[], None] | None = ring

    def call_off(self) -> None:
        self._ring = None

    def ring(self) -> None:
        if (ring := self._ring) is not None:
            try:
                ring()
            except Exception:  # a bug of ours, which must not keep the others from ringing
                log.exception("an alarm failed")


ALARMS = Alarms()

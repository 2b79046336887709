"""The platform's time: that of the machine, until it is advanced or made to run faster."""

import threading
from collections.abc import Callable
from email.utils import formatdate


class Clock:
    """
    `machine` answers seconds since the epoch; `now` is never earlier than it was before. The systems' header `Date`
    goes by the machine, and is `date_skew_seconds` ahead of it.
    """

    def __init__(self, machine: Callable[[], float], speed: float = 1.0) -> None:
        self.date_skew_seconds = 0.0
        self._machine = machine
        self._lock = threading.Lock()
        self._speed = speed
        self._since = self._at_since = machine()

    @property
    def speed(self) -> float:
        return self._speed

    def date(self) -> str:
        return formatdate(self._machine() + self.date_skew_seconds, usegmt=True)

    def now(self) -> float:
        with self._lock:
            return self._now()

    def advance(self, seconds: float) -> float:
        """What would have happened in these seconds has happened at once. Answers the new time."""
        if seconds < 0:
            raise ValueError(f"time cannot go back by {-seconds} seconds")
        with self._lock:
            self._at_since, self._since = self._now() + seconds, self._machine()
            return self._at_since

    def run_at(self, speed: float) -> None:
        """So many seconds of the platform's in each of the machine's; 0 stops its time."""
        if speed < 0:
            raise ValueError(f"time cannot run backwards at speed {speed}")
        with self._lock:
            self._at_since, self._since = self._now(), self._machine()
            self._speed = speed

    def _now(self) -> float:
        return self._at_since + (self._machine() - self._since) * self._speed

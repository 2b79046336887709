"""Whether Notify answers at all: a fault now and then is lived with, silence ends the run."""

import threading
import time
from collections.abc import Callable

from fleet.errors import RemoteError
from notifier.notify_answers import SEND, SYSTEM

_FEWEST_FAILURES = 6
_LONGEST_SILENCE_SECONDS = 10.0


class Health:
    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failures = 0
        self._failing_since = 0.0
        self._lock = threading.Lock()

    def answered(self) -> None:
        with self._lock:
            self._failures = 0

    def failed(self, cause: str) -> None:
        """Raises RemoteError once Notify has not given one clear answer for a while."""
        with self._lock:
            if not self._failures:
                self._failing_since = self._now()
            self._failures += 1
            silence_seconds = self._now() - self._failing_since
            is_silent = self._failures >= _FEWEST_FAILURES and silence_seconds >= _LONGEST_SILENCE_SECONDS
        if is_silent:
            raise RemoteError(SYSTEM, SEND, f"no clear answer for {silence_seconds:.0f} s: {cause}")

"""Keeps the mails below GOV.UK Notify's rate limit, and stops a run to which Notify no longer answers."""

import threading
import time
from collections.abc import Callable

from fleet.errors import RemoteError
from fleet.patience import patience
from notifier.mail.notify_answers import SEND, SYSTEM
from notifier.mail.pace import NOTIFY_PER_MINUTE

_LONGEST_PAUSE_SECONDS = 30.0
_MARGIN = 0.9
_FEWEST_FAILURES = 6


class RateLimiter:
    """
    A token bucket like Notify's own: first a burst of a third of a minute's mails, at most 1,000, then an even stream.

    Stays a margin below the limit, because Notify's clock is not ours. All workers share it.
    """

    def __init__(
        self,
        per_minute: int = NOTIFY_PER_MINUTE,
        now: Callable[[], float] = time.monotonic,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`say` is told of each pause that Notify asks for."""
        self._say = say
        self._slow_since: float | None = None
        self._per_second = per_minute / 60 * _MARGIN
        self._burst = max(1.0, min(per_minute / 3, 1000) * _MARGIN)
        self._tokens = self._burst
        self._now = now
        self._filled_at = now()
        self._paused_until = 0.0
        self._pause_seconds = 1.0
        self._lock = threading.Lock()

    def seconds_to_wait(self) -> float:
        """0 means that the caller may send one mail now; otherwise ask again after so many seconds."""
        with self._lock:
            now = self._now()
            if now < self._paused_until:
                return self._paused_until - now
            self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._per_second)
            self._filled_at = now
            if self._tokens < 1:
                return (1 - self._tokens) / self._per_second
            self._tokens -= 1
            return 0.0

    def slow_down(self) -> None:
        """
        Notify refused one for coming too fast: nobody sends for a while, a longer one each time in a row.

        Raises RemoteError once no mail was accepted for ten minutes.
        """
        with self._lock:
            now = self._now()
            if now < self._paused_until:
                return  # a colleague who sent at the same moment was told the same
            self._slow_since = now if self._slow_since is None else self._slow_since
            if now - self._slow_since >= patience().notify_slowness_seconds:
                raise RemoteError(SYSTEM, SEND, f"refused mails as too fast for {now - self._slow_since:.0f} s")
            self._say(f"Notify wants mails to come slower: nobody sends for {self._pause_seconds:.0f} s")
            self._paused_until = now + self._pause_seconds * patience().pause_factor
            self._pause_seconds = min(self._pause_seconds * 2, _LONGEST_PAUSE_SECONDS)
            self._tokens = 0.0
            self._filled_at = self._paused_until

    def went_well(self) -> None:
        with self._lock:
            self._pause_seconds = 1.0
            self._slow_since = None


class CircuitBreaker:
    """Tolerates faults now and then, and ends the run once Notify has given no clear answer for a while."""

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
            is_silent = self._failures >= _FEWEST_FAILURES and silence_seconds >= patience().notify_silence_seconds
        if is_silent:
            raise RemoteError(SYSTEM, SEND, f"no clear answer for {silence_seconds:.0f} s: {cause}")

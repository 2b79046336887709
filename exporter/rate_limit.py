"""The web configuration's `rate_limit`: a bucket that holds `burst` requests and gains one with every interval."""

import math
import re
import time
from collections.abc import Callable

_UNIT_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)"


class RateLimit:
    def __init__(self, interval_seconds: float, burst: int, now: Callable[[], float] = time.monotonic) -> None:
        self._interval_seconds = interval_seconds
        self._burst = burst
        self._now = now
        self._held = float(burst)
        self._seen = now()

    def allows(self) -> bool:
        """True if a request is allowed now; it then counts."""
        now = self._now()
        self._held = min(float(self._burst), self._held + (now - self._seen) / self._interval_seconds)
        self._seen = now
        if self._held < 1:
            return False
        self._held -= 1
        return True

    @property
    def retry_after_seconds(self) -> int:
        return math.ceil(min(self._interval_seconds, 3600))


def duration_seconds(text: str) -> float:
    """Reads a duration in Go's notation, in which a number alone means nanoseconds. Raises ValueError."""
    if re.fullmatch(r"\d{1,18}", text):
        return int(text) * _UNIT_SECONDS["ns"]
    if len(text) > 40 or not re.fullmatch(f"({_PART})+", text):  # noqa: PLR2004 — longer than any sensible duration
        raise ValueError(f"rate_limit: interval '{text}' is not a duration; write it as 1s or 1m30s")
    return sum(float(number) * _UNIT_SECONDS[unit] for number, unit in re.findall(_PART, text))

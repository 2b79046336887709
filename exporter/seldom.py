"""Logs events that others can cause as often as they like at most once a minute, with their number."""

import logging
import time
from collections.abc import Callable

_EVERY_SECONDS = 60


class Seldom:
    """Logs the first event at once. Only one thread may use it."""

    def __init__(self, log: logging.Logger, event: str, now: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._event = event
        self._now = now
        self._silent_until = 0.0
        self._count = 0

    def warn(self, **fields: object) -> None:
        """Counts the event. `fields` are logged only if this event is the one that is logged."""
        self._count += 1
        if self._now() >= self._silent_until:
            self._log.warning(self._event, extra={"count": self._count, **fields})
            self._silent_until = self._now() + _EVERY_SECONDS
            self._count = 0

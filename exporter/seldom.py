"""Events that others can cause as often as they like, such as connections: a line a minute says how many there were."""

import logging
import time
from collections.abc import Callable

_EVERY_SECONDS = 60


class Seldom:
    """The first one is logged at once. Not for two threads."""

    def __init__(self, log: logging.Logger, event: str, now: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._event = event
        self._now = now
        self._silent_until = 0.0
        self._count = 0

    def warn(self, **fields: object) -> None:
        """The fields are those of the event that happens to be logged."""
        self._count += 1
        if self._now() >= self._silent_until:
            self._log.warning(self._event, extra={"count": self._count, **fields})
            self._silent_until = self._now() + _EVERY_SECONDS
            self._count = 0

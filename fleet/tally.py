"""Counts the requests to each remote system, and how many of them failed."""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping

SYSTEMS = ("elasticache", "cloudfoundry", "uaa")


class Tally:
    """Counts every attempt, also retries. Threads may share it. Never reset, like Prometheus's counters."""

    def __init__(self, systems: Iterable[str] = SYSTEMS) -> None:
        """Counts from 0 for each of these systems; for any other, from its first request."""
        self._lock = threading.Lock()
        self._requests: Counter[str] = Counter(dict.fromkeys(systems, 0))
        self._failures: Counter[str] = Counter(dict.fromkeys(systems, 0))

    def count_request(self, system: str) -> None:
        with self._lock:
            self._requests[system] += 1

    def count_failure(self, system: str) -> None:
        with self._lock:
            self._failures[system] += 1

    @property
    def requests(self) -> Mapping[str, int]:
        with self._lock:
            return dict(self._requests)

    @property
    def failures(self) -> Mapping[str, int]:
        with self._lock:
            return dict(self._failures)

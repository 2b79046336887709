"""Which requests arrived, and what became of each. Safe to read from any thread."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sandbox.wire import Request

MOST_ENTRIES = 100_000
WITH_BODIES = frozenset({"elasticache", "statuspage"})
"""Systems of which the bodies of requests are kept: no secret is in them."""


@dataclass
class Entry:
    """
    One request. `authorization` is only the scheme, `connection` tells requests on one connection from others, `body`
    is kept where no secret can be in it. `status` and `seconds` are None until it is answered, and `status` stays None
    where it never was.
    """

    system: str
    call: str
    method: str
    path: str
    query: str
    authorization: str | None
    connection: str
    body: str | None = None
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    fault: str | None = None
    status: int | None = None
    seconds: float | None = None


class Journal:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[Entry] = []
        self._forgotten = 0

    def arrived(self, system: str, call: str, request: Request, connection: str) -> Entry:
        scheme = request.headers.get("authorization", "").partition(" ")[0] or None
        body = request.body.decode("utf-8", "replace") if system in WITH_BODIES else None
        entry = Entry(system, call, request.method, request.path, request.query, scheme, connection, body)
        with self._lock:
            self._entries.append(entry)
            if len(self._entries) > MOST_ENTRIES:
                del self._entries[0]
                self._forgotten += 1
        return entry

    def entries(self, system: str | None = None) -> list[Entry]:
        with self._lock:
            return [entry for entry in self._entries if system in {None, entry.system}]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self._forgotten = 0

    def by_system(self) -> Counter[str]:
        return Counter(entry.system for entry in self.entries())

    def by_call(self) -> Counter[tuple[str, str]]:
        """Counted by system and call, like ('elasticache', 'DescribeUpdateActions')."""
        return Counter((entry.system, entry.call) for entry in self.entries())

    def connections(self) -> Counter[str]:
        """How many connections each system has seen requests on."""
        return Counter(system for system, _ in {(entry.system, entry.connection) for entry in self.entries()})

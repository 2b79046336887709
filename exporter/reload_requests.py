"""Answers `POST /-/reload`: does what SIGHUP does, and says whether it could."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future

from exporter.messages import Answer, retry_after, text_answer
from exporter.rate_limit import RateLimit

INTERVAL_SECONDS = 10
"""Reading may run the commands that print secrets, so nobody can have that done more often."""
_PATIENCE_SECONDS = 20
"""Less than an answer may take in all."""


class ReloadRequests:
    def __init__(self, reload: Callable[[], Future[bool]] | None) -> None:
        """`reload` says later whether all of it could be used; None where there is nothing to read again."""
        self._reload = reload
        self._limit = RateLimit(INTERVAL_SECONDS, 1)

    async def answer(self) -> Answer:
        if self._reload is None:
            return text_answer(404, "Not Found")
        if not self._limit.allows():
            return text_answer(429, "Too Many Requests", retry_after(self._limit.retry_after_seconds))
        reading = asyncio.wrap_future(self._reload())
        await asyncio.wait({reading}, timeout=_PATIENCE_SECONDS)
        if not reading.done():
            return text_answer(202, "still being read; the log will say how it went")
        if reading.result():
            return text_answer(200, "read again")
        return text_answer(500, "something could not be used, and what it replaces stays in use; the log says what")

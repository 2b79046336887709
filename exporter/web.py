"""Answers HTTP requests. Never asks a remote system: every answer comes from the latest surveys."""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from exporter.basic_auth import TooManyGuessesError
from exporter.messages import Answer, Request, retry_after, text_answer
from exporter.page.answers import PATHS, PageAnswers
from exporter.paths import HEALTHY_PATH, METRICS_PATH, READY_PATH, RELOAD_PATH
from exporter.publication import Publication
from exporter.reload_requests import ReloadRequests
from exporter.seldom import Seldom
from exporter.unforeseen import cause_of
from exporter.web_access import WebAccess

log = logging.getLogger(__name__)

_OPEN_PATHS = frozenset({HEALTHY_PATH, READY_PATH})
"""They need no password, because platforms' health checks send none, and they only say yes or no."""
_METHODS = ("GET", "HEAD")
_RELOAD_METHODS = ("POST", "PUT")
_SWITCH_SECONDS = 0.0005
"""How long a page that is being made may keep a scrape waiting each time that it wants to go on; Python has 5 ms."""


class WebApplication:
    """Calling it with a request returns the answer."""

    def __init__(
        self,
        publication: Publication,
        access: WebAccess,
        reload: Callable[[], Future[bool]] | None = None,
        telemetry_path: str = METRICS_PATH,
    ) -> None:
        """`reload` has everything read again, and says whether all of it could be used; None if nothing can be."""
        sys.setswitchinterval(_SWITCH_SECONDS)
        self._publication = publication
        self._access = access
        self._reload_requests = ReloadRequests(reload)
        self._page = PageAnswers(publication)
        self._page_maker = ThreadPoolExecutor(1, thread_name_prefix="page")
        self._failed = Seldom(log, "request failed")
        self._routes: Mapping[str, Callable[[Request], Awaitable[Answer]]] = {
            **{path: partial(self._backlog, path) for path in PATHS},
            telemetry_path: self._metrics,
            HEALTHY_PATH: self._healthy,
            READY_PATH: self._ready,
            RELOAD_PATH: self._reload,
        }

    async def __call__(self, request: Request) -> Answer:
        path = request.path.rstrip("/") or "/"
        try:
            refusal = None if path in _OPEN_PATHS else await self._refusal(request)
            return refusal or await self._answer(path, request)
        except Exception as error:  # the next request may well succeed
            self._failed.warn(path=path[:80], cause=cause_of(error))
            log.debug("request failed", exc_info=error)
            return text_answer(500, "Internal Server Error")

    async def _refusal(self, request: Request) -> Answer | None:
        limit = self._access.rate_limit
        if limit is not None and not limit.allows():
            return text_answer(429, "Too Many Requests", retry_after(limit.retry_after_seconds))
        auth = self._access.basic_auth
        if not auth.is_required:
            return None
        try:
            is_admitted = await auth.admits(request.headers.get("authorization"), request.client)
        except TooManyGuessesError:
            return text_answer(429, "Too many passwords wait to be checked", retry_after(1))
        return None if is_admitted else text_answer(401, "Unauthorized", (("WWW-Authenticate", "Basic"),))

    async def _answer(self, path: str, request: Request) -> Answer:
        route = self._routes.get(path)
        if route is None:
            return text_answer(404, "Not Found")
        methods = _RELOAD_METHODS if path == RELOAD_PATH else _METHODS
        if request.method not in methods:
            return text_answer(405, "Method Not Allowed", (("Allow", ", ".join(methods)),))
        return await route(request)

    async def _metrics(self, request: Request) -> Answer:
        body = self._publication.latest.exposition.body(
            request.headers.get("accept", ""), request.headers.get("accept-encoding", "")
        )
        return Answer(200, body.headers, body.length, body.pieces)

    async def _backlog(self, path: str, request: Request) -> Answer:
        # In a thread, so that it delays no scrape.
        return await asyncio.get_running_loop().run_in_executor(self._page_maker, self._page.answer, path, request)

    async def _healthy(self, _: Request) -> Answer:
        return text_answer(200, "OK")

    async def _ready(self, _: Request) -> Answer:
        return text_answer(200, "OK") if self._publication.latest.is_ready else text_answer(503, "not ready")

    async def _reload(self, _: Request) -> Answer:
        return await self._reload_requests.answer()

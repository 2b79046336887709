"""What the exporter answers over HTTP. Nothing here asks a remote system: every answer is made from what is known."""

from collections.abc import Awaitable, Callable

from anyio import to_thread
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from exporter.page import SECURITY_HEADERS, backlog_page
from exporter.publication import Publication
from exporter.web_access import WebAccess

_PIECE_BYTES = 1024 * 1024

HEALTHY_PATH = "/-/healthy"
READY_PATH = "/-/ready"
_OPEN_PATHS = frozenset({HEALTHY_PATH, READY_PATH})
"""A platform's health check carries no credentials; so these say nothing but yes or no."""


def web_application(publication: Publication, access: WebAccess) -> ASGIApp:
    async def metrics(request: Request) -> Response:
        body, headers = publication.latest.exposition.negotiate(
            request.headers.get("Accept", ""), request.headers.get("Accept-Encoding", "")
        )
        return _InPieces(body, headers=headers)

    def backlog(_: Request) -> Response:
        # Not a coroutine, so it is rendered in a worker thread and holds up no scrape.
        return HTMLResponse(backlog_page(publication), headers=SECURITY_HEADERS)

    async def healthy(_: Request) -> Response:
        return PlainTextResponse("OK\n")

    async def ready(_: Request) -> Response:
        return PlainTextResponse("OK\n") if publication.latest.is_ready else PlainTextResponse("not ready\n", 503)

    return Starlette(
        routes=[
            _get("/", backlog),
            _get("/metrics", metrics),
            _get(HEALTHY_PATH, healthy),
            _get(READY_PATH, ready),
        ],
        middleware=[Middleware(_Guard, access=access)],
    )


def _get(path: str, endpoint: Callable[[Request], Awaitable[Response] | Response]) -> Route:
    return Route(path, endpoint, methods=["GET", "HEAD"])


class _InPieces(Response):
    """Sends a large body piece by piece as the connection takes it, instead of copying the whole of it for each."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 — ASGI's signature
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        body = memoryview(self.body)
        for start in range(0, max(1, len(body)), _PIECE_BYTES):
            piece = body[start : start + _PIECE_BYTES]
            await send({"type": "http.response.body", "body": piece, "more_body": start + _PIECE_BYTES < len(body)})


class _Guard:
    """Asks for a password where one is configured, and adds the configured headers to every answer."""

    def __init__(self, app: ASGIApp, access: WebAccess) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        auth = self._access.basic_auth
        if auth.is_required and scope["path"] not in _OPEN_PATHS:
            authorization = HTTPConnection(scope).headers.get("Authorization")
            if not await to_thread.run_sync(auth.admits, authorization):
                refusal = PlainTextResponse(
                    "Unauthorized\n", 401, {"WWW-Authenticate": "Basic", **self._access.headers}
                )
                await refusal(scope, receive, send)
                return
        headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in self._access.headers.items()]

        async def send_with_headers(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                configured = {name for name, _ in headers}
                given = message.get("headers", [])
                assert isinstance(given, list)  # noqa: S101 — ASGI says so
                message["headers"] = [pair for pair in given if pair[0] not in configured] + headers
            await send(message)

        await self._app(scope, receive, send_with_headers if headers else send)  # type: ignore[arg-type] # a dict is a Message

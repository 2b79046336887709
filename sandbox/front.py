"""The door: every request that arrives is written down, meets its fault, and is answered by its system."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox.cf import lies
from sandbox.clock import Clock
from sandbox.control.api import Control
from sandbox.faults import CLOUD_FOUNDRY_LIES, Fault, Faults
from sandbox.journal import Journal
from sandbox.wire import Reply, Request

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
log = logging.getLogger(__name__)

UNHEARD = frozenset({"hang", "down"})
HANGING = frozenset({"hang", "accepted-then-hang"})
FIRST_REFUSAL = 400
TEXT = "text/plain; charset=utf-8"
HTML = b"<!DOCTYPE html><title>Sorry</title><h1>We are down for maintenance</h1><p>Please try again later.</p>"


class System(Protocol):
    """A remote system: what it answers, and how it words its own refusals."""

    name: str

    def call(self, request: Request) -> str: ...
    def answer(self, request: Request) -> Reply: ...
    def throttled(self, retry_after: str) -> Reply: ...
    def failed(self, status: int) -> Reply: ...
    def unauthorized(self) -> Reply: ...


class DroppingProtocol(H11Protocol):
    """Hands each request its transport, because a fault may have to close the connection mid-answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        app = self.app

        async def with_transport(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 — ASGI's three
            await app({**scope, "transport": transport}, receive, send)

        self.app = with_transport


@dataclass(frozen=True)
class Front:
    """An ASGI application for all ports at once: the port that a request came to says which system it is for."""

    systems: Mapping[int, System]
    control: Control
    clock: Clock
    faults: Faults
    journal: Journal
    foreign_origin: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = await _received(scope, receive)
        system = self.systems.get(scope["server"][1])
        if system is None:
            await self._send(send, _answered(self.control, request) or Reply(500, TEXT, b""))
            return
        started = time.perf_counter()
        entry = self.journal.arrived(system.name, system.call(request), request, "{}:{}".format(*scope["client"]))

        wait_seconds, fault = self.faults.strike(system.name, entry.call, request.method)
        if wait_seconds:
            await asyncio.sleep(wait_seconds)
        entry.fault = fault.kind if fault else None
        reply = None if entry.fault in UNHEARD else self._reply(system, request, fault)
        is_broken_off = entry.fault == "half" or (entry.fault == "accepted-then-half" and _is_success(reply))
        if reply:
            entry.status = reply.status
            await self._send(send, reply, is_whole=not is_broken_off)
        if is_broken_off or (reply is None and entry.fault not in HANGING):
            scope["transport"].close()
        if reply is None:
            await _disconnected(receive)
        entry.seconds = time.perf_counter() - started

    async def _send(self, send: Send, reply: Reply, *, is_whole: bool = True) -> None:
        length = str(len(reply.body))
        headers = {
            "Date": self.clock.date(),
            "Content-Type": reply.content_type,
            "Content-Length": length,
            **reply.headers,
        }
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        body = reply.body if is_whole else reply.body[: len(reply.body) // 2]
        await send({"type": "http.response.start", "status": reply.status, "headers": encoded})
        await send({"type": "http.response.body", "body": body, "more_body": not is_whole})

    def _reply(self, system: System, request: Request, fault: Fault | None) -> Reply | None:
        """None where it is carried out but never answered."""
        instead = _instead(system, fault) if fault else None
        if instead:
            return instead
        reply = _answered(system, request) or system.failed(500)
        match fault:
            case Fault(kind="accepted-then-dropped" | "accepted-then-hang") if _is_success(reply):
                return None
            case Fault(kind="accepted-then-status") if _is_success(reply):
                return system.failed(fault.status or 500)
            case Fault(kind="garbled"):
                return replace(reply, body=reply.body[: len(reply.body) // 2])
            case Fault(kind=kind) if kind in CLOUD_FOUNDRY_LIES and system.name == "cloudfoundry":
                return replace(reply, body=lies.told(kind, reply, request, self.foreign_origin))
        return reply


def _is_success(reply: Reply | None) -> bool:
    return reply is not None and reply.status < FIRST_REFUSAL


def _answered(system: System | Control, request: Request) -> Reply | None:
    """None where the sandbox itself is broken, of which its log tells."""
    try:
        return system.answer(request)
    except Exception:
        log.exception("the sandbox could not answer %s %s", request.method, request.url)
        return None


def _instead(system: System, fault: Fault) -> Reply | None:
    """What is answered without asking the system, or None where its own answer is needed."""
    match fault:
        case Fault(kind="throttle"):
            return system.throttled("1" if fault.retry_after is None else fault.retry_after)
        case Fault(kind="status"):
            reply = system.failed(fault.status or 500)
            more = {"Retry-After": fault.retry_after} if fault.retry_after else {}
            return replace(reply, headers={**reply.headers, **more})
        case Fault(kind="expired"):
            return system.unauthorized()
        case Fault(kind="html"):
            return Reply(fault.status or 200, "text/html; charset=utf-8", HTML)
        case Fault(kind="empty"):
            return Reply(200, "application/octet-stream", b"")
    return None


async def _received(scope: Scope, receive: Receive) -> Request:
    body = b""
    is_complete = False
    while not is_complete:
        message = await receive()
        body += message.get("body", b"")
        is_complete = not message.get("more_body", False)
    host, port = scope["server"]
    return Request(
        method=scope["method"],
        origin=f"http://{host}:{port}",
        raw_path=scope["raw_path"].decode(),
        query=scope["query_string"].decode(),
        headers={name.decode(): value.decode("latin-1") for name, value in scope["headers"]},
        body=body,
    )


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

"""
Talks to one client over its connection: requests and answers in turn, each with a deadline.

h11 knows HTTP; this module knows how long to wait. The head of a request may take ten seconds from its first byte, and
the client may take half a minute to receive an answer.
"""

import asyncio
import fcntl
import http
import ipaddress
import socket
import struct
import termios
import time
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import unquote, urlsplit

import h11

from exporter.messages import Answer, Request, text_answer

HEAD_SECONDS = 10
ANSWER_SECONDS = 30
KEEP_ALIVE_SECONDS = 75
"""Longer than most scrape intervals, so that connections are reused."""
HEAD_BYTES = 16 * 1024
PIECE_BYTES = 64 * 1024

_ALWAYS = (("X-Content-Type-Options", "nosniff"),)
_BITS_OF_A_NETWORK = 64
"""Of IPv6's: the smallest network that anybody is given, with all of its addresses."""
_LOOK_AGAIN_SECONDS = 0.05

Respond = Callable[[Request], Awaitable[Answer]]


class Conversation:
    """A conversation with one client, until either side ends it."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        respond: Respond,
        configured_headers: Callable[[], Mapping[str, str]],
    ) -> None:
        """`configured_headers` go into every answer, and replace this server's own headers of the same name."""
        self._reader = reader
        self._writer = writer
        self._respond = respond
        self._configured_headers = configured_headers
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_BYTES)
        self.is_answering = False
        self.since = time.monotonic()
        """The time since which it has been answering, or waiting for a request."""

    async def run(self) -> None:
        """Raises TimeoutError or OSError if the client was too slow or went away in the middle."""
        patience_seconds = HEAD_SECONDS
        while await self._exchange(patience_seconds):
            patience_seconds = KEEP_ALIVE_SECONDS

    async def taken(self, connection: socket.socket) -> None:
        """
        Waits until the client's kernel has received everything.

        If the connection were closed earlier, data left in our kernel would not count towards any limit.
        """
        async with asyncio.timeout(ANSWER_SECONDS):
            transport = self._writer.transport
            while not transport.is_closing() and (transport.get_write_buffer_size() or _unsent_bytes(connection)):  # noqa: ASYNC110 — the kernel has no event for it
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def _exchange(self, patience_seconds: float) -> bool:
        """Answers one request; True if another may follow."""
        try:
            request = await self._request(patience_seconds)
            # We have no use for a body. If a request announces one, the connection ends after the answer.
            is_last = request is None or not isinstance(self._http.next_event(), h11.EndOfMessage)
        except h11.RemoteProtocolError as error:
            status = error.error_status_hint
            await self._answer(text_answer(status, http.HTTPStatus(status).phrase), is_last=True)
            return False
        if request is None:
            return False
        self._turn(is_answering=True)
        async with asyncio.timeout(ANSWER_SECONDS):
            await self._answer(await self._respond(request), is_last=is_last, is_head=request.method == "HEAD")
        self._turn(is_answering=False)
        if is_last or self._http.our_state is not h11.DONE:
            return False
        self._http.start_next_cycle()
        return True

    def _turn(self, *, is_answering: bool) -> None:
        self.is_answering = is_answering
        self.since = time.monotonic()

    async def _request(self, patience_seconds: float) -> Request | None:
        """None if the client has ended the conversation."""
        async with asyncio.timeout(patience_seconds) as deadline:
            while (event := self._http.next_event()) is h11.NEED_DATA:
                is_first = not self._http.trailing_data[0]
                self._http.receive_data(await self._reader.read(HEAD_BYTES))
                if is_first:
                    deadline.reschedule(asyncio.get_running_loop().time() + HEAD_SECONDS)
        return _request(event, _address(self._writer)) if isinstance(event, h11.Request) else None

    async def _answer(self, answer: Answer, *, is_last: bool, is_head: bool = False) -> None:
        if self._http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        configured = self._configured_headers()
        names = {name.lower() for name in configured}
        own = [(name, value) for name, value in (*_ALWAYS, *answer.headers) if name.lower() not in names]
        headers = [*own, *configured.items(), ("Content-Length", str(answer.length))]
        if is_last:
            headers.append(("Connection", "close"))
        reason = http.HTTPStatus(answer.status).phrase.encode()
        await self._send(h11.Response(status_code=answer.status, headers=headers, reason=reason))
        if not is_head:
            for piece in answer.pieces:
                view = memoryview(piece)
                for start in range(0, len(view), PIECE_BYTES):
                    await self._send(h11.Data(data=view[start : start + PIECE_BYTES]))  # type: ignore[arg-type] # h11 passes it through
        await self._send(h11.EndOfMessage())

    async def _send(self, event: h11.Event) -> None:
        self._writer.writelines(self._http.send_with_data_passthrough(event) or ())
        await self._writer.drain()


def _unsent_bytes(connection: socket.socket) -> int:
    (count,) = struct.unpack("i", fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(4)))
    return int(count)


def _address(writer: asyncio.StreamWriter) -> str:
    host, *_ = writer.get_extra_info("peername") or ("",)
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((address, _BITS_OF_A_NETWORK), strict=False))


def _request(event: h11.Request, client: str) -> Request:
    headers: dict[str, str] = {}
    for raw_name, raw_value in event.headers:
        name, value = raw_name.decode("ascii"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    target = event.target.decode("latin-1")
    query = target.partition("?")[2].partition("#")[0]
    return Request(event.method.decode("ascii"), _path(target), headers, query, client)


def _path(target: str) -> str:
    """The path of a request's target in any of its forms; empty if it has no path."""
    if not target.startswith("/"):
        try:
            target = urlsplit(target).path
        except ValueError:
            return ""
    return unquote(target.partition("?")[0])

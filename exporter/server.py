"""The HTTP server: limits the number of connections, and makes room for a new one by ending an idle one."""

import asyncio
import contextlib
import errno
import logging
import socket
import struct
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from exporter.conversation import HEAD_BYTES, HEAD_SECONDS, PIECE_BYTES, Conversation, Respond
from exporter.seldom import Seldom
from exporter.unforeseen import cause_of
from exporter.web_access import WebAccess

log = logging.getLogger(__name__)

_GRACE_SECONDS = 1
_PAUSE_SECONDS = 0.2
_OUT_OF_DESCRIPTORS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_AT_ONCE = struct.pack("ii", 1, 0)  # for SO_LINGER: drops buffered data instead of trying to deliver it for minutes

logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # it logs every connection that breaks


class _Connection:
    def __init__(self, accepted: socket.socket) -> None:
        self.socket = accepted
        self.accepted_at = time.monotonic()
        self.conversation: Conversation | None = None
        """None until the TLS handshake is over, if TLS is used."""

    @property
    def claim(self) -> tuple[bool, float]:
        """The lowest claim is ended to make room: clients that are not being answered, the longest-waiting first."""
        if self.conversation is None:
            return False, self.accepted_at
        return self.conversation.is_answering, self.conversation.since

    def close(self, transport: asyncio.Transport | None, *, is_broken: bool) -> None:
        if is_broken and self.socket.fileno() >= 0:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        if transport is not None:
            transport.abort()
        self.socket.close()


class Server:
    def __init__(self, respond: Respond, listener: socket.socket, access: WebAccess, connections_limit: int) -> None:
        self._respond = respond
        self._listener = listener
        self._access = access
        self._connections_limit = connections_limit
        self._connections: dict[asyncio.Task[None], _Connection] = {}
        self._ended = Seldom(log, "connections ended to make room for others")
        self._shortage = Seldom(log, "no descriptors left to accept connections with")
        self._broken = Seldom(log, "connection failed unexpectedly")

    async def serve(self, stopped: asyncio.Event) -> None:
        """Serves until it is stopped. Then answers under way get at most a second to finish."""
        accepting = asyncio.create_task(self._accept_forever())
        stopping = asyncio.create_task(stopped.wait())
        await asyncio.wait({accepting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        accepting.cancel()
        self._listener.close()
        for task, connection in self._connections.items():
            if not connection.claim[0]:
                task.cancel()
        if self._connections:
            await asyncio.wait(self._connections, timeout=_GRACE_SECONDS)
        if not stopping.done():
            accepting.result()

    async def _accept_forever(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, _ = await loop.sock_accept(self._listener)
            except OSError as error:
                if error.errno in _OUT_OF_DESCRIPTORS:
                    self._shortage.warn(connections=len(self._connections))
                    await self._make_room()
                    await asyncio.sleep(_PAUSE_SECONDS)
                continue  # other errors concern a connection that broke off before it was accepted
            if len(self._connections) >= self._connections_limit:
                self._ended.warn(limit=self._connections_limit)
                await self._make_room()
            connection = _Connection(accepted)
            task = asyncio.create_task(self._converse(connection))
            self._connections[task] = connection
            task.add_done_callback(self._connections.pop)
            await asyncio.sleep(0)  # lets earlier connections continue before the next is accepted

    async def _make_room(self) -> None:
        if self._connections:
            task = min(self._connections, key=lambda task: self._connections[task].claim)
            task.cancel()
            await asyncio.wait({task}, timeout=_PAUSE_SECONDS)

    async def _converse(self, connection: _Connection) -> None:
        transport: asyncio.Transport | None = None
        is_broken = True
        try:
            transport, connection.conversation = await self._begin(connection.socket)
            await connection.conversation.run()
            await connection.conversation.taken(connection.socket)
            transport.close()  # TLS sends its close message
            is_broken = False
        except (OSError, asyncio.CancelledError) as error:  # the client is slow or gone, or has to make room
            traceback.clear_frames(error.__traceback__)  # frees a failed handshake's 256 KiB at once
        except Exception as error:  # noqa: BLE001 — one connection's failure must not end the others
            self._broken.warn(cause=cause_of(error))
        finally:
            connection.close(transport, is_broken=is_broken)

    async def _begin(self, accepted: socket.socket) -> tuple[asyncio.Transport, Conversation]:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=HEAD_BYTES)
        protocol = asyncio.StreamReaderProtocol(reader)
        tls = self._access.tls
        transport, _ = await loop.connect_accepted_socket(
            lambda: protocol, accepted, ssl=tls, ssl_handshake_timeout=HEAD_SECONDS if tls else None
        )
        transport.set_write_buffer_limits(high=PIECE_BYTES)
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        return transport, Conversation(reader, writer, self._respond, lambda: self._access.headers)


@contextmanager
def serving(server: Server, when_broken: Callable[[BaseException], None]) -> Iterator[None]:
    """Serves in a thread of its own until the block ends."""
    loop = asyncio.new_event_loop()
    stopped = asyncio.Event()

    def run() -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                runner.run(server.serve(stopped))
        except BaseException as error:  # noqa: BLE001 — otherwise the thread would end unnoticed
            when_broken(error)

    thread = threading.Thread(target=run, name="web", daemon=True)
    thread.start()
    try:
        yield
    finally:
        with contextlib.suppress(RuntimeError):  # the server has already ended
            loop.call_soon_threadsafe(stopped.set)
        thread.join(timeout=_GRACE_SECONDS + 0.5)

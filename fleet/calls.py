"""
Calls to servers that end in time, whatever the server does: another thread cuts their connection.

Time limits of a connection hold for the next byte only. A server that sends one now and then never exceeds them, be it
in a TLS handshake, in a header, in the length of a chunk or after the last one.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, Protocol

from fleet.alarms import ALARMS


class _Connection(Protocol):
    sock: socket.socket | None


class Call:
    """A call under way in this thread, which another thread can cut off."""

    def __init__(self) -> None:
        self.is_over = False
        self._connection: _Connection | None = None
        self._socket: socket.socket | None = None

    def follow(self, connection: _Connection) -> None:
        """Makes this the connection that `cut` ends."""
        self._connection = connection
        self._socket = connection.sock
        if self.is_over:
            raise TimeoutError

    def cut(self) -> None:
        """Ends the connection, so that a thread that waits for it wakes up, even within TLS."""
        self.is_over = True
        sock = self._socket or (self._connection.sock if self._connection else None)
        if sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)


_under_way: ContextVar[Call] = ContextVar("_under_way")


@contextmanager
def call_within(seconds: float) -> Iterator[Call]:
    """
    Cuts the call off if the block takes longer. Its connections have to be `Followed`.

    Look at `is_over` afterwards, also where nothing was raised: http.client takes a connection's end for the end of the
    headers or of the body, without an error. Raises RuntimeError if no thread can be started.
    """
    call = Call()
    token = _under_way.set(call)
    try:
        with ALARMS.after(seconds, call.cut):
            yield call
    finally:
        _under_way.reset(token)


class _Options(list[Any]):
    """
    Options of sockets, which urllib3 sets before it tries each address of a host.

    A host may have any number of addresses, each with a time limit of its own; once the call is over, none is tried.
    """

    call: Call

    def __iter__(self) -> Iterator[Any]:
        if self.call.is_over:
            raise TimeoutError
        return super().__iter__()


class Followed:
    """To be put before a class of urllib3's connections. They can only be used within `call_within`."""

    sock: socket.socket | None
    socket_options: Any

    def connect(self) -> None:
        call = _under_way.get()
        call.follow(self)
        if not isinstance(self.socket_options, _Options):
            self.socket_options = _Options(self.socket_options or ())
        self.socket_options.call = call
        super().connect()  # type: ignore[misc] # of the class behind it

    def _tunnel(self) -> None:
        """Takes the end of a proxy's answer that was cut off for that of its headers, and would go on with TLS."""
        super()._tunnel()  # type: ignore[misc] # of the class behind it
        if _under_way.get().is_over:
            raise TimeoutError

    def getresponse(self):  # type: ignore[no-untyped-def] # noqa: ANN201 — as the class behind it
        _under_way.get().follow(self)
        return super().getresponse()  # type: ignore[misc] # of the class behind it

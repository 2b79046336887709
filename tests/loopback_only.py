"""
Lets no test leave the loopback: neither by a connection nor by asking for a name.

Of the tests' own process by its sockets; of programs that tests start, for AWS, by an endpoint that is nowhere.
"""

import ipaddress
import socket
from typing import Any

AWS_NOWHERE = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
"""For every service of AWS's that a test gives no endpoint of its own: otherwise it would be the real one."""
_NAMES_OF_NOBODY = (".invalid", ".example", ".test", "example.org", "example.com")
"""RFC 2606: they lead nowhere, and tests may try."""

escapes: list[str] = []
"""Where a test wanted to go, since the last look."""


def guard() -> None:
    """From now on, in this process."""
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:  # noqa: ANN401 — as socket has it
        _refuse_elsewhere(self, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:  # noqa: ANN401 — as socket has it
        _refuse_elsewhere(self, address)
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 — as socket has it
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and not _is_here(name):
            if not name.endswith(_NAMES_OF_NOBODY):
                escapes.append(name)
            raise socket.gaierror(socket.EAI_NONAME, f"no test may leave the loopback: {name}")
        return getaddrinfo(host, *args, **kwargs)

    socket.socket.connect = guarded_connect  # type: ignore[method-assign, assignment] # for the whole session
    socket.socket.connect_ex = guarded_connect_ex  # type: ignore[method-assign, assignment] # for the whole session
    socket.getaddrinfo = guarded_getaddrinfo


def _refuse_elsewhere(sock: socket.socket, address: Any) -> None:  # noqa: ANN401 — as socket has it
    if sock.family in (socket.AF_INET, socket.AF_INET6) and not _is_here(address[0]):
        escapes.append(f"{address[0]}:{address[1]}")
        raise ConnectionRefusedError(f"no test may leave the loopback: {address[0]}")


def _is_here(host: str) -> bool:
    if host in ("", "localhost", socket.gethostname()):
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified

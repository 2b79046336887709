"""The HTTP server: uvicorn on a thread of its own, on a socket that was bound before anything else began."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from exporter.web_access import WebAccess
from fleet.errors import ConfigurationError

_GRACE_SECONDS = 1
_BACKLOG = 128
_SEND_BUFFER_BYTES = 4 * 1024 * 1024
"""Accepted connections inherit it: a body of megabytes leaves in a few large steps. The kernel may grant less."""


def bound_socket(address: str, port: int) -> socket.socket:
    """
    Listens nowhere else than told; an empty address means every interface, IPv4 and IPv6.

    Raises ConfigurationError where the port is taken or the address is not this machine's.
    """
    is_everywhere = not address and socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if is_everywhere or ":" in address else socket.AF_INET
    # With its protocol said, because asyncio switches off Nagle's algorithm only then: replies took 40 ms without.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_everywhere:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        listener.bind((address, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        where = f"{address or '*'}:{port}"
        raise ConfigurationError(f"PORT {port}: cannot listen on {where}: {error.strerror or error}") from error
    return listener


@contextmanager
def serving(application: ASGIApp, listener: socket.socket, access: WebAccess) -> Iterator[None]:
    """Serve until the block ends, then let answers under way finish, for a second at most."""
    tls = access.tls
    config = uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=75,  # longer than most scrape intervals, so that connections are reused
        timeout_graceful_shutdown=_GRACE_SECONDS,
        ssl_context_factory=(lambda _config, _default: tls) if tls else None,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="web", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=_GRACE_SECONDS + 0.5)

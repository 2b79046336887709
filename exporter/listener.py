"""Binds the socket that the exporter listens on, and works out how many connections the process can have."""

import ipaddress
import resource
import socket

from fleet.errors import ConfigurationError
from fleet.printable import one_line
from fleet.remote_address import AddressError, remote_address

_BACKLOG = 128
_MOST_CHARACTERS = 300
_SEND_BUFFER_BYTES = 256 * 1024
"""How much the kernel may hold for a client that does not read. By default it goes up to 4 MiB."""
_RECEIVE_BUFFER_BYTES = 64 * 1024
_MOST_CONNECTIONS = 100
_FEWEST_CONNECTIONS = 8
_DESCRIPTORS_A_REGION = 16
"""For a region's connections to AWS, Cloud Foundry and UAA during a survey."""
_OTHER_DESCRIPTORS = 48
"""For the log, the listener, files that are read again, and whatever the standard library opens for a moment."""


def check_address(address: str, port: int) -> None:
    """Raises ConfigurationError for an address that is not this machine's. Asks no resolver for what a name means."""
    try:
        if address:
            ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        try:
            remote_address(f"http://{address}")
        except AddressError as error:
            raise _cannot_listen(address, port, str(error)) from None
    else:
        bound_socket(address, 0, port).close()  # any port, because an exporter may be using the real one


def bound_socket(address: str, port: int, meant: int | None = None) -> socket.socket:
    """
    Listens only on this address. An empty address means every interface, IPv4 and IPv6.

    Raises ConfigurationError if the port is taken or the address is not this machine's; it names the port that is
    `meant`, if that is another.
    """
    is_everywhere = not address and socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if is_everywhere or ":" in address else socket.AF_INET
    # asyncio switches off Nagle's algorithm only if the protocol is named; otherwise replies took 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_everywhere:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        # Accepted connections inherit both sizes.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
        listener.bind((address, port))
        listener.listen(_BACKLOG)
    except (OSError, ValueError, TypeError) as error:  # as for a name with an endless label, or with no known letters
        listener.close()
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise _cannot_listen(address, port if meant is None else meant, reason) from error
    listener.setblocking(False)  # noqa: FBT003 — its only argument
    return listener


def _cannot_listen(address: str, port: int, reason: str) -> ConfigurationError:
    where = f"{one_line(address, _MOST_CHARACTERS) or '*'}:{port}"
    return ConfigurationError(f"PORT {port}: cannot listen on {where}: {reason}")


def connections_that_fit(regions_count: int) -> int:
    """How many connections the process's limit of descriptors allows, after reserving those for surveys."""
    soft_limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft_limit == resource.RLIM_INFINITY:
        return _MOST_CONNECTIONS
    left = soft_limit - _OTHER_DESCRIPTORS - _DESCRIPTORS_A_REGION * regions_count
    return max(_FEWEST_CONNECTIONS, min(_MOST_CONNECTIONS, left))

"""Makes one fault happen, and the platform well again afterwards."""

import contextlib
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import cast

from tests.faults.faulty_server import Behaviour, Conversation
from tests.faults.own_faults import Row
from tests.faults.platform import Platform

Meant = Callable[[Conversation], bool]
"""Whether a request is one of those that the fault strikes."""


def by_method(method: str) -> Meant:
    """Of all of them, where it is empty."""
    return lambda conversation: conversation.heard.line.startswith(method)


@contextlib.contextmanager
def struck(platform: Platform, row: Row, meant: Meant | str = "", *, is_carried_out: bool = False) -> Iterator[None]:
    """`meant` may be a method. What is carried out is done first, and answered with the fault then."""
    server = platform.servers[row.system]
    is_meant = by_method(meant) if isinstance(meant, str) else meant
    with contextlib.ExitStack() as stack:
        if row.behaviour is None:
            stack.enter_context(server.refusing())
        else:
            good = platform.good(row.system)
            server.behaviours[:] = [_for(is_meant, row.behaviour(platform), good, is_carried_out=is_carried_out)]
        try:
            yield
        finally:
            platform.heal()


class _NobodyListens:
    def sendall(self, data: bytes) -> None: ...


def _for(is_meant: Meant, faulty: Behaviour, good: Behaviour, *, is_carried_out: bool) -> Behaviour:
    def behave(conversation: Conversation) -> None:
        if not is_meant(conversation):
            good(conversation)
            return
        if is_carried_out:
            good(replace(conversation, sock=cast("socket.socket", _NobodyListens())))
        faulty(conversation)

    return behave

"""Makes one fault happen, and the platform well again afterwards."""

import contextlib
from collections.abc import Iterator

from tests.faults.faulty_server import Behaviour
from tests.faults.platform import Platform
from tests.faults.table import Row


@contextlib.contextmanager
def struck(platform: Platform, row: Row, only: str = "") -> Iterator[None]:
    """`only` is the method of the requests that it strikes; without one, all."""
    server = platform.servers[row.system]
    with contextlib.ExitStack() as stack:
        if row.behaviour is None:
            stack.enter_context(server.refusing())
        else:
            server.behaviours[:] = [_for(only, row.behaviour(platform), platform.good(row.system))]
        try:
            yield
        finally:
            platform.heal()


def _for(method: str, faulty: Behaviour, good: Behaviour) -> Behaviour:
    return lambda c: faulty(c) if c.heard.line.startswith(method) else good(c)

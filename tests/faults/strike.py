"""Makes one fault happen, and the platform well again afterwards."""

import contextlib
from collections.abc import Iterator

from tests.faults.platform import Platform
from tests.faults.table import Row


@contextlib.contextmanager
def struck(platform: Platform, row: Row) -> Iterator[None]:
    server = platform.servers[row.system]
    with contextlib.ExitStack() as stack:
        if row.behaviour is None:
            stack.enter_context(server.refusing())
        else:
            server.behaviours[:] = [row.behaviour(platform)]
        try:
            yield
        finally:
            platform.heal()

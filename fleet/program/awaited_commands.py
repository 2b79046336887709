"""Tells a caller for which secret's command its thread waits, so that it can name it if it stops waiting."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_listener: ContextVar[Callable[[str | None], None] | None] = ContextVar("_listener", default=None)


@contextmanager
def awaited_commands_heard(listener: Callable[[str | None], None]) -> Iterator[None]:
    """Calls the listener, until the block ends, with each variable that this thread waits for, then with None."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


@contextmanager
def awaiting(variable: str) -> Iterator[None]:
    """For whoever runs the variable's command, or waits for another thread that does."""
    listener = _listener.get()
    if listener is None:
        yield
        return
    listener(variable)
    try:
        yield
    finally:
        listener(None)

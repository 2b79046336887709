"""What `--quiet` silences: lines that only say how things go, or what is waited for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import click

from fleet.printable import visible

_is_quiet = ContextVar("is_quiet", default=False)


@contextmanager
def quiet(*, wanted: bool) -> Iterator[None]:
    """For as long as a command runs."""
    token = _is_quiet.set(wanted)
    try:
        yield
    finally:
        _is_quiet.reset(token)


def is_quiet() -> bool:
    """Ask in the command's own thread: others do not know."""
    return _is_quiet.get()


def progress_line() -> Callable[[str], None]:
    """
    What any thread may call to say on stderr how things go. With `--quiet` it says nothing.

    Never for an error, a warning, a result or a question. Ask for it in the command's own thread.
    """
    return _say_nothing if is_quiet() else _say


def _say(line: str) -> None:
    click.echo(visible(line), err=True)


def _say_nothing(_: str) -> None: ...

"""Ctrl-C and SIGTERM while mails leave."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def stopping_at_signals(stop: Callable[[], None]) -> Iterator[None]:
    """The first one finishes what is under way; the second one does not wait for it."""

    def stop_once(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        click.echo("finishing the mails under way; once more to stop at once", err=True)
        stop()

    earlier = {number: signal.signal(number, stop_once) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)

"""
Shows the progress of sending on stderr: a bar on a terminal, plain lines elsewhere.

A thread of its own reads the count now and then and shows it. So the senders never wait for the display, and nothing
that goes wrong with the display stops them.
"""

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from fleet.program.outlet import Outlet
from fleet.program.quiet import is_quiet

_LOOK_SECONDS = 0.2
_STEPS = 20
_LAST_LOOK_SECONDS = 2.0
"""How long we wait at the end for the display to show the last count."""


@contextmanager
def progress(total: int) -> Iterator[Callable[[], None]]:
    """Yields a function to call after each mail; it only counts. With --quiet nothing is shown."""
    count = _Count()
    if is_quiet():
        yield count.add
        return
    is_over = threading.Event()
    display = threading.Thread(target=_show, args=(count, total, is_over), name="progress", daemon=True)
    display.start()
    try:
        yield count.add
    finally:
        is_over.set()
        display.join(_LAST_LOOK_SECONDS)


class _Count:
    def __init__(self) -> None:
        self.value = 0
        self._lock = threading.Lock()

    def add(self) -> None:
        with self._lock:
            self.value += 1


def _show(count: _Count, total: int, is_over: threading.Event) -> None:
    with contextlib.suppress(Exception):
        if total and sys.stderr.isatty():
            _show_bar(count, total, is_over)
        else:
            _show_lines(count, total, is_over)


def _show_bar(count: _Count, total: int, is_over: threading.Event) -> None:
    from rich.console import Console  # noqa: PLC0415 — only a terminal needs it, and it takes its time to load
    from rich.progress import (  # noqa: PLC0415 — as above
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    file = sys.stderr.ungated if isinstance(sys.stderr, Outlet) else sys.stderr
    console = Console(file=file)  # type: ignore[arg-type] # rich only writes
    bar = Progress(*columns, console=console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)
    with bar:
        task = bar.add_task("Mails", total=total)
        while not is_over.wait(_LOOK_SECONDS):
            bar.update(task, completed=count.value, refresh=True)
        bar.update(task, completed=count.value, refresh=True)


def _show_lines(count: _Count, total: int, is_over: threading.Event) -> None:
    shown = 0
    while True:
        is_last = is_over.wait(_LOOK_SECONDS)
        done = count.value
        if done * _STEPS // max(total, 1) > shown * _STEPS // max(total, 1):
            click.echo(f"{done} of {total} mails done", err=True)
            shown = done
        if is_last:
            return

"""How far the sending has come, on stderr: a bar on a terminal, plain lines elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def progress(total: int) -> Iterator[Callable[[], None]]:
    """What to call after each mail."""
    console = Console(stderr=True)
    if console.is_terminal and total:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console) as bar:
            task = bar.add_task("Mails", total=total)
            yield lambda: bar.advance(task)
        return
    done = 0

    def say() -> None:
        nonlocal done
        done += 1
        if done * 20 // total > (done - 1) * 20 // total:
            click.echo(f"{done} of {total} mails done", err=True)

    yield say

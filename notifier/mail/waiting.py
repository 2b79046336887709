"""Says which other run this one waits for, at once and then now and then: it may be a colleague's who went to lunch."""

import threading
import time
from collections.abc import Callable

import click

from fleet.program.text import visible
from ledger.ledger import Ledger

_AGAIN_SECONDS = 60.0


class Waiting:
    """Safe to share between workers."""

    def __init__(self, ledger: Ledger, now: Callable[[], float] = time.monotonic) -> None:
        self._ledger = ledger
        self._now = now
        self._say_at: dict[int, float] = {}
        self._lock = threading.Lock()

    def say(self, run_id: int) -> None:
        """That a mail is in the hands of that run, which is alive; unless it was said lately."""
        with self._lock:
            if self._now() < self._say_at.get(run_id, 0.0):
                return
            self._say_at[run_id] = self._now() + _AGAIN_SECONDS
        run = self._ledger.run_of(run_id)
        who = f"on {run.host} since {run.started_at:%Y-%m-%d %H:%M} UTC" if run else "that the ledger does not name"
        click.echo(
            visible(f"waiting for the mails of the run {who} (run {run_id}): it is alive; Ctrl-C ends the waiting"),
            err=True,
        )

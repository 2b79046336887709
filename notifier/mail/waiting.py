"""Tells the operator, once a minute, which other run this one waits for: a colleague may have gone to lunch."""

import threading
import time
from collections.abc import Callable

import click

from fleet.printable import visible
from ledger.ledger import Ledger

_AGAIN_SECONDS = 60.0


class Waiting:
    """Workers may share it."""

    def __init__(self, ledger: Ledger, now: Callable[[], float] = time.monotonic) -> None:
        self._ledger = ledger
        self._now = now
        self._say_at: dict[int, float] = {}
        self._lock = threading.Lock()

    def say(self, run_id: int) -> None:
        """Says that another run, which is alive, has claimed a mail, unless that was said in the last minute."""
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

"""Tells the operator, once a minute, what a run waits for: Notify, or a colleague who may have gone to lunch."""

import threading
import time
from collections.abc import Callable

from fleet.program.quiet import progress_line
from ledger.ledger import Ledger

_AGAIN_SECONDS = 60.0


class Waiting:
    """Workers may share it."""

    def __init__(self, ledger: Ledger, now: Callable[[], float] = time.monotonic) -> None:
        self._ledger = ledger
        self._now = now
        self._say = progress_line()
        self._say_at: dict[int | None, float] = {}
        self._lock = threading.Lock()

    def say(self, run_id: int) -> None:
        """Says that another run, which is alive, has claimed a mail, unless that was said in the last minute."""
        if not self._is_time(run_id):
            return
        run = self._ledger.run_of(run_id)
        who = f"on {run.host} since {run.started_at:%Y-%m-%d %H:%M} UTC" if run else "that the ledger does not name"
        self._say(f"waiting for the mails of the run {who} (run {run_id}): it is alive; Ctrl-C ends the waiting")

    def say_in_doubt(self, seconds: float) -> None:
        """Says that Notify may have a mail that it does not list yet, unless that was said in the last minute."""
        if self._is_time(None):
            self._say(
                "it is not clear whether Notify accepted a mail: asking for up to"
                f" {seconds:.0f} s before it is sent again; the others go on meanwhile"
            )

    def _is_time(self, subject: int | None) -> bool:
        with self._lock:
            if self._now() < self._say_at.get(subject, 0.0):
                return False
            self._say_at[subject] = self._now() + _AGAIN_SECONDS
            return True

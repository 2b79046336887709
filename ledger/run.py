"""One run of the program: who began it and where, and what no other run may do meanwhile."""

from dataclasses import dataclass
from datetime import datetime

from ledger.errors import LedgerError


@dataclass(frozen=True, slots=True)
class Run:
    id: int
    command: str
    host: str
    started_at: datetime
    operator: str | None
    """None for runs of versions that did not record it."""
    holds: str | None = None
    """What only one run at a time may hold, such as `apply eu-west-1`."""


class AlreadyHeldError(LedgerError):
    """Another run that is alive holds what only one run may hold."""

    def __init__(self, run: Run) -> None:
        since = f"{run.started_at:%d %B at %H:%M} UTC"
        who = f"run {run.id} of {run.operator} on {run.host}"
        super().__init__(f"{run.holds}: {who} is at it since {since}; wait for it")
        self.run = run

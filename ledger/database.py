"""What a database knows of itself that the other kind does not need, or does another way."""

from contextlib import AbstractContextManager
from typing import Protocol

import sqlalchemy as sa

from ledger.liveness import Liveness


class Database(Protocol):
    """Each method but `close` raises LedgerError."""

    engine: sa.Engine
    where: str
    """For people; without anything that may be a secret."""

    @property
    def liveness(self) -> Liveness: ...

    def require_intact(self) -> None:
        """That it is still the one that was opened."""

    def require_room(self, mails_count: int) -> None:
        """That so many mails can be recorded."""

    def back_up(self, version: int) -> None:
        """Before it is changed from that version to a later one."""

    def close(self) -> None: ...


class Reading(Protocol):
    """A database that is only read."""

    engine: sa.Engine
    where: str

    def undisturbed(self) -> AbstractContextManager[None]:
        """While something is read. Raises LedgerError at the end where it may have been disturbed."""

"""What the ledger needs from a database and SQLite and PostgreSQL do differently."""

from contextlib import AbstractContextManager
from typing import Protocol

import sqlalchemy as sa

from ledger.liveness import Liveness


class Database(Protocol):
    """Every method except `close` may raise LedgerError."""

    engine: sa.Engine
    where: str
    """The address to show to people, without anything that may be a secret."""
    has_one_writer: bool
    """Whether whoever writes has all others wait."""

    @property
    def liveness(self) -> Liveness: ...

    @property
    def turn(self) -> AbstractContextManager[object]:
        """Surrounds a transaction, so that threads of one program wait for each other and not for the database."""

    def require_intact(self) -> None:
        """Raises LedgerError if the database is no longer the one that was opened."""

    def require_room(self, mails_count: int) -> None:
        """Raises LedgerError if there is no space to record so many mails."""

    def back_up(self, version: int) -> None:
        """Keeps a copy of the ledger, before it is changed from this version to a later one."""

    def close(self) -> None: ...


class Reading(Protocol):
    """A database that is only read."""

    engine: sa.Engine
    where: str

    def undisturbed(self) -> AbstractContextManager[None]:
        """Surrounds a reading. Raises LedgerError at the end if a writer may have disturbed it."""

    def interrupt(self) -> None:
        """Lets a reading fail that another thread waits for in vain."""

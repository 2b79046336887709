"""Turns what can go wrong with the ledger into sentences that say what to do."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from fleet.errors import ConfigurationError, RemoteError

_SYSTEM = "ledger"
AN_EMPTY_ONE = "an empty ledger in its place would know nothing of mails sent or updates begun"
_DAMAGED = f"restore a backup, or set LEDGER_URL to the team's ledger; {AN_EMPTY_ONE}"
_WHAT_SQLITE_MEANS = {
    "locked": "another program keeps it locked; wait for it to end, or stop it",
    "readonly": "it cannot be written; check who owns the file and its folder, and whether the disk is read-only",
    "full": "the disk is full; make room",
    "disk i/o": "the disk cannot be read or written; check that it is whole and not full",
    "unable to open": "it cannot be opened; check that it is there, and that the folder belongs to you",
    "not a database": f"it is not a ledger of this program, or it is damaged: {_DAMAGED}",
    "malformed": f"it is damaged: {_DAMAGED}",
    "no such table": f"it is not whole: {_DAMAGED}",
}


class LedgerError(ConfigurationError):
    """The ledger on this machine cannot be used."""


@contextmanager
def in_words(where: str) -> Iterator[None]:
    """
    Turns the database's errors into LedgerError for a file and into RemoteError for a server.

    The messages leave out the statement and its parameters, because the parameters hold people's addresses.
    """
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        said = " ".join(str(getattr(error, "orig", error)).split())
        if not where.startswith("sqlite"):
            raise RemoteError(_SYSTEM, where, said) from error
        meaning = next((words for sign, words in _WHAT_SQLITE_MEANS.items() if sign in said.lower()), said)
        raise LedgerError(f"ledger {where.removeprefix('sqlite:///')}: {meaning}") from error
    except SQLAlchemyError as error:
        raise LedgerError(f"ledger {where}: {type(error).__name__}") from error

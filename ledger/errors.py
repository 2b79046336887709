"""What can be wrong with the ledger, in words."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from fleet.errors import ConfigurationError, RemoteError

_SYSTEM = "ledger"
_WHAT_SQLITE_MEANS = {
    "locked": "another program keeps it locked; wait for it to end, or stop it",
    "readonly": "it cannot be written; check who owns the file and its folder, and whether the disk is read-only",
    "full": "the disk is full; make room",
    "disk i/o": "the disk cannot be written; check that it is not full",
    "unable to open": "it cannot be opened; check that the folder exists and belongs to you",
    "not a database": "it is not a ledger of this program; move it away or set LEDGER_URL",
    "malformed": "it is damaged; restore a backup",
}


class LedgerError(ConfigurationError):
    """The ledger on this machine cannot be used."""


@contextmanager
def in_words(where: str) -> Iterator[None]:
    """
    Turns the database's errors into LedgerError for a file and into RemoteError for a server.

    The statement and its parameters are left out: the latter hold addresses.
    """
    try:
        yield
    except DBAPIError as error:
        said = " ".join(str(error.orig).split())
        if not where.startswith("sqlite"):
            raise RemoteError(_SYSTEM, where, said) from error
        meaning = next((words for sign, words in _WHAT_SQLITE_MEANS.items() if sign in said.lower()), said)
        raise LedgerError(f"ledger {where.removeprefix('sqlite:///')}: {meaning}") from error
    except SQLAlchemyError as error:
        raise LedgerError(f"ledger {where}: {type(error).__name__}") from error

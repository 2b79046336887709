"""The ledger, opened by a program that only reads: it creates, migrates and changes nothing, and delays no writer."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from ledger.errors import in_words
from ledger.location import reading
from ledger.migrations import require_newest
from ledger.records import Records


class LedgerReader(Records):
    """
    Opens the ledger anew for each reading, so that reading works again once a missing or locked ledger is back.

    Until then a reading raises LedgerError, or RemoteError for a server, within seconds.
    """

    def __init__(self, url: str | None) -> None:
        self._reading = reading(url)
        self.where = self._reading.where

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        with in_words(self.where), self._reading.undisturbed(), self._reading.engine.begin() as connection:
            require_newest(connection)
            yield connection

    def interrupt(self) -> None:
        """Ends what another thread is reading, so that it fails, where the database answers nothing any more."""
        self._reading.interrupt()

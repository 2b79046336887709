"""Reads the ledger, however it was opened. Each method is one transaction."""

from contextlib import AbstractContextManager
from typing import Any, Protocol

import sqlalchemy as sa

from ledger.mail_record import MailKey, MailRecord
from ledger.maintenance_key import MaintenanceKey
from ledger.rows import is_key, to_record, to_window
from ledger.schema import mails, windows
from ledger.window_record import WindowRecord


class Records(Protocol):
    """Methods raise LedgerError for a file that cannot be used, RemoteError for a server that cannot be reached."""

    where: str
    """The address to show to people, without anything that may be a secret."""

    def transaction(self) -> AbstractContextManager[sa.Connection]: ...

    def record(self, key: MailKey) -> MailRecord:
        with self.transaction() as connection:
            return to_record(connection.execute(sa.select(mails).where(is_key(key))).one())

    def records(self, maintenance: MaintenanceKey | None = None) -> list[MailRecord]:
        """Mails of one maintenance or of all, sorted by window, region, org's name, address, revision and kind."""
        query = sa.select(mails).order_by(
            mails.c.window_key,
            mails.c.aws_region,
            mails.c.org_name,
            mails.c.org_guid,
            mails.c.address,
            mails.c.revision,
            mails.c.kind,
        )
        if maintenance is not None:
            query = query.where(
                mails.c.window_key == maintenance.window_key, mails.c.aws_region == maintenance.aws_region
            )
        with self.transaction() as connection:
            return [to_record(row) for row in connection.execute(query)]

    def records_of_region(self, aws_region: str) -> list[MailRecord]:
        """Mails of all the region's windows."""
        return [record for record in self.records() if record.key.aws_region == aws_region]

    def windows(self, aws_region: str) -> list[WindowRecord]:
        """The windows that the ledger knows in the region, sorted by their start."""
        query = sa.select(windows).where(windows.c.aws_region == aws_region).order_by(windows.c.window_key)
        with self.transaction() as connection:
            return [to_window(row) for row in connection.execute(query)]

    def rows(self, table: sa.Table) -> list[dict[str, Any]]:
        """All rows of a table, unconverted, in the order in which they were added."""
        with self.transaction() as connection:
            return [dict(row) for row in connection.execute(sa.select(table).order_by(table.c.id)).mappings()]

"""What the ledger says, however it was opened; each method is one transaction."""

from contextlib import AbstractContextManager
from typing import Any, Protocol

import sqlalchemy as sa

from ledger.mail_record import MailKey, MailRecord
from ledger.maintenance_key import MaintenanceKey
from ledger.rows import is_key, to_record
from ledger.schema import mails


class Records(Protocol):
    """Raises LedgerError for a file that cannot be used, RemoteError for a server that cannot be reached."""

    where: str
    """For people; without anything that may be a secret."""

    def transaction(self) -> AbstractContextManager[sa.Connection]: ...

    def record(self, key: MailKey) -> MailRecord:
        with self.transaction() as connection:
            return to_record(connection.execute(sa.select(mails).where(is_key(key))).one())

    def records(self, maintenance: MaintenanceKey | None = None) -> list[MailRecord]:
        """Of one maintenance or of all, sorted by window, region, org's name, address, revision and kind."""
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

    def rows(self, table: sa.Table) -> list[dict[str, Any]]:
        """As they stand in a table, in the order in which they were added."""
        with self.transaction() as connection:
            return [dict(row) for row in connection.execute(sa.select(table).order_by(table.c.id)).mappings()]

"""Which orgs were told of a window another way than by mail: added, never changed, never deleted."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from ledger.errors import LedgerError
from ledger.ledger import Ledger
from ledger.maintenance_key import MaintenanceKey
from ledger.records import Records
from ledger.schema import told
from ledger.telling import Telling


def recorded_tellings(records: Records, maintenance: MaintenanceKey) -> list[Telling]:
    """Those of one window, in the order in which they were added."""
    return _tellings(records, *_of(maintenance))


def recorded_tellings_of_region(records: Records, aws_region: str) -> list[Telling]:
    """Those of all the region's windows, in the order in which they were added."""
    return _tellings(records, told.c.aws_region == aws_region)


def add_telling(ledger: Ledger, telling: Telling) -> Telling:
    """Answers it as it is recorded. The window has to be recorded too, so that other commands know it."""
    row = {
        "window_key": telling.maintenance.window_key,
        "aws_region": telling.maintenance.aws_region,
        "org_guid": telling.org_guid,
        "instance_guids": msgspec.json.encode(sorted(telling.instance_guids)).decode(),
        "how": telling.how,
        "at": telling.at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "by": telling.by,
    }
    with ledger.transaction() as connection:
        inserted = connection.execute(sa.insert(told).values(row)).inserted_primary_key
        is_it = told.c.id == inserted[0]  # type: ignore[index] # one column
        return _to_telling(connection.execute(sa.select(told).where(is_it)).one())


def _tellings(records: Records, *which: sa.ColumnElement[bool]) -> list[Telling]:
    query = sa.select(told).where(*which).order_by(told.c.id)
    with records.transaction() as connection:
        return [_to_telling(row) for row in connection.execute(query)]


def _of(maintenance: MaintenanceKey) -> list[sa.ColumnElement[bool]]:
    return [told.c.window_key == maintenance.window_key, told.c.aws_region == maintenance.aws_region]


def _to_telling(row: sa.Row[Any]) -> Telling:
    """Raises LedgerError for a row that no version of this program has written."""
    try:
        return Telling(
            id=row.id,
            maintenance=MaintenanceKey(row.window_key, row.aws_region),
            org_guid=row.org_guid,
            instance_guids=tuple(msgspec.json.decode(row.instance_guids, type=list[str])),
            how=row.how,
            at=datetime.fromisoformat(row.at),
            by=row.by,
        )
    except (ValueError, TypeError, msgspec.DecodeError) as error:
        raise LedgerError(f"ledger: told {row.id} is damaged ({error}); see `ledger check`") from error

"""The windows' incidents on the status page: the intent before one is created, its id, and what we last wrote."""

from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from ledger.errors import LedgerError
from ledger.incident_record import IncidentRecord, IncidentState
from ledger.ledger import Ledger
from ledger.maintenance_key import MaintenanceKey
from ledger.records import Records
from ledger.rows import is_inserted
from ledger.run import Run
from ledger.schema import incidents

INCIDENT_HOLD = "schedule"
"""What only one run that makes or deletes incidents may hold, of whatever region: a key may ask once a second."""


def incident_record(records: Records, maintenance: MaintenanceKey) -> IncidentRecord | None:
    """None where no incident was ever begun for the window."""
    with records.transaction() as connection:
        row = connection.execute(sa.select(incidents).where(*_of(maintenance))).one_or_none()
    return _to_record(row) if row else None


def incident_records(records: Records, aws_region: str) -> list[IncidentRecord]:
    """All of a region, by window."""
    query = sa.select(incidents).where(incidents.c.aws_region == aws_region).order_by(incidents.c.window_key)
    with records.transaction() as connection:
        return [_to_record(row) for row in connection.execute(query)]


class WindowIncident:
    """One window's incident as one run writes it. Each method is one transaction."""

    def __init__(self, ledger: Ledger, run: Run, maintenance: MaintenanceKey) -> None:
        self._ledger = ledger
        self._run = run
        self._maintenance = maintenance

    def begin(self, written: Mapping[str, str]) -> None:
        """
        Records that it is about to be created. An incident that was cancelled begins anew.

        Raises LedgerError where the window has one, because a second one would stand beside it.
        """
        values = {**self._values(IncidentState.CREATING, written), "incident_id": None}
        identity = {"window_key": self._maintenance.window_key, "aws_region": self._maintenance.aws_region}
        with self._ledger.transaction_of(self._run) as connection:
            if is_inserted(connection, incidents, {**identity, **values}):
                return
            again = sa.update(incidents).where(*_of(self._maintenance), incidents.c.state != IncidentState.KNOWN)
            if connection.execute(again.values(**values)).rowcount != 1:
                raise LedgerError(f"ledger {self._ledger.where}: this window has an incident already; run again")

    def know(self, incident_id: str, written: Mapping[str, str]) -> None:
        """Records the id that the status page gave it, and what was last written there."""
        values = {**self._values(IncidentState.KNOWN, written), "incident_id": incident_id}
        identity = {"window_key": self._maintenance.window_key, "aws_region": self._maintenance.aws_region}
        with self._ledger.transaction_of(self._run) as connection:
            if not is_inserted(connection, incidents, {**identity, **values}):
                connection.execute(sa.update(incidents).where(*_of(self._maintenance)).values(**values))

    def cancel(self) -> None:
        """Records that it is gone; its id stays."""
        values = {"state": IncidentState.CANCELLED, "run_id": self._run.id}
        with self._ledger.transaction_of(self._run) as connection:
            connection.execute(sa.update(incidents).where(*_of(self._maintenance)).values(**values))

    def _values(self, state: IncidentState, written: Mapping[str, str]) -> dict[str, object]:
        return {"state": state, "last_written": msgspec.json.encode(written).decode(), "run_id": self._run.id}


def _of(maintenance: MaintenanceKey) -> list[sa.ColumnElement[bool]]:
    return [incidents.c.window_key == maintenance.window_key, incidents.c.aws_region == maintenance.aws_region]


def _to_record(row: sa.Row[Any]) -> IncidentRecord:
    """Raises LedgerError for a row that no version of this program has written."""
    try:
        return IncidentRecord(
            key=MaintenanceKey(row.window_key, row.aws_region),
            state=IncidentState(row.state),
            incident_id=row.incident_id,
            run_id=row.run_id,
            last_written=msgspec.json.decode(row.last_written, type=dict[str, str]),
        )
    except (ValueError, TypeError, msgspec.DecodeError) as error:
        raise LedgerError(f"ledger: incidents {row.id} is damaged ({error}); see `ledger check`") from error

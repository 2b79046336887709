"""Which updates the windows have begun: the intent before each call to AWS, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ledger.errors import LedgerError
from ledger.ledger import Ledger
from ledger.maintenance_key import MaintenanceKey
from ledger.records import Records
from ledger.rows import is_inserted
from ledger.run import Run
from ledger.schema import updates
from ledger.update_record import UpdateIntent, UpdateRecord, UpdateState

_MAY_BEGIN = (UpdateState.STARTING, UpdateState.REFUSED, UpdateState.STOPPED, UpdateState.FAILED)
"""`starting` too: one run at a time holds a region, so that the run whose intent it was has ended."""
_UNDER_WAY = (UpdateState.STARTING, UpdateState.STARTED)

Key = tuple[str, str]
"""A replication group's id and a service update's name."""


def region_hold(aws_region: str) -> str:
    """What only one run that applies may hold."""
    return f"apply {aws_region}"


def update_records(records: Records, maintenance: MaintenanceKey) -> list[UpdateRecord]:
    """Of one window, by group and update."""
    query = sa.select(updates).where(*_of(maintenance))
    with records.transaction() as connection:
        rows = connection.execute(query.order_by(updates.c.replication_group_id, updates.c.service_update))
        return [_to_record(row) for row in rows]


@dataclass(frozen=True)
class Overrides:
    """Reasons that the operator gave; kept beside each update that was begun with them."""

    outside_window_reason: str | None = None
    include_untold_reason: str | None = None


class WindowUpdates:
    """A window's updates as one run writes them. Each method is one transaction."""

    def __init__(self, ledger: Ledger, run: Run, maintenance: MaintenanceKey, overrides: Overrides) -> None:
        self._ledger = ledger
        self._run = run
        self._maintenance = maintenance
        self._overrides = overrides

    @property
    def run_id(self) -> int:
        return self._run.id

    def begin(self, intents: Sequence[UpdateIntent]) -> frozenset[Key]:
        """Records that they are about to be started. Answers those that may be; the others are another run's."""
        begun = set()
        with self._ledger.transaction_of(self._run) as connection:
            for intent in intents:
                key = (intent.replication_group_id, intent.service_update)
                if self._is_begun(connection, key, self._attempt(intent)):
                    begun.add(key)
        return frozenset(begun)

    def mark(self, key: Key, state: UpdateState, aws_says: str | None, nodes_updated: int | None) -> None:
        """Raises LedgerError where it was never begun."""
        values = {
            "state": state,
            "aws_says": aws_says,
            "nodes_updated": nodes_updated,
            "ended_at": None if state in _UNDER_WAY else self._ledger.now_text(),
        }
        with self._ledger.transaction_of(self._run) as connection:
            changed = connection.execute(sa.update(updates).where(*self._is(key)).values(**values))
            if changed.rowcount != 1:
                raise LedgerError(f"ledger {self._ledger.where}: it does not know that {key[1]} was begun on {key[0]}")

    def _is_begun(self, connection: sa.Connection, key: Key, attempt: dict[str, object]) -> bool:
        identity = {
            "window_key": self._maintenance.window_key,
            "aws_region": self._maintenance.aws_region,
            "replication_group_id": key[0],
            "service_update": key[1],
        }
        if is_inserted(connection, updates, {**identity, **attempt, "attempts": 1}):
            return True
        again = sa.update(updates).where(*self._is(key), updates.c.state.in_(_MAY_BEGIN))
        return connection.execute(again.values(**attempt, attempts=updates.c.attempts + 1)).rowcount == 1

    def _attempt(self, intent: UpdateIntent) -> dict[str, object]:
        return {
            "instance_guid": intent.instance_guid,
            "state": UpdateState.STARTING,
            "run_id": self._run.id,
            "attempted_at": self._ledger.now_text(),
            "ended_at": None,
            "nodes_updated": None,
            "aws_says": None,
            "outside_window_reason": self._overrides.outside_window_reason,
            "include_untold_reason": self._overrides.include_untold_reason,
        }

    def _is(self, key: Key) -> list[sa.ColumnElement[bool]]:
        group, update = key
        return [
            *_of(self._maintenance),
            updates.c.replication_group_id == group,
            updates.c.service_update == update,
        ]


def _of(maintenance: MaintenanceKey) -> list[sa.ColumnElement[bool]]:
    return [updates.c.window_key == maintenance.window_key, updates.c.aws_region == maintenance.aws_region]


def _to_record(row: sa.Row[Any]) -> UpdateRecord:
    """Raises LedgerError for a row that no version of this program has written."""
    try:
        return UpdateRecord(
            replication_group_id=row.replication_group_id,
            service_update=row.service_update,
            instance_guid=row.instance_guid,
            state=UpdateState(row.state),
            run_id=row.run_id,
            attempts=row.attempts,
            attempted_at=datetime.fromisoformat(row.attempted_at),
            ended_at=datetime.fromisoformat(row.ended_at) if row.ended_at else None,
            nodes_updated=row.nodes_updated,
            aws_says=row.aws_says,
            outside_window_reason=row.outside_window_reason,
            include_untold_reason=row.include_untold_reason,
        )
    except (ValueError, TypeError) as error:
        raise LedgerError(f"ledger: updates {row.id} is damaged ({error}); see `ledger check`") from error

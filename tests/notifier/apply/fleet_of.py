"""A small region for the tests of apply: each row is an instance, its group, and what waits for it."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from fleet.inventory import ReplicationGroup, ServiceInstance, ServiceUpdate, UpdateAction
from fleet.survey import Survey
from ledger.update_record import UpdateRecord, UpdateState
from ledger.who_was_told import Notice, Told
from notifier.window import maintenance_window
from tests.builders import action, group, service_instance, service_update, survey

WINDOW = maintenance_window("2026-06-16", "0900-1100", ZoneInfo("Europe/London"))
BEGIN = datetime(2026, 6, 16, 8, tzinfo=UTC)
TOLD_AT = datetime(2026, 6, 2, tzinfo=UTC)
UPDATE = service_update("redis-1", estimated_update_time="10 minutes per node")


@dataclass(frozen=True)
class Row:
    guid: str
    update: str = "redis-1"
    status: str = "not-applied"
    nodes: int = 1
    group_status: str = "available"
    org: str = "org"
    is_claimed: bool = True

    @property
    def instance(self) -> ServiceInstance:
        return service_instance(self.guid, f"cache-{self.guid}", org=self.org)

    @property
    def group_id(self) -> str:
        return self.instance.replication_group_id

    @property
    def group(self) -> ReplicationGroup:
        return replace(group(self.group_id, self.nodes), status=self.group_status)

    @property
    def action(self) -> UpdateAction:
        return action(self.update, self.group_id, self.status)


@dataclass(frozen=True)
class Region:
    rows: tuple[Row, ...]
    updates: tuple[ServiceUpdate, ...] = (UPDATE,)
    more_actions: tuple[UpdateAction, ...] = field(default=())

    @property
    def survey(self) -> Survey:
        return survey(
            service_updates=self.updates,
            update_actions=(*(row.action for row in self.rows), *self.more_actions),
            replication_groups=tuple(row.group for row in self.rows),
            service_instances=tuple(row.instance for row in self.rows if row.is_claimed),
        )


def told(*rows: Row, at: datetime = TOLD_AT) -> Told:
    return Told(tuple(Notice(row.instance.org_guid, frozenset({row.guid}), at) for row in rows))


def record(row: Row, state: UpdateState, minutes_ago: float = 5, update: str = "redis-1") -> UpdateRecord:
    attempted_at = BEGIN - timedelta(minutes=minutes_ago)
    ended_at = None if state in (UpdateState.STARTING, UpdateState.STARTED) else BEGIN
    return UpdateRecord(row.group_id, update, row.guid, state, 1, 1, attempted_at, ended_at)

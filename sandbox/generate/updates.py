"""Invents AWS's side of the news: service updates around today's date, and where each stands on each group."""

import math
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from sandbox.truth import CacheCluster, ReplicationGroup, ServiceUpdate, UpdateAction

REQUIRED_SHARE = 0.4
LEFTOVER_SHARE = 0.05
SETTLED_STATUSES = (
    "complete",
    "scheduled",
    "in-progress",
    "waiting-to-start",
    "stopping",
    "scheduling",
    "not-applicable",
    *["complete"] * 8,
)
_DESCRIPTION = "Upgrades to improve the security, reliability, and operational performance of your ElastiCache nodes"


def service_updates(today: date) -> list[ServiceUpdate]:
    """Every severity, type, status and spelling of engines. Dates count in days from today."""

    def update(  # noqa: PLR0913 — a row of the table below
        released: int,
        apply_by: int,
        severity: str,
        engine: str,
        *,
        kind: str = "security-update",
        status: str = "available",
        ends: int = 180,
        auto: bool = False,
    ) -> ServiceUpdate:
        release = _at(today, released, time(16))
        return ServiceUpdate(
            name=f"elasticache-{release:%Y%m%d}-{-released % 7 + 1:03}",
            release_date=release,
            end_date=_at(today, ends, time(15, 59, 59)),
            severity=severity,
            recommended_apply_by_date=_at(today, apply_by, time(15, 59, 59)),
            status=status,
            description=_DESCRIPTION,
            type=kind,
            engine=engine,
            engine_version=f"{engine} and onwards",
            is_auto_updated=auto,
            estimated_update_time="30 minutes per node",
        )

    return [
        update(-5, 9, "critical", "redis"),
        update(-20, 10, "important", "Redis , Valkey", auto=True),
        update(-40, 20, "medium", "valkey, redis, memcached", kind="engine-update"),
        update(-120, -30, "low", "redis"),
        update(-10, 80, "medium", "valkey", kind="engine-major-version-update"),
        update(-2, 88, "low", "REDIS", kind="engine-update"),
        update(-15, 15, "important", "memcached"),
        update(-400, -370, "important", "redis", status="expired", ends=-40),
        update(-60, 0, "medium", "redis, valkey", status="cancelled"),
    ]


def update_actions(
    random: Random,
    updates: list[ServiceUpdate],
    groups: list[ReplicationGroup],
    unclaimed: list[ReplicationGroup],
    clusters: list[CacheCluster],
) -> list[UpdateAction]:
    """
    Two groups in five need something, some of them several updates; every unclaimed group needs something too.
    The newest update needs nobody, for nobody is too old for it. Of the groups that need nothing, half have a history.
    """
    quiet = updates[5]
    current = [update for update in updates if update.status == "available" and update is not quiet]
    past = [update for update in updates if update.status != "available"]
    behind = random.sample(groups, math.ceil(REQUIRED_SHARE * len(groups)))
    behind_ids = {group.id for group in behind}
    settled = [group for group in groups if group.id not in behind_ids]

    return [
        *_required(random, current, [*behind, *unclaimed]),
        *_settled(random, current, settled),
        *_leftovers(random, past, groups),
        *(
            action_on(cluster, update, "not-applied")
            for cluster in clusters
            for update in current
            if update.is_for(cluster.engine)
        ),
    ]


def action_on(target: ReplicationGroup | CacheCluster, update: ServiceUpdate, status: str) -> UpdateAction:
    nodes_updated = {"complete": target.nodes, "stopped": target.nodes // 2, "stopping": target.nodes // 2}
    return UpdateAction(
        service_update_name=update.name,
        target_id=target.id,
        is_on_group=isinstance(target, ReplicationGroup),
        engine=target.engine,
        status=status,
        nodes_updated=nodes_updated.get(status, 0),
        nodes=target.nodes,
        available_at=update.release_date + timedelta(hours=1),
        modified_at=update.release_date + timedelta(hours=1 if status == "not-applied" else 26),
        sla_met="yes" if status == "complete" else "n/a",
    )


def _required(
    random: Random, updates: list[ServiceUpdate], groups: Iterable[ReplicationGroup]
) -> Iterator[UpdateAction]:
    for number, group in enumerate(groups):
        fitting = [update for update in updates if update.is_for(group.engine)]
        waiting = random.sample(fitting, random.choice((1, 1, 1, 2, 3)) if number else 2)
        for which, update in enumerate(waiting):
            yield action_on(group, update, "stopped" if which == 1 and number % 10 == 0 else "not-applied")


def _settled(random: Random, updates: list[ServiceUpdate], groups: list[ReplicationGroup]) -> Iterator[UpdateAction]:
    for number, group in enumerate(groups[::2]):
        update = random.choice([update for update in updates if update.is_for(group.engine)])
        yield action_on(group, update, SETTLED_STATUSES[number % len(SETTLED_STATUSES)])


def _leftovers(random: Random, updates: list[ServiceUpdate], groups: list[ReplicationGroup]) -> Iterator[UpdateAction]:
    """Actions that still say `not-applied` although their update has expired or was cancelled: they need nothing."""
    for update in updates:
        fitting = [group for group in groups if update.is_for(group.engine)]
        for group in random.sample(fitting, math.ceil(LEFTOVER_SHARE * len(fitting))):
            yield action_on(group, update, "not-applied")


def _at(today: date, days: int, hour: time) -> datetime:
    return datetime.combine(today + timedelta(days=days), hour, UTC)

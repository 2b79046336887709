"""Invents AWS's side of the news: service updates around today's date, and where each stands on each group."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from sandbox.generate.caches import Caches
from sandbox.generate.history import action_on, history
from sandbox.truth import ReplicationGroup, ServiceUpdate, UpdateAction

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
SEVERITIES = ("critical", "important", "medium", "low")
_DESCRIPTION = "Upgrades to improve the security, reliability, and operational performance of your ElastiCache nodes"


@dataclass(frozen=True)
class Backlog:
    """
    How much waits. `share` of the tenants' groups wait, each for the `each` newest updates of its engine, or else for
    one to three by chance. `updates` is how many there are, all of them for every group, instead of the varied list.
    """

    share: float = 0.4
    each: int | None = None
    updates: int | None = None


def service_updates(today: date, backlog: Backlog) -> list[ServiceUpdate]:
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

    varied = [
        update(-5, 9, "critical", "redis"),
        update(-20, 10, "important", "Redis , Valkey", auto=True),
        update(-40, 20, "medium", "valkey, redis, memcached", kind="engine-update"),
        update(-120, -30, "low", "redis"),
        update(-10, 80, "medium", "valkey", kind="engine-major-version-update"),
        update(-2, 88, "low", "REDIS", kind="engine-update"),
    ]
    uniform = [
        update(-6 - 8 * number, 9 + 5 * number, SEVERITIES[number % len(SEVERITIES)], "redis, valkey")
        for number in range(backlog.updates or 0)
    ]
    return [
        *(varied if backlog.updates is None else uniform),
        update(-15, 15, "important", "memcached"),
        update(-400, -370, "important", "redis", status="expired", ends=-40),
        update(-60, 0, "medium", "redis, valkey", status="cancelled"),
    ]


def update_actions(random: Random, backlog: Backlog, updates: list[ServiceUpdate], fleet: Caches) -> list[UpdateAction]:
    """
    The share of the groups that the backlog names needs something, some of them several updates; every unclaimed group
    needs something too. The newest of the varied updates nobody needs, for nobody is too old for it. Of all other
    updates of its engine each group has an action that is over.
    """
    available = [update for update in updates if update.status == "available"]
    quiet = max(available, key=lambda update: update.release_date) if backlog.updates is None else None
    current = [update for update in available if update is not quiet]
    past = [update for update in updates if update.status != "available"]
    behind = random.sample(fleet.groups, math.ceil(backlog.share * len(fleet.groups)))
    behind_ids = {group.id for group in behind}
    settled = [group for group in fleet.groups if group.id not in behind_ids]

    actions = [
        *_required(random, backlog, current, [*behind, *fleet.unclaimed]),
        *_settled(random, current, settled),
        *_leftovers(random, past, fleet.groups),
        *(
            action_on(cluster, update, "not-applied")
            for cluster in fleet.clusters
            for update in current
            if update.is_for(cluster.engine)
        ),
    ]
    return [*actions, *history(available, fleet.all_groups, {action.key for action in actions})]


def _required(
    random: Random, backlog: Backlog, updates: list[ServiceUpdate], groups: Iterable[ReplicationGroup]
) -> Iterator[UpdateAction]:
    for number, group in enumerate(groups):
        fitting = [update for update in updates if update.is_for(group.engine)]
        if backlog.each is None:
            count = random.choice((1, 1, 1, 2, 3)) if number else 2
            waiting = random.sample(fitting, min(count, len(fitting)))
        else:
            waiting = sorted(fitting, key=lambda update: update.release_date, reverse=True)[: backlog.each]
        for which, update in enumerate(waiting):
            yield action_on(group, update, "stopped" if which == 1 and number % 10 == 0 else "not-applied")


def _settled(random: Random, updates: list[ServiceUpdate], groups: list[ReplicationGroup]) -> Iterator[UpdateAction]:
    for number, group in enumerate(groups[::2]):
        if fitting := [update for update in updates if update.is_for(group.engine)]:
            yield action_on(group, random.choice(fitting), SETTLED_STATUSES[number % len(SETTLED_STATUSES)])


def _leftovers(random: Random, updates: list[ServiceUpdate], groups: list[ReplicationGroup]) -> Iterator[UpdateAction]:
    """Actions that still say `not-applied` although their update has expired or was cancelled: they need nothing."""
    for update in updates:
        fitting = [group for group in groups if update.is_for(group.engine)]
        for group in random.sample(fitting, math.ceil(LEFTOVER_SHARE * len(fitting))):
            yield action_on(group, update, "not-applied")


def _at(today: date, days: int, hour: time) -> datetime:
    return datetime.combine(today + timedelta(days=days), hour, UTC)

"""Update actions as AWS keeps them: one for each available update and group, long after it was applied."""

from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import timedelta

from sandbox.truth import CacheCluster, ReplicationGroup, ServiceUpdate, UpdateAction

NOT_APPLICABLE_EVERY = 12


def action_on(target: ReplicationGroup | CacheCluster, update: ServiceUpdate, status: str) -> UpdateAction:
    nodes_updated = {"complete": target.nodes, "stopped": target.nodes // 2, "stopping": target.nodes // 2}
    hours = {"not-applied": 1, "not-applicable": 1}.get(status, 26)
    available_at = max(update.release_date, target.created_at)
    return UpdateAction(
        service_update_name=update.name,
        target_id=target.id,
        is_on_group=isinstance(target, ReplicationGroup),
        engine=target.engine,
        status=status,
        nodes_updated=nodes_updated.get(status, 0),
        nodes=target.nodes,
        available_at=available_at + timedelta(hours=1),
        modified_at=available_at + timedelta(hours=hours),
        sla_met="yes" if status == "complete" else "n/a",
    )


def history(
    available: Sequence[ServiceUpdate], groups: Iterable[ReplicationGroup], known: Container[tuple[str, str]]
) -> Iterator[UpdateAction]:
    """What is behind a group: every available update of its engine of which no other action is known."""
    for number, group in enumerate(groups):
        for which, update in enumerate(available):
            if update.is_for(group.engine) and (update.name, group.id) not in known:
                is_odd = (number + which) % NOT_APPLICABLE_EVERY == NOT_APPLICABLE_EVERY - 1
                yield action_on(group, update, "not-applicable" if is_odd else "complete")

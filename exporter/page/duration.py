"""How long `apply` would take, as it goes about it where nobody says otherwise. Pure."""

import heapq
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from exporter.page.rows import InstanceRow
from fleet.estimates import per_node
from fleet.inventory import ServiceUpdate, UpdateAction

DEFAULT_MAX_IN_FLIGHT = 20
DEFAULT_CANARIES = 1


class Needed(NamedTuple):
    """What one group takes. Its order is the one in which canaries are chosen."""

    is_not_highly_available: bool
    nodes: int
    seconds: float
    group_id: str


def needed(
    rows: Iterable[InstanceRow], actions: Mapping[str, UpdateAction], updates: Iterable[ServiceUpdate]
) -> list[Needed]:
    """For each of these instances the update that it would get; `actions` are by group."""
    seconds_per_node = {update.name: per_node(update).total_seconds() for update in updates}
    found = []
    for row in rows:
        action = actions.get(row.instance.replication_group_id)
        if action is None:
            continue
        group = row.group
        nodes_in_turn = group.nodes_in_turn if group else 1
        found.append(
            Needed(
                group is None or not group.is_highly_available,
                group.nodes_count if group else 0,
                seconds_per_node[action.service_update_name] * nodes_in_turn,
                row.instance.replication_group_id,
            )
        )
    return found


def window_seconds(groups: Iterable[Needed]) -> float:
    """One canary alone, and then as many at once as `--max-in-flight` allows, the longest first; 0 without any."""
    in_order = sorted(groups)
    if not in_order:
        return 0.0
    canaries, others = in_order[:DEFAULT_CANARIES], in_order[DEFAULT_CANARIES:]
    after_canaries = max(canary.seconds for canary in canaries)
    free_from = [after_canaries] * DEFAULT_MAX_IN_FLIGHT
    for seconds in sorted((other.seconds for other in others), reverse=True):
        heapq.heapreplace(free_from, free_from[0] + seconds)
    return max(free_from)


def in_words(seconds: float) -> str:
    """Such as `2 h 30 min`."""
    minutes = round(seconds / 60)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours:,} h {rest} min" if rest else f"{hours:,} h"

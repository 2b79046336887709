"""How long `apply` would take, as it goes about it where nobody says otherwise. Pure."""

import heapq
from collections.abc import Iterable, Sequence

from exporter.page.rows import InstanceRow, JoinedSurvey
from fleet.estimates import per_node
from fleet.inventory import ServiceUpdate
from fleet.survey import newest_first

DEFAULT_MAX_IN_FLIGHT = 20


def group_seconds(rows: Iterable[InstanceRow], takeable: Iterable[ServiceUpdate], joined: JoinedSurvey) -> list[float]:
    """For each instance how long the newest update takes that a window takes and that waits; it brings the others."""
    in_order = [(joined.bits[update.name], per_node(update).total_seconds()) for update in newest_first(takeable)]
    chosen = sum(bit for bit, _ in in_order)
    known: dict[int, float] = {}
    found = []
    for row in rows:
        waiting = row.waiting & chosen
        seconds = known.get(waiting)
        if seconds is None:
            seconds = known[waiting] = next((s for bit, s in in_order if waiting & bit), 0.0)
        found.append(seconds * row.nodes_in_turn)
    return found


def window_seconds(rows: Sequence[InstanceRow], seconds: Sequence[float]) -> float:
    """One canary alone, and then as many at once as `--max-in-flight` allows, the longest first; 0 without any."""
    if not rows:
        return 0.0

    def risk(number: int) -> tuple[bool, int, float, str]:
        row = rows[number]
        nodes = row.group.nodes_count if row.group else 0
        return not row.is_highly_available, nodes, seconds[number], row.instance.replication_group_id

    canary = min(range(len(rows)), key=risk)
    free_from = [seconds[canary]] * DEFAULT_MAX_IN_FLIGHT
    for duration in sorted((*seconds[:canary], *seconds[canary + 1 :]), reverse=True):
        heapq.heapreplace(free_from, free_from[0] + duration)
    return max(free_from)


def in_words(seconds: float) -> str:
    """Such as `2 h 30 min`."""
    minutes = round(seconds / 60)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours:,} h {rest} min" if rest else f"{hours:,} h"

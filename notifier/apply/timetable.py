"""When each update of a plan is expected to begin and to end: canaries first, then as many at once as may be. Pure."""

import heapq
from collections.abc import Iterable, Sequence
from datetime import datetime

from notifier.apply.steps import Subject

Times = tuple[datetime, datetime]


def canary_order(subject: Subject) -> tuple[bool, int, object, str]:
    """Whoever is highly available and has the fewest nodes risks least."""
    return not subject.is_highly_available, subject.nodes, subject.estimate, subject.replication_group_id


def wave_order(subject: Subject) -> tuple[object, str]:
    """The longest first, so that the last to end began as early as possible."""
    return -subject.estimate, subject.replication_group_id


def timetable(
    canaries: Iterable[Subject],
    others: Iterable[Subject],
    begins_at: datetime,
    max_in_flight: int,
    running_until: Sequence[datetime] = (),
) -> dict[tuple[str, str], Times]:
    """
    By key, in the order of starting. `running_until` says when what earlier runs began is expected to end.

    Others wait until every canary has ended.
    """
    found: dict[tuple[str, str], Times] = {}
    places = _Places(begins_at, max_in_flight, running_until)
    for canary in canaries:
        found[canary.key] = places.take(canary, begins_at)
    barrier = max([begins_at, *(ends_at for _, ends_at in found.values())])
    for other in others:
        found[other.key] = places.take(other, barrier)
    return found


class _Places:
    """So many at once; each is free from a moment on."""

    def __init__(self, begins_at: datetime, count: int, running_until: Sequence[datetime]) -> None:
        busy = sorted((max(begins_at, end) for end in running_until), reverse=True)
        self._free_from = (busy + [begins_at] * count)[:count]
        heapq.heapify(self._free_from)

    def take(self, subject: Subject, not_before: datetime) -> Times:
        starts_at = max(heapq.heappop(self._free_from), not_before)
        ends_at = starts_at + subject.estimate
        heapq.heappush(self._free_from, ends_at)
        return starts_at, ends_at

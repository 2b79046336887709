"""What a window could take over all regions, and whether one is still to be planned: as the alert sees it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from exporter.page.backlog import Share
from exporter.page.facts import Facts, RegionFacts
from fleet.inventory import ServiceUpdate


@dataclass(frozen=True, slots=True)
class LateWindow:
    """A region's first window does not begin before the next apply-by date."""

    region_name: str
    update: ServiceUpdate


@dataclass(frozen=True, slots=True)
class OverallPlan:
    """Over all regions that have ever been surveyed, whatever the view's filters."""

    schedulable: Share
    deferred_count: int
    """Instances that are deferred and for which an update waits."""
    major_only_count: int
    """Instances for which nothing waits but major versions."""
    without_window: Sequence[str]
    """The names of the regions above the threshold that have no window planned; the alert asks for one there."""
    late_windows: Sequence[LateWindow]
    """Of the regions above the threshold; the alert asks for an earlier one there."""


def overall_plan(facts: Facts) -> OverallPlan:
    threshold = facts.exporter.update_fraction_threshold
    above = [r for r in facts.regions if Share(r.schedulable_count, len(r.rows)).fraction > threshold]
    late = [(region, update) for region in above if (update := missed_update(region))]
    return OverallPlan(
        schedulable=Share(sum(r.schedulable_count for r in facts.regions), sum(len(r.rows) for r in facts.regions)),
        deferred_count=sum(guid in r.survey.waiting_instance_guids for r in facts.regions for guid in r.deferred),
        major_only_count=sum(len(r.survey.waiting_instance_guids - r.joined.without_major) for r in facts.regions),
        without_window=[region.status.region_name for region in above if not region.windows],
        late_windows=[LateWindow(region.status.region_name, update) for region, update in late],
    )


def missed_update(region: RegionFacts) -> ServiceUpdate | None:
    """
    The update whose date is the next to come, if the region's first window does not begin before it; else None.

    Only updates count that wait for an instance that a window could take. Dates that have passed do not count: no
    window can be before them any more.
    """
    if not region.windows:
        return None
    waiting = 0
    for row in region.rows:
        if row.instance.guid not in region.deferred:
            waiting |= row.waiting
    dates = [
        (row.update.recommended_apply_by, row.update)
        for row in region.updates
        if row.update.recommended_apply_by is not None
        and not row.is_overdue
        and not row.update.is_major_version
        and waiting & region.joined.bits[row.update.name]
    ]
    next_date, update = min(dates, key=lambda dated: dated[0], default=(None, None))
    return update if next_date is not None and region.windows[0].starts_at >= next_date else None

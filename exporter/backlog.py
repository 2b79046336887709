"""Turns statuses into the rows of the backlog page. Pure; the template only lays them out."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from exporter.region_status import RegionStatus
from fleet.inventory import ServiceInstance, ServiceUpdate
from fleet.survey import Survey

_SEVERITIES = ("critical", "important", "medium", "low")
_SECONDS_A_DAY = 86400


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the instances have at least one update waiting."""

    waiting: int
    instances: int

    @property
    def fraction(self) -> float:
        return self.waiting / self.instances if self.instances else 0.0

    @property
    def percent(self) -> str:
        """A whole number that says 0 or 100 only if that is exact, because people act on those two."""
        if 0 < self.fraction < 0.01:  # noqa: PLR2004 — one per cent
            return "<1"
        if 0.99 < self.fraction < 1:  # noqa: PLR2004 — ninety-nine per cent
            return ">99"
        return f"{self.fraction:.0%}".removesuffix("%")


@dataclass(frozen=True, slots=True)
class UpdateRow:
    update: ServiceUpdate
    waiting_instances: int
    waiting_groups: int
    days_left: int | None
    """Whole days until the recommended apply-by date, negative once it has passed; None if AWS gives no date."""

    @property
    def deadline(self) -> str:
        if self.days_left is None:
            return "no date"
        if self.days_left < 0:
            return f"{-self.days_left} day{_s(-self.days_left)} overdue"
        return "today" if self.days_left == 0 else f"{self.days_left} day{_s(self.days_left)} left"

    @property
    def is_overdue(self) -> bool:
        return self.days_left is not None and self.days_left < 0


@dataclass(frozen=True, slots=True)
class SpaceRow:
    org_name: str
    space_name: str
    share: Share


@dataclass(frozen=True, slots=True)
class RegionBacklog:
    status: RegionStatus
    survey: Survey
    share: Share
    updates: tuple[UpdateRow, ...]
    """First the updates that wait for somebody, then the others, each sorted by severity and apply-by date."""
    spaces: tuple[SpaceRow, ...]
    """Only spaces in which an update waits, sorted by org and space."""


@dataclass(frozen=True, slots=True)
class Overall:
    """Totals over all regions that have ever been surveyed."""

    share: Share
    unclaimed_groups: int
    """How many replication groups have an update waiting and belong to no tenant."""
    unknown_regions: tuple[str, ...]
    """Names of the regions that have never been surveyed."""
    outdated_regions: tuple[str, ...]
    """Names of the regions in which no survey has succeeded lately."""

    @property
    def is_all_clear(self) -> bool:
        """True if nothing waits, every region was surveyed lately, and there are instances at all."""
        doubts = self.unclaimed_groups or self.unknown_regions or self.outdated_regions
        return self.share.instances > 0 and not self.share.waiting and not doubts


def region_backlog(status: RegionStatus, now: datetime) -> RegionBacklog | None:
    """None until a survey of the region has succeeded."""
    if (survey := status.survey) is None:
        return None
    return RegionBacklog(
        status, survey, _share(survey.service_instances, survey), _update_rows(survey, now), _space_rows(survey)
    )


def overall(regions: Iterable[tuple[RegionStatus, RegionBacklog | None]], oldest: datetime) -> Overall | None:
    """None until a survey of some region has succeeded. Surveys from before `oldest` are outdated."""
    pairs = list(regions)
    known = [backlog for _, backlog in pairs if backlog is not None]
    if not known:
        return None
    return Overall(
        share=Share(sum(b.share.waiting for b in known), sum(b.share.instances for b in known)),
        unclaimed_groups=sum(len(backlog.survey.unclaimed_group_ids) for backlog in known),
        unknown_regions=tuple(status.region_name for status, backlog in pairs if backlog is None),
        outdated_regions=tuple(
            status.region_name
            for status, backlog in pairs
            if backlog is not None and (status.last_failure or backlog.survey.taken_at < oldest)
        ),
    )


def _share(instances: Sequence[ServiceInstance], survey: Survey) -> Share:
    return Share(sum(instance.guid in survey.waiting_instance_guids for instance in instances), len(instances))


def _update_rows(survey: Survey, now: datetime) -> tuple[UpdateRow, ...]:
    groups = Counter(required.service_update.name for required in survey.required_updates)
    instances = Counter(
        required.service_update.name for required in survey.required_updates if required.service_instance is not None
    )
    rows = [
        UpdateRow(update, instances[update.name], groups[update.name], _days_left(update.recommended_apply_by, now))
        for update in survey.our_service_updates
    ]
    return tuple(sorted(rows, key=_urgency))


def _urgency(row: UpdateRow) -> tuple[bool, int, float, str]:
    severity = row.update.severity.lower()
    rank = _SEVERITIES.index(severity) if severity in _SEVERITIES else len(_SEVERITIES)
    days = float("inf") if row.days_left is None else row.days_left
    return row.waiting_groups == 0, rank, days, row.update.name


def _days_left(moment: datetime | None, now: datetime) -> int | None:
    return None if moment is None else int((moment - now).total_seconds() // _SECONDS_A_DAY)


def _space_rows(survey: Survey) -> tuple[SpaceRow, ...]:
    by_space: dict[tuple[str, str, str, str], list[ServiceInstance]] = defaultdict(list)
    for instance in survey.service_instances:
        # Names come first for the order; guids tell apart two orgs that had the same name around a rename.
        key = (instance.org_name, instance.space_name, instance.org_guid, instance.space_guid)
        by_space[key].append(instance)
    rows = (SpaceRow(key[0], key[1], _share(instances, survey)) for key, instances in sorted(by_space.items()))
    return tuple(row for row in rows if row.share.waiting)


def _s(count: int) -> str:
    return "" if count == 1 else "s"

"""Turns a survey and the ledger into what a window could take, whom it leaves out, and what is planned. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from exporter.backlog import Share
from exporter.ledger_status import LedgerStatus
from exporter.region_status import RegionStatus
from fleet.inventory import ServiceInstance
from fleet.survey import Survey
from ledger.deferral import Deferral
from ledger.outlook import Outlook, PlannedWindow

_NOTHING_KNOWN = Outlook()


@dataclass(frozen=True, slots=True)
class WindowRow:
    starts_at: datetime
    """In UTC, as is the end."""
    ends_at: datetime
    is_open: bool

    @property
    def in_words(self) -> str:
        """Such as `Tuesday 16 June 2026, 08:00 to 10:00 UTC`."""
        end_day = "" if self.starts_at.date() == self.ends_at.date() else f"{self.ends_at:%A} {_day(self.ends_at)}, "
        return (
            f"{self.starts_at:%A} {_day(self.starts_at)}, {self.starts_at:%H:%M} to {end_day}{self.ends_at:%H:%M} UTC"
        )


@dataclass(frozen=True, slots=True)
class DeferredRow:
    instance: ServiceInstance
    until: str
    """Such as `1 July 2026`, or the end of the window that it skips."""
    is_waiting: bool
    """True if an update waits for it."""


@dataclass(frozen=True, slots=True)
class RegionPlan:
    schedulable: Share
    """The instances with an update waiting that a window could take: not deferred, and not only for a major version."""
    waiting_for_major_versions_only: int
    windows: tuple[WindowRow, ...]
    """Those that are not over, sorted by their start."""
    deferred: tuple[DeferredRow, ...]
    """Sorted by org, space and name."""
    is_ledger_missing: bool
    """True if there is a ledger that cannot be read: windows and deferrals are not known then."""


@dataclass(frozen=True, slots=True)
class OverallPlan:
    """Totals over all regions that have ever been surveyed."""

    schedulable: Share
    deferred_count: int
    """Instances that are deferred and for which an update waits."""
    major_only_count: int
    """Instances for which nothing waits but major versions."""
    asks_for_window: bool
    """True if a region is above the threshold and has no window planned; the alert asks for one then."""
    is_ledger_missing: bool


def region_plan(status: RegionStatus, ledger: LedgerStatus | None, now: datetime) -> RegionPlan | None:
    """None until a survey of the region has succeeded. Without a ledger nobody is deferred and nothing is planned."""
    if (survey := status.survey) is None:
        return None
    outlook = (ledger and ledger.outlook) or _NOTHING_KNOWN
    deferred = outlook.deferred(status.aws_region, survey.service_instances, now)
    without_major = _waiting_without_major(survey)
    return RegionPlan(
        schedulable=Share(len(without_major - deferred.keys()), len(survey.service_instances)),
        waiting_for_major_versions_only=len(survey.waiting_instance_guids - without_major),
        windows=tuple(_window_row(window, now) for window in outlook.windows_not_over(status.aws_region, now)),
        deferred=tuple(
            DeferredRow(instance, _until(deferred[instance.guid]), instance.guid in survey.waiting_instance_guids)
            for instance in sorted(survey.service_instances, key=_place)
            if instance.guid in deferred
        ),
        is_ledger_missing=ledger is not None and ledger.outlook is None,
    )


def overall_plan(plans: Iterable[RegionPlan | None], threshold: float) -> OverallPlan:
    known = [plan for plan in plans if plan is not None]
    return OverallPlan(
        schedulable=Share(sum(p.schedulable.waiting for p in known), sum(p.schedulable.instances for p in known)),
        deferred_count=sum(row.is_waiting for plan in known for row in plan.deferred),
        major_only_count=sum(plan.waiting_for_major_versions_only for plan in known),
        asks_for_window=any(plan.schedulable.fraction > threshold and not plan.windows for plan in known),
        is_ledger_missing=any(plan.is_ledger_missing for plan in known),
    )


def _waiting_without_major(survey: Survey) -> set[str]:
    """The instances for which at least one update waits that is no major version."""
    return {
        required.service_instance.guid
        for required in survey.required_updates
        if required.service_instance is not None and not required.service_update.is_major_version
    }


def _window_row(window: PlannedWindow, now: datetime) -> WindowRow:
    return WindowRow(window.starts_at.astimezone(UTC), window.ends_at.astimezone(UTC), window.starts_at <= now)


def _until(deferral: Deferral) -> str:
    if deferral.until is not None:
        return f"{deferral.until.day} {deferral.until:%B %Y}"
    end = deferral.lasts_until.astimezone(UTC)
    return f"{_day(end)}, {end:%H:%M} UTC (skips that window)"


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"


def _place(instance: ServiceInstance) -> tuple[str, str, str, str]:
    return instance.org_name, instance.space_name, instance.name, instance.guid

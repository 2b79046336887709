"""What a window could take of what the view chooses, how long that takes, by when, and what is planned. Pure."""

import contextlib
import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from exporter.page.backlog import Share
from exporter.page.choice import Choice
from exporter.page.commands import CommandLine, WindowFlags, command_lines
from exporter.page.duration import group_seconds, in_words, window_seconds
from exporter.page.facts import Facts, RegionFacts
from exporter.page.rows import InstanceRow
from exporter.page.updates import UpdateRow
from fleet.inventory import ServiceUpdate
from ledger.outlook import PlannedWindow

_NOTICE_DAYS = 8
_GOOD_WEEKDAYS = (1, 2, 3)
_MORNING = 9


@dataclass(frozen=True, slots=True)
class WindowRow:
    window: PlannedWindow
    is_open: bool
    told_count: int | None
    """How many of the instances that the view lets a window take were told of it; None where that is not known."""

    @property
    def starts_at(self) -> datetime:
        return self.window.starts_at.astimezone(_zone(self.window))

    @property
    def ends_at(self) -> datetime:
        return self.window.ends_at.astimezone(_zone(self.window))

    @property
    def in_words(self) -> str:
        """Such as `Tuesday 16 June 2026, 09:00 to 11:00 BST`, in the time zone of those who were told."""
        start, end = self.starts_at, self.ends_at
        end_day = "" if start.date() == end.date() else f"{end:%A} {day_in_words(end)}, "
        return f"{start:%A} {day_in_words(start)}, {start:%H:%M} to {end_day}{end:%H:%M} {end:%Z}"


@dataclass(frozen=True, slots=True)
class RegionPlan:
    region: RegionFacts
    waiting: int
    """The instances for which something waits that the filters choose; the next ones are part of them."""
    schedulable: int
    orgs: int
    """How many orgs the schedulable instances belong to."""
    deferred: int
    major_only: int
    """Nothing but major versions waits for them."""
    not_available: int
    """Schedulable, but their group is not `available` at the moment, so that AWS would refuse it now."""
    under_way: int
    seconds: float
    deadline: UpdateRow | None
    """The update whose date comes first, of those that the schedulable instances wait for; overdue ones count."""
    windows: tuple[WindowRow, ...]
    is_example: bool
    """True if nobody has planned or asked for a window: the date in the commands is then only an example."""
    when: str
    """The window in the commands, such as `Tuesday 16 June 2026, 0900-1100`."""
    warnings: tuple[str, ...]
    commands: tuple[CommandLine, ...]

    @property
    def duration(self) -> str:
        return in_words(self.seconds)


@dataclass(frozen=True, slots=True)
class OverallPlan:
    """Over all regions that have ever been surveyed, whatever the view's filters."""

    schedulable: Share
    deferred_count: int
    """Instances that are deferred and for which an update waits."""
    major_only_count: int
    """Instances for which nothing waits but major versions."""
    asks_for_window: bool
    """True if a region is above the threshold and has no window planned; the alert asks for one then."""


def region_plan(choice: Choice, region: RegionFacts) -> RegionPlan:
    code = region.status.aws_region
    waiting, schedulable = choice.waiting[code], choice.schedulable[code]
    takeable = [update for update in choice.takeable if update.name in region.joined.bits]
    seconds = window_seconds(schedulable, group_seconds(schedulable, takeable, region.joined))
    deadline = _deadline(schedulable, takeable, region)
    windows = tuple(_window_row(window, schedulable, choice.facts.now) for window in region.windows)
    asked = _window_flags(choice, windows, seconds)
    flags = asked.flags
    deferred = sum(choice.is_deferred(row) for row in waiting) if region.deferred else 0
    return RegionPlan(
        region=region,
        waiting=len(waiting),
        schedulable=len(schedulable),
        orgs=len({row.instance.org_guid for row in schedulable}),
        deferred=deferred,
        major_only=len(waiting) - len(schedulable) - deferred,
        not_available=sum(row.group is None or row.group.status != "available" for row in schedulable),
        under_way=sum(row.under_way != 0 for row in choice.matching[code]),
        seconds=seconds,
        deadline=deadline,
        windows=windows,
        is_example=asked.is_example_day,
        when=f"{flags.in_words}, {flags.hours}",
        warnings=tuple(_warnings(asked, seconds, deadline, choice.facts.now)),
        commands=command_lines(region.status, choice.view, takeable, flags),
    )


def overall_plan(facts: Facts) -> OverallPlan:
    threshold = facts.exporter.update_fraction_threshold
    return OverallPlan(
        schedulable=Share(sum(r.schedulable_count for r in facts.regions), sum(len(r.rows) for r in facts.regions)),
        deferred_count=sum(guid in r.survey.waiting_instance_guids for r in facts.regions for guid in r.deferred),
        major_only_count=sum(len(r.survey.waiting_instance_guids - r.joined.without_major) for r in facts.regions),
        asks_for_window=any(
            Share(r.schedulable_count, len(r.rows)).fraction > threshold and not r.windows for r in facts.regions
        ),
    )


def _deadline(
    schedulable: Iterable[InstanceRow], takeable: Iterable[ServiceUpdate], region: RegionFacts
) -> UpdateRow | None:
    due = functools.reduce(lambda found, row: found | row.waiting, schedulable, 0) & region.joined.update_set(takeable)
    rows = [row for row in region.updates if row.days_left is not None and due & region.joined.bits[row.update.name]]
    return min(rows, key=lambda row: row.days_left or 0, default=None)


def day_in_words(moment: date) -> str:
    return f"{moment.day} {moment:%B %Y}"


def _window_row(window: PlannedWindow, schedulable: Iterable[InstanceRow], now: datetime) -> WindowRow:
    told = window.told_instance_guids
    count = None if told is None else sum(row.instance.guid in told for row in schedulable)
    return WindowRow(window, window.starts_at <= now, count)


class _Asked(NamedTuple):
    flags: WindowFlags
    is_example_day: bool
    are_example_hours: bool


def _window_flags(choice: Choice, windows: Sequence[WindowRow], seconds: float) -> _Asked:
    """The window that was asked for, else the first one that is planned, else an example."""
    view = choice.view
    if windows and view.window_date is None and not view.window_hours:
        first = windows[0]
        hours = f"{first.starts_at:%H%M}-{first.ends_at:%H%M}"
        zone = str(_zone(first.window))
        return _Asked(WindowFlags(first.starts_at.date(), hours, zone), is_example_day=False, are_example_hours=False)
    day = view.window_date or _example_day(choice.facts.now)
    last_hour = min(17, _MORNING + max(2, -int(-seconds // 3600)))
    hours = view.window_hours or f"{_MORNING:02}00-{last_hour:02}00"
    return _Asked(WindowFlags(day, hours), view.window_date is None, not view.window_hours)


def _example_day(now: datetime) -> date:
    """Tenants need notice, and Mondays and Fridays are bad days to break something."""
    day = now.date() + timedelta(days=_NOTICE_DAYS)
    while day.weekday() not in _GOOD_WEEKDAYS:
        day += timedelta(days=1)
    return day


def _warnings(asked: _Asked, seconds: float, deadline: UpdateRow | None, now: datetime) -> Iterable[str]:
    """About the window in the commands, as far as it is no example; the notifier has more of them."""
    flags = asked.flags
    if not asked.is_example_day:
        if flags.day < now.date():
            yield "it is over"
        by = deadline.update.recommended_apply_by if deadline and not deadline.is_overdue else None
        if by is not None and deadline and flags.day > by.date():
            yield f"it lies after the apply-by date of {deadline.update.name}, {day_in_words(by)}"
    if asked.are_example_hours:
        return
    first, _, last = flags.hours.partition("-")
    length = (int(last[:2]) - int(first[:2])) * 3600 + (int(last[2:]) - int(first[2:])) * 60
    if 0 < length < seconds:
        yield f"it has {in_words(length)}, and all takes about {in_words(seconds)}: apply leaves the rest alone"


def _zone(window: PlannedWindow) -> ZoneInfo:
    """UTC where none is recorded, or one that this machine does not know."""
    with contextlib.suppress(KeyError, ValueError, OSError):
        return ZoneInfo(window.time_zone or "UTC")
    return ZoneInfo("UTC")

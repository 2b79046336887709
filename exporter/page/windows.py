"""The windows that are planned, and the one in the commands: planned, asked for, or an example. Pure."""

import contextlib
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from exporter.page.commands import WindowFlags
from exporter.page.duration import in_words
from exporter.page.facts import RegionFacts
from exporter.page.updates import UpdateRow
from exporter.page.view import View
from ledger.outlook import PlannedWindow

_NOTICE_DAYS = 8
_GOOD_WEEKDAYS = (1, 2, 3)
_MORNING = 9
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class WindowRow:
    window: PlannedWindow
    is_open: bool
    taken_count: int
    """How many instances the view lets this window take."""
    told_count: int | None
    """How many of these were told of it; None where that is not known."""

    @property
    def starts_at(self) -> datetime:
        return self.window.starts_at.astimezone(_zone(self.window.time_zone))

    @property
    def ends_at(self) -> datetime:
        return self.window.ends_at.astimezone(_zone(self.window.time_zone))

    @property
    def in_words(self) -> str:
        """Such as `Tuesday 16 June 2026, 09:00 to 11:00 BST`, in the time zone of those who were told."""
        start, end = self.starts_at, self.ends_at
        end_day = "" if start.date() == end.date() else f"{end:%A} {day_in_words(end)}, "
        return f"{start:%A} {day_in_words(start)}, {start:%H:%M} to {end_day}{end:%H:%M} {end:%Z}"


@dataclass(frozen=True, slots=True)
class ChosenWindow:
    """The one in the commands."""

    flags: WindowFlags
    starts_at: datetime
    ends_at: datetime
    is_planned: bool
    is_called_off: bool
    """It was moved or cancelled, and cannot be announced again."""
    is_example_day: bool

    @property
    def key(self) -> str:
        """As the ledger has it."""
        return f"{self.starts_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}/{self.ends_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"

    @property
    def when(self) -> str:
        """Such as `Tuesday 16 June 2026, 0900-1100`."""
        return f"{self.flags.in_words}, {self.flags.hours}"


def chosen_window(view: View, region: RegionFacts, seconds: float, now: datetime) -> ChosenWindow:
    """
    The window that was asked for, else the first one that is planned, else an example of a good one.

    Of a day without hours it is the one that is planned for that day.
    """
    if not view.window_hours:
        that_day = [w for w in region.windows if view.window_date in (None, flags_of(w).day)]
        if that_day:
            return _planned(that_day[0])
    last_hour = min(17, _MORNING + max(2, -int(-seconds // 3600)))
    hours = view.window_hours or f"{_MORNING:02}00-{last_hour:02}00"
    zone = _zone(region.status.time_zone)
    taken = {(window.starts_at, window.ends_at) for window in region.called_off}
    day = view.window_date or next(day for day in _example_days(now) if _moments(day, hours, zone) not in taken)
    starts_at, ends_at = _moments(day, hours, zone)
    planned = [window for window in region.windows if (window.starts_at, window.ends_at) == (starts_at, ends_at)]
    return ChosenWindow(
        flags_of(planned[0]) if planned else WindowFlags(day, hours),
        starts_at,
        ends_at,
        is_planned=bool(planned),
        is_called_off=(starts_at, ends_at) in taken,
        is_example_day=view.window_date is None,
    )


def _planned(window: PlannedWindow) -> ChosenWindow:
    return ChosenWindow(
        flags_of(window),
        window.starts_at,
        window.ends_at,
        is_planned=True,
        is_called_off=False,
        is_example_day=False,
    )


def _moments(day: date, hours: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    start, _, end = hours.partition("-")
    return (
        datetime.combine(day, time(int(start[:2]), int(start[2:])), zone),
        datetime.combine(day, time(int(end[:2]), int(end[2:])), zone),
    )


def flags_of(window: PlannedWindow) -> WindowFlags:
    """In the time zone of those who were told, so that it is the same window."""
    row = WindowRow(window, is_open=False, taken_count=0, told_count=None)
    start, end = row.starts_at, row.ends_at
    return WindowFlags(start.date(), f"{start:%H%M}-{end:%H%M}", str(_zone(window.time_zone)))


def warnings(chosen: ChosenWindow, seconds: float, due: Iterable[UpdateRow], now: datetime) -> Iterable[str]:
    """About the window in the commands, as far as it is no example; the notifier has more of them."""
    if not chosen.is_example_day:
        if chosen.ends_at <= now:
            yield "it is over"
        elif chosen.starts_at <= now and not chosen.is_planned:
            yield "it would have begun already"
        yield from _late(chosen, due)
    if chosen.is_called_off:
        yield "it was moved or cancelled, and the notifier announces no such window again: choose other hours"
    length = (chosen.ends_at - chosen.starts_at).total_seconds()
    if length < seconds:
        yield f"it has {in_words(length)}, and all takes about {in_words(seconds)}: apply leaves the rest alone"


def _late(chosen: ChosenWindow, due: Iterable[UpdateRow]) -> Iterable[str]:
    """Each date that is still to come and that the window misses."""
    dates = [(row.update.name, row.update.recommended_apply_by) for row in due if not row.is_overdue]
    late = [(name, by) for name, by in dates if by is not None and chosen.ends_at > by]
    for name, by in late[:_MOST_NAMED]:
        yield f"it ends after the apply-by date of {name}, {day_in_words(by)}"
    if len(late) > _MOST_NAMED:
        yield f"it ends after the apply-by dates of {len(late) - _MOST_NAMED} more"


def day_in_words(moment: date) -> str:
    return f"{moment.day} {moment:%B %Y}"


def _example_days(now: datetime) -> Iterator[date]:
    """Tenants need notice, and Mondays and Fridays are bad days to break something."""
    first = now.date() + timedelta(days=_NOTICE_DAYS)
    days = (first + timedelta(days=number) for number in itertools.count())
    return (day for day in days if day.weekday() in _GOOD_WEEKDAYS)


def _zone(name: str | None) -> ZoneInfo:
    """UTC where none is recorded, or one that this machine does not know."""
    with contextlib.suppress(KeyError, ValueError, OSError):
        return ZoneInfo(name or "UTC")
    return ZoneInfo("UTC")

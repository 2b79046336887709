"""The windows that are planned, and the one in the commands: planned, asked for, or an example. Pure."""

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from exporter.page.commands import WindowFlags
from exporter.page.duration import in_words
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
    told_count: int | None
    """How many of the instances that the view lets a window take were told of it; None where that is not known."""

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
    is_example_day: bool
    are_example_hours: bool

    @property
    def when(self) -> str:
        """Such as `Tuesday 16 June 2026, 0900-1100`."""
        return f"{self.flags.in_words}, {self.flags.hours}"


def chosen_window(
    view: View, windows: Sequence[PlannedWindow], seconds: float, now: datetime, time_zone: str
) -> ChosenWindow:
    """The window that was asked for, else the first one that is planned, else an example of a good one."""
    if windows and view.window_date is None and not view.window_hours:
        first = windows[0]
        return ChosenWindow(
            flags_of(first),
            first.starts_at,
            first.ends_at,
            is_planned=True,
            is_example_day=False,
            are_example_hours=False,
        )
    day = view.window_date or _example_day(now)
    last_hour = min(17, _MORNING + max(2, -int(-seconds // 3600)))
    hours = view.window_hours or f"{_MORNING:02}00-{last_hour:02}00"
    zone = _zone(time_zone)
    starts_at, ends_at = (
        datetime.combine(day, time(int(text[:2]), int(text[2:])), zone) for text in hours.partition("-")[::2]
    )
    planned = [window for window in windows if (window.starts_at, window.ends_at) == (starts_at, ends_at)]
    return ChosenWindow(
        flags_of(planned[0]) if planned else WindowFlags(day, hours),
        starts_at,
        ends_at,
        is_planned=bool(planned),
        is_example_day=view.window_date is None,
        are_example_hours=not view.window_hours,
    )


def flags_of(window: PlannedWindow) -> WindowFlags:
    """In the time zone of those who were told, so that it is the same window."""
    row = WindowRow(window, is_open=False, told_count=None)
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
    length = (chosen.ends_at - chosen.starts_at).total_seconds()
    if not chosen.are_example_hours and length < seconds:
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


def _example_day(now: datetime) -> date:
    """Tenants need notice, and Mondays and Fridays are bad days to break something."""
    day = now.date() + timedelta(days=_NOTICE_DAYS)
    while day.weekday() not in _GOOD_WEEKDAYS:
        day += timedelta(days=1)
    return day


def _zone(name: str | None) -> ZoneInfo:
    """UTC where none is recorded, or one that this machine does not know."""
    with contextlib.suppress(KeyError, ValueError, OSError):
        return ZoneInfo(name or "UTC")
    return ZoneInfo("UTC")

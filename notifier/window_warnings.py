"""What is unwise, but allowed, about a maintenance window. Pure: the moment comes in as an argument."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time

from fleet.inventory import ServiceUpdate
from notifier.window import MaintenanceWindow
from notifier.working_days import WorkingDays

_SATURDAY = 5


@dataclass(frozen=True)
class Expectations:
    """What a good window looks like here."""

    working_days: WorkingDays
    working_hours: tuple[time, time] = (time(9), time(17))
    minimum_notice_days: int = 3
    """Whole working days between the day of the mail and the day of the window."""


def window_warnings(
    window: MaintenanceWindow, now: datetime, updates: Iterable[ServiceUpdate], expectations: Expectations
) -> list[str]:
    """One line each, the calendar's first, then the updates' by name."""
    return [
        *_calendar_warnings(window, expectations),
        *_notice_warnings(window, now, expectations),
        *_late_updates(window, updates),
    ]


def _calendar_warnings(window: MaintenanceWindow, expectations: Expectations) -> Iterator[str]:
    day = window.starts_at.date()
    if day.weekday() >= _SATURDAY:
        yield f"{window.date_in_words} is a weekend day"
    if (name := expectations.working_days.bank_holiday(day)) is not None:
        yield f"{window.date_in_words} is a bank holiday: {name}"
    first, last = expectations.working_hours
    if window.starts_at.time() < first or window.ends_at.time() > last:
        yield f"the window, {window.times_in_words}, is not within working hours ({first:%H:%M} to {last:%H:%M})"


def _notice_warnings(window: MaintenanceWindow, now: datetime, expectations: Expectations) -> Iterator[str]:
    if window.starts_at <= now:
        yield f"the window on {window.in_words} has already begun or is over"
        return
    today = now.astimezone(window.starts_at.tzinfo).date()
    notice = expectations.working_days.between(today, window.starts_at.date())
    wanted = expectations.minimum_notice_days
    if notice < wanted:
        days = "working day" if notice == 1 else "working days"
        yield f"tenants get {notice} whole {days} of notice, less than --minimum-notice {wanted}"


def _late_updates(window: MaintenanceWindow, updates: Iterable[ServiceUpdate]) -> Iterator[str]:
    for update in sorted({update.name: update for update in updates}.values(), key=lambda update: update.name):
        apply_by = update.recommended_apply_by
        if apply_by is not None and window.ends_at > apply_by:
            yield f"update {update.name} should be applied by {apply_by:%-d %B %Y}, before the window"

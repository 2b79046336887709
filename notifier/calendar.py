"""Knows working days, and warns about maintenance windows that are allowed but unwise. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from fleet.errors import ConfigurationError
from fleet.inventory import ServiceUpdate
from notifier.maintenance import Maintenance
from notifier.window import MaintenanceWindow

if TYPE_CHECKING:
    import holidays

_SATURDAY = 5


@dataclass(frozen=True, eq=False)
class WorkingDays:
    """
    Monday to Friday, except the bank holidays of a country or of a part of it.

    `bank_holidays` maps dates to names, and works out further years when they are asked for.
    """

    bank_holidays: "holidays.HolidayBase"

    def bank_holiday(self, day: date) -> str | None:
        name: str | None = self.bank_holidays.get(day)
        return name

    def is_working_day(self, day: date) -> bool:
        return day.weekday() < _SATURDAY and day not in self.bank_holidays

    def between(self, first: date, last: date) -> int:
        """Whole working days after the first date and before the last."""
        return sum(self.is_working_day(day) for day in _days(first + timedelta(1), last))

    def last_before(self, day: date) -> date:
        previous = day - timedelta(1)
        while not self.is_working_day(previous):
            previous -= timedelta(1)
        return previous


def reply_by(window: MaintenanceWindow, today: date, working: WorkingDays) -> str:
    """The last working day before the window, or today if that day is over. Such as `Monday 15 June 2026`."""
    day = max(today, working.last_before(window.starts_at.date()))
    return f"{day:%A} {day.day} {day:%B %Y}"


def working_days(place: str) -> WorkingDays:
    """The working days in a place, given by its ISO 3166 code, such as `GB-ENG` or `IE`. Raises ConfigurationError."""
    country, _, part = place.strip().upper().partition("-")
    of_country = _bank_holidays_of(country)
    try:
        found = None if of_country is None else of_country(subdiv=part or None, language=_language(country))
    except NotImplementedError:  # no such part of it
        found = None
    if found is None or (part and part not in found.subdivisions):  # it knows other names of parts, too
        raise ConfigurationError(
            f"--bank-holidays '{place}': no such place; write it as ISO 3166 does, such as GB-ENG (England and Wales),"
            " GB-SCT or IE"
        )
    return WorkingDays(found)


def _bank_holidays_of(country: str) -> "type[holidays.HolidayBase] | None":
    """
    None if there is no country with this code of two letters.

    Loads the one file that has it: the library's package of countries loads all 250, which takes as long as a tenth of
    the program.
    """
    import holidays  # noqa: PLC0415 — it takes long enough by itself
    from holidays.registry import COUNTRIES  # noqa: PLC0415 — as above

    for module_name, (class_name, code, *_) in COUNTRIES.items():
        if code == country:
            path = Path(holidays.__file__).parent / "countries" / f"{module_name}.py"
            loader = SourceFileLoader(f"{__name__}.{module_name}", str(path))
            module = ModuleType(loader.name)
            loader.exec_module(module)
            found: type[holidays.HolidayBase] = getattr(module, class_name)
            return found
    return None


def _language(country: str) -> str | None:
    """Names British bank holidays in British English; None leaves the choice to the library."""
    return "en_GB" if country == "GB" else None


def _days(first: date, end: date) -> Iterator[date]:
    while first < end:
        yield first
        first += timedelta(1)


@dataclass(frozen=True)
class Expectations:
    """What a good window looks like on this platform."""

    working_days: WorkingDays
    working_hours: tuple[time, time] = (time(9), time(17))
    minimum_notice_days: int = 3
    """How many whole working days should lie between the day of the mail and the day of the window."""

    def warnings(self, maintenance: Maintenance, now: datetime, updates: Sequence[ServiceUpdate]) -> list[str]:
        """Warns about the window, and about the alternative window that tenants may ask for."""
        found = window_warnings(maintenance.window, now, updates, self)
        if maintenance.alternative is not None:
            others = window_warnings(maintenance.alternative, now, updates, self)
            found += [f"the alternative: {warning}" for warning in others]
            if maintenance.alternative.starts_at < maintenance.window.starts_at:
                found.append(f"the alternative, {maintenance.alternative.in_words}, lies before the window itself")
        return found


def window_warnings(
    window: MaintenanceWindow, now: datetime, updates: Iterable[ServiceUpdate], expectations: Expectations
) -> list[str]:
    """One line for each warning: first those about the calendar, then those about updates, sorted by name."""
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

"""The maintenance window: a date and a time range in the region's local time, parsed and checked once."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property
from zoneinfo import ZoneInfo

from fleet.errors import ConfigurationError

DATE_FLAG = "--maintenance-window-date"
TIME_RANGE_FLAG = "--maintenance-window-time-range"
ALTERNATIVE_DATE_FLAG = "--alt-maintenance-window-date"
ALTERNATIVE_TIME_RANGE_FLAG = "--alt-maintenance-window-time-range"

_MONTHS = (
    "january february march april may june july august september october november december".split()  # noqa: SIM905 — reads better
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DATE_IN_WORDS = re.compile(
    r"(?:(?P<weekday>[a-z]+),?\s+)?(?P<day>\d{1,2})\s+(?P<month>[a-z]+)(?:\s+(?P<year>\d{4}))?",
    re.ASCII | re.IGNORECASE,
)
_ISO_DATE = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})", re.ASCII)
_TIME_RANGE = re.compile(r"(\d{2}):?(\d{2})\s*[-–]\s*(\d{2}):?(\d{2})", re.ASCII)
_YEARS = range(2000, 2200)
_DATE_FORM = "write it as 'Tuesday 16 June 2026', '16 June 2026' or '2026-06-16'"
_TIME_RANGE_FORM = "write it as '0900-1100' or '09:00-11:00'"


@dataclass(frozen=True)
class MaintenanceWindow:
    """Both ends are aware and in the region's time zone."""

    starts_at: datetime
    ends_at: datetime

    @cached_property
    def date_in_words(self) -> str:
        """Such as `Tuesday 16 June 2026`."""
        return f"{self.starts_at:%A} {self.starts_at.day} {self.starts_at:%B %Y}"

    @cached_property
    def times_in_words(self) -> str:
        """Such as `09:00 and 11:00 (BST)`."""
        return f"{self.starts_at:%H:%M} and {self.ends_at:%H:%M} ({self.starts_at:%Z})"

    @property
    def in_words(self) -> str:
        return f"{self.date_in_words} between {self.times_in_words}"

    @property
    def time_zone(self) -> str:
        """Such as `Europe/London`."""
        return str(self.starts_at.tzinfo)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @cached_property
    def key(self) -> str:
        """Start and end in UTC, such as `2026-06-16T08:00Z/2026-06-16T10:00Z`, whatever way the window was written."""
        return f"{self.starts_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}/{self.ends_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def window_of_key(key: str, zone: ZoneInfo) -> MaintenanceWindow:
    """The window with this key, in the time zone of the people who are told. Raises ValueError for an invalid key."""
    start, _, end = key.partition("/")
    return MaintenanceWindow(
        datetime.fromisoformat(start).astimezone(zone), datetime.fromisoformat(end).astimezone(zone)
    )


def maintenance_window(
    date_text: str, time_range_text: str, zone: ZoneInfo, flags: tuple[str, str] = (DATE_FLAG, TIME_RANGE_FLAG)
) -> MaintenanceWindow:
    """Raises ConfigurationError, naming the flag, for a date or time that is invalid or ambiguous."""
    day = _date(date_text, flags[0], None)
    return _window(day, time_range_text, zone, flags)


def later_window(
    date_text: str, time_range_text: str, main: MaintenanceWindow, flags: tuple[str, str]
) -> MaintenanceWindow:
    """Like `maintenance_window`, but a date without a year is the first such date after the main window's date."""
    day = _date(date_text, flags[0], main.starts_at.date())
    window = _window(day, time_range_text, ZoneInfo(str(main.starts_at.tzinfo)), flags)
    if window.starts_at < main.ends_at and main.starts_at < window.ends_at:
        raise ConfigurationError(f"{flags[0]} '{date_text}': it overlaps the maintenance window that it should replace")
    return window


def refuse_past(window: MaintenanceWindow, now: datetime, flag: str = DATE_FLAG) -> None:
    """Raises ConfigurationError if the window has begun, so that nobody is told about it too late."""
    if window.starts_at <= now:
        raise ConfigurationError(
            f"{flag}: the window on {window.in_words} has already begun or is over; choose a later one"
        )


def _date(text: str, flag: str, not_before: date | None) -> date:
    words = " ".join(text.split())
    if iso := _ISO_DATE.fullmatch(words):
        return _existing(int(iso["year"]), int(iso["month"]), int(iso["day"]), text, flag)
    match = _DATE_IN_WORDS.fullmatch(words)
    month = _number(match["month"], _MONTHS) if match else None
    if match is None or month is None or (match["year"] is None and not_before is None):
        missing = "the year is missing; " if match and month and match["year"] is None else ""
        raise ConfigurationError(f"{flag} '{text}': {missing or 'not a date; '}{_DATE_FORM}")
    number = int(match["day"])
    if match["year"] is None:
        assert not_before is not None  # noqa: S101 — refused above
        day = _existing(not_before.year, month + 1, number, text, flag)
        if day < not_before:
            day = _existing(not_before.year + 1, month + 1, number, text, flag)
    else:
        day = _existing(int(match["year"]), month + 1, number, text, flag)
    if match["weekday"] is not None:
        _check_weekday(match["weekday"], day, text, flag)
    return day


def _existing(year: int, month: int, day: int, text: str, flag: str) -> date:
    if year not in _YEARS:
        raise ConfigurationError(f"{flag} '{text}': the year {year:04} cannot be meant; {_DATE_FORM}")
    try:
        return date(year, month, day)
    except ValueError:
        pass
    try:
        first = date(year, month, 1)
    except ValueError:
        raise ConfigurationError(f"{flag} '{text}': there is no such date; {_DATE_FORM}") from None
    following = date(year + month // 12, month % 12 + 1, 1)
    raise ConfigurationError(f"{flag} '{text}': {first:%B %Y} has {(following - first).days} days; {_DATE_FORM}")


def _check_weekday(word: str, day: date, text: str, flag: str) -> None:
    number = _number(word, _WEEKDAYS)
    if number is None:
        raise ConfigurationError(f"{flag} '{text}': '{word}' is no day of the week; {_DATE_FORM}")
    if number != day.weekday():
        raise ConfigurationError(
            f"{flag} '{text}': {day.day} {day:%B %Y} is a {day:%A}, not a {_WEEKDAYS[number].capitalize()};"
            " correct the day or the date"
        )


def _number(word: str, names: "list[str] | tuple[str, ...]") -> int | None:
    """The position of a name, which may be cut to its first three letters and in upper or lower case."""
    lower = word.lower()
    return next((number for number, name in enumerate(names) if lower in (name, name[:3])), None)


def _window(day: date, time_range_text: str, zone: ZoneInfo, flags: tuple[str, str]) -> MaintenanceWindow:
    match = _TIME_RANGE.fullmatch(time_range_text.strip())
    if match is None:
        raise ConfigurationError(f"{flags[1]} '{time_range_text}': not a time range; {_TIME_RANGE_FORM}")
    hours = [int(text) for text in match.groups()]
    try:
        first, last = time(hours[0], hours[1]), time(hours[2], hours[3])
    except ValueError:
        raise ConfigurationError(
            f"{flags[1]} '{time_range_text}': hours go from 00 to 23 and minutes from 00 to 59; {_TIME_RANGE_FORM}"
        ) from None
    if last <= first:
        raise ConfigurationError(
            f"{flags[1]} '{time_range_text}': it ends before it starts; a window lies within one day, as 0900-1100 does"
        )
    return MaintenanceWindow(
        _local(day, first, zone, flags[1], time_range_text), _local(day, last, zone, flags[1], time_range_text)
    )


def _local(day: date, wall_time: time, zone: ZoneInfo, flag: str, text: str) -> datetime:
    moment = datetime.combine(day, wall_time, zone)
    if moment.utcoffset() == moment.replace(fold=1).utcoffset():
        return moment
    there_and_back = moment.astimezone(UTC).astimezone(zone)
    is_skipped = there_and_back.replace(tzinfo=None) != moment.replace(tzinfo=None)
    what = "does not exist" if is_skipped else "happens twice"
    raise ConfigurationError(
        f"{flag} '{text}': {wall_time:%H:%M} {what} on {day.day} {day:%B %Y} in {zone.key}, because the clocks change;"
        " choose another time"
    )

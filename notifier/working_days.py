"""Working days: Monday to Friday without the bank holidays of a country or a part of it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import holidays

from fleet.errors import ConfigurationError

_SATURDAY = 5


@dataclass(frozen=True, eq=False)
class WorkingDays:
    """`bank_holidays` maps dates to names; the years asked for are looked up as needed."""

    bank_holidays: holidays.HolidayBase

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


def working_days(place: str) -> WorkingDays:
    """Of a place as ISO 3166 codes it, such as `GB-ENG` or `IE`. Raises ConfigurationError."""
    country, _, part = place.strip().upper().partition("-")
    supported: Mapping[str, Collection[str]] = holidays.list_supported_countries(include_aliases=False)
    if country not in supported or (part and part not in supported[country]):
        raise ConfigurationError(
            f"--bank-holidays '{place}': no such place; write it as ISO 3166 does, such as GB-ENG (England and Wales),"
            " GB-SCT or IE"
        )
    return WorkingDays(holidays.country_holidays(country, subdiv=part or None, language=_language(country)))


def _language(country: str) -> str | None:
    """English where the library has it; None is the country's own."""
    return "en_GB" if country == "GB" else None


def _days(first: date, end: date) -> Iterator[date]:
    while first < end:
        yield first
        first += timedelta(1)

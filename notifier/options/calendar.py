"""Options that say what a good window looks like."""

from dataclasses import dataclass
from datetime import datetime, time

import cloup

from fleet.errors import ConfigurationError
from fleet.program.grouping import grouped
from fleet.program.numbers import WholeNumber
from notifier.calendar import Expectations, WorkingDays, working_days

_bank_holidays_option = cloup.option(
    "--bank-holidays",
    envvar="BANK_HOLIDAYS",
    default="GB-ENG",
    show_default=True,
    show_envvar=True,
    metavar="PLACE",
    help="Treat this place's bank holidays as days off. An ISO 3166 code; GB-ENG is England and Wales.",
)


@dataclass(frozen=True)
class BankHolidaysArguments:
    bank_holidays: str

    @property
    def working_days(self) -> WorkingDays:
        """Raises ConfigurationError."""
        return working_days(self.bank_holidays)


@dataclass(frozen=True)
class CalendarArguments:
    bank_holidays: str
    working_hours: str
    minimum_notice: int

    @property
    def expectations(self) -> Expectations:
        """What a good window looks like on this platform. Raises ConfigurationError."""
        first, dash, last = self.working_hours.replace(":", "").partition("-")
        try:
            hours = (_time(first), _time(last if dash else ""))
        except ValueError:
            raise ConfigurationError(f"--working-hours '{self.working_hours}': write it as 0900-1700") from None
        return Expectations(working_days(self.bank_holidays), hours, self.minimum_notice)


def _time(text: str) -> time:
    if not text.isascii():  # strptime accepts the digits of every script
        raise ValueError(text)
    return datetime.strptime(text.strip(), "%H%M").time()  # noqa: DTZ007 — a time of day, without a zone


bank_holidays_options = grouped("holidays", BankHolidaysArguments, _bank_holidays_option, heading="Window")
calendar_options = grouped(
    "calendar",
    CalendarArguments,
    _bank_holidays_option,
    cloup.option(
        "--working-hours",
        envvar="WORKING_HOURS",
        default="0900-1700",
        show_default=True,
        show_envvar=True,
        metavar="RANGE",
        help="Warn if the window is not within these hours.",
    ),
    cloup.option(
        "--minimum-notice",
        envvar="MINIMUM_NOTICE",
        type=WholeNumber(0, 60),
        default=3,
        show_default=True,
        show_envvar=True,
        metavar="DAYS",
        help="Warn if fewer whole working days lie between the mail and the window.",
    ),
    heading="Window",
)

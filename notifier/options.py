"""The command line options that several commands share; each group reaches its command as one value."""

import functools
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime, time
from pathlib import Path
from typing import Any

import click

from fleet.errors import ConfigurationError
from fleet.logs import LogFormat, configure_logging
from fleet.regions import RegionSettings
from notifier.affected import Selection
from notifier.message import DEFAULT_TEMPLATE
from notifier.notify import DEFAULT_BASE_URL, DEFAULT_REPLY_TO_ID, DEFAULT_TEMPLATE_ID, NotifySettings
from notifier.region_choice import RegionChoice, region_choice
from notifier.secret_options import required_secret, secret
from notifier.window import DATE_FLAG, TIME_RANGE_FLAG, MaintenanceWindow, later_window, maintenance_window
from notifier.window_warnings import Expectations
from notifier.working_days import working_days

Command = Callable[..., Any]
_ALT_FLAGS = ("--alt-maintenance-window-date", "--alt-maintenance-window-time-range")
_SEVERITIES = ("critical", "important", "medium", "low")


def _grouped(argument: str, kind: type, *options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Adds the options, and hands the command their values as one `kind`, whose fields are named as they are."""

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def with_group(*args: object, **kwargs: Any) -> Any:  # noqa: ANN401 — click's values, the command's answer
            group = kind(**{field.name: kwargs.pop(field.name) for field in fields(kind)})
            return command(*args, **{argument: group}, **kwargs)

        decorated: Command = with_group
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return decorate


@dataclass(frozen=True)
class WindowArguments:
    """As given; checked where they are asked for their meaning."""

    region: str | None
    time_zone: str | None
    maintenance_window_date: str | None
    maintenance_window_time_range: str | None
    alt_maintenance_window_date: str | None
    alt_maintenance_window_time_range: str | None

    def choice(self, settings: RegionSettings) -> RegionChoice:
        return region_choice(self.region, settings, self.time_zone)

    def window(self, choice: RegionChoice) -> MaintenanceWindow | None:
        """None where none is given. Raises ConfigurationError for half of one."""
        pair = _both(DATE_FLAG, self.maintenance_window_date, TIME_RANGE_FLAG, self.maintenance_window_time_range)
        return maintenance_window(*pair, choice.time_zone) if pair else None

    def required_window(self, choice: RegionChoice) -> MaintenanceWindow:
        window = self.window(choice)
        if window is None:
            raise ConfigurationError(f"{DATE_FLAG} is not set: write it as 'Tuesday 16 June 2026'")
        return window

    def alternative(self, window: MaintenanceWindow) -> MaintenanceWindow | None:
        first, second = _ALT_FLAGS
        pair = _both(first, self.alt_maintenance_window_date, second, self.alt_maintenance_window_time_range)
        return later_window(*pair, window, _ALT_FLAGS) if pair else None


def _both(first: str, first_value: str | None, second: str, second_value: str | None) -> tuple[str, str] | None:
    if first_value is not None and second_value is not None:
        return first_value, second_value
    if first_value is None and second_value is None:
        return None
    given, missing = (first, second) if second_value is None else (second, first)
    raise ConfigurationError(f"{missing} is not set, but {given} is: a window needs both")


window_options = _grouped(
    "window_arguments",
    WindowArguments,
    click.option(
        "--maintenance-window-date",
        metavar="DATE",
        help="Day of the maintenance, such as 'Tuesday 16 June 2026', '16 June 2026' or 2026-06-16.",
    ),
    click.option(
        "--maintenance-window-time-range",
        metavar="RANGE",
        help="From when until when, in the region's time, such as 0900-1100 or 09:00-11:00.",
    ),
    click.option(
        _ALT_FLAGS[0],
        metavar="DATE",
        help="Another day that is offered; without a year, the first one after the other.",
    ),
    click.option(_ALT_FLAGS[1], metavar="RANGE", help="From when until when on the other day."),
    click.option(
        "--region", metavar="NAME", help="Ireland, London, or one of REGIONS_FILE; it has to agree with AWS_REGION."
    ),
    click.option(
        "--time-zone",
        envvar="TIME_ZONE",
        show_envvar=True,
        metavar="NAME",
        help="Of the people who are told; Europe/London unless REGIONS_FILE says otherwise.",
    ),
)


@dataclass(frozen=True)
class CalendarArguments:
    bank_holidays: str
    working_hours: str
    minimum_notice: int

    @property
    def expectations(self) -> Expectations:
        first, dash, last = self.working_hours.replace(":", "").partition("-")
        try:
            hours = (_time(first), _time(last if dash else ""))
        except ValueError:
            raise ConfigurationError(f"--working-hours '{self.working_hours}': write it as 0900-1700") from None
        return Expectations(working_days(self.bank_holidays), hours, self.minimum_notice)


def _time(text: str) -> time:
    return datetime.strptime(text.strip(), "%H%M").time()  # noqa: DTZ007 — a time of day, without a zone


calendar_options = _grouped(
    "calendar",
    CalendarArguments,
    click.option(
        "--bank-holidays",
        envvar="BANK_HOLIDAYS",
        default="GB-ENG",
        show_default=True,
        show_envvar=True,
        metavar="PLACE",
        help="Whose bank holidays count, as ISO 3166 codes it: GB-ENG is England and Wales.",
    ),
    click.option(
        "--working-hours",
        envvar="WORKING_HOURS",
        default="0900-1700",
        show_default=True,
        show_envvar=True,
        metavar="RANGE",
        help="A window outside of them earns a warning.",
    ),
    click.option(
        "--minimum-notice",
        envvar="MINIMUM_NOTICE",
        type=click.IntRange(0, 60),
        default=3,
        show_default=True,
        show_envvar=True,
        metavar="DAYS",
        help="Whole working days between the mail and the window, below which there is a warning.",
    ),
)


@dataclass(frozen=True)
class SelectionArguments:
    only_update: tuple[str, ...]
    severity: tuple[str, ...]
    only_org: tuple[str, ...]
    exclude_org: tuple[str, ...]

    @property
    def selection(self) -> Selection:
        return Selection(
            only_updates=frozenset(self.only_update),
            severities=frozenset(self.severity),
            only_orgs=frozenset(self.only_org),
            excluded_orgs=frozenset(self.exclude_org),
        )


selection_options = _grouped(
    "selected",
    SelectionArguments,
    click.option(
        "--only-update",
        multiple=True,
        metavar="NAME",
        help="Only this service update; may be repeated. Major-version updates are left out unless named here.",
    ),
    click.option(
        "--severity",
        multiple=True,
        type=click.Choice(_SEVERITIES, case_sensitive=False),
        help="Only updates of this severity; may be repeated.",
    ),
    click.option("--only-org", multiple=True, metavar="ORG", help="Only this org, by name or guid; may be repeated."),
    click.option("--exclude-org", multiple=True, metavar="ORG", help="Not this org; may be repeated."),
)


@dataclass(frozen=True)
class AccountsArguments:
    paas_accounts_url: str | None
    paas_accounts_username: str | None
    paas_accounts_password: str | None

    def access(self) -> tuple[str, str, str] | None:
        """Address, user name and password; None where PaaS Accounts is not used. Raises ConfigurationError."""
        url = (self.paas_accounts_url or "").strip()
        if not url:
            if self.paas_accounts_username or self.paas_accounts_password:
                raise ConfigurationError("PAAS_ACCOUNTS_URL is not set, but its user name or password is: set it too")
            return None
        if not url.startswith(("http://", "https://")) or "@" in url:
            raise ConfigurationError(
                "PAAS_ACCOUNTS_URL: write it with its scheme and without a password, such as https://accounts.example.org"
            )
        username = self.paas_accounts_username or required_secret("PAAS_ACCOUNTS_USERNAME", "", None, os.environ)
        flag = "--paas-accounts-password"
        return url, username, required_secret("PAAS_ACCOUNTS_PASSWORD", flag, self.paas_accounts_password, os.environ)


accounts_options = _grouped(
    "accounts",
    AccountsArguments,
    click.option(
        "--paas-accounts-url",
        envvar="PAAS_ACCOUNTS_URL",
        show_envvar=True,
        metavar="URL",
        help="Where managers' addresses are; without it, user names that are addresses are used.",
    ),
    click.option("--paas-accounts-username", metavar="NAME", help="Instead of PAAS_ACCOUNTS_USERNAME."),
    click.option(
        "--paas-accounts-password", metavar="PASSWORD", help="Instead of PAAS_ACCOUNTS_PASSWORD; visible to others."
    ),
)


@dataclass(frozen=True)
class NotifyArguments:
    notify_api_key: str | None
    notify_base_url: str
    notify_template_id: str
    notify_reply_to_id: str

    def settings(self) -> NotifySettings:
        """Raises ConfigurationError."""
        key = required_secret("NOTIFY_API_KEY", "--notify-api-key", self.notify_api_key, os.environ)
        return NotifySettings(key, self.notify_base_url, self.notify_template_id, self.notify_reply_to_id)


notify_options = _grouped(
    "notify",
    NotifyArguments,
    click.option("--notify-api-key", metavar="KEY", help="Instead of NOTIFY_API_KEY; visible to others."),
    click.option(
        "--notify-base-url",
        envvar="NOTIFY_BASE_URL",
        default=DEFAULT_BASE_URL,
        show_default=True,
        show_envvar=True,
        metavar="URL",
        help="GOV.UK Notify.",
    ),
    click.option(
        "--notify-template-id",
        envvar="NOTIFY_TEMPLATE_ID",
        default=DEFAULT_TEMPLATE_ID,
        show_default=True,
        show_envvar=True,
        metavar="UUID",
        help="Template with the placeholders contents and maintenance_window_date.",
    ),
    click.option(
        "--notify-reply-to-id",
        envvar="NOTIFY_REPLY_TO_ID",
        default=DEFAULT_REPLY_TO_ID,
        show_default=True,
        show_envvar=True,
        metavar="UUID",
        help="Where replies go.",
    ),
)


template_option = click.option(
    "--template",
    type=click.Path(path_type=Path),
    default=DEFAULT_TEMPLATE,
    show_default="ours",
    metavar="FILE",
    help="Another text, as a Jinja2 template of GOV.UK Notify's Markdown; docs/notifier.md lists its values.",
)


def ledger_url() -> str | None:
    """It may hold a password, so there is no flag for it."""
    return secret("LEDGER_URL", "", None, os.environ)


def logging_options(command: Command) -> Command:
    """Adds the options, and configures logging before the command runs."""

    @click.option(
        "--log-level",
        envvar="LOG_LEVEL",
        type=click.Choice(["debug", "info", "warning", "error"], case_sensitive=False),
        default="warning",
        show_default=True,
        show_envvar=True,
        help="Of this program's own events.",
    )
    @click.option(
        "--log-format",
        envvar="LOG_FORMAT",
        type=click.Choice(["text", "json"], case_sensitive=False),
        show_default="text on a terminal, json elsewhere",
        show_envvar=True,
        help="One event a line on stderr.",
    )
    @functools.wraps(command)
    def with_logging(*args: object, log_level: str, log_format: LogFormat | None, **kwargs: Any) -> Any:  # noqa: ANN401 — as above
        configure_logging(log_level, log_format, sys.stderr)
        return command(*args, **kwargs)

    return with_logging

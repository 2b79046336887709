"""Options for the region, the maintenance window, the alternative window, and the window that is replaced."""

import contextlib
from dataclasses import dataclass, replace

import click
import cloup

from fleet.errors import ConfigurationError
from fleet.program.grouping import grouped
from fleet.program.regions import RegionSettings
from notifier.maintenance import Maintenance
from notifier.region_choice import RegionChoice, region_choice, region_names
from notifier.window import (
    ALTERNATIVE_DATE_FLAG,
    ALTERNATIVE_TIME_RANGE_FLAG,
    DATE_FLAG,
    TIME_RANGE_FLAG,
    MaintenanceWindow,
    later_window,
    maintenance_window,
)

_ALT_FLAGS = (ALTERNATIVE_DATE_FLAG, ALTERNATIVE_TIME_RANGE_FLAG)
_REPLACES_FLAGS = ("--replaces-window-date", "--replaces-window-time-range")


@dataclass(frozen=True)
class WindowArguments:
    """The options as given. Each method checks those that it uses."""

    region: str | None
    time_zone: str | None
    maintenance_window_date: str | None
    maintenance_window_time_range: str | None
    alt_maintenance_window_date: str | None = None
    alt_maintenance_window_time_range: str | None = None

    def choice(self, settings: RegionSettings) -> RegionChoice:
        return region_choice(self.region, settings, self.time_zone)

    def maintenance(self, choice: RegionChoice) -> Maintenance:
        """Raises ConfigurationError, also if no window is given."""
        maintenance = self.optional_maintenance(choice)
        if maintenance is None:
            raise ConfigurationError(f"{DATE_FLAG} is not set: write it as 'Tuesday 16 June 2026'")
        return maintenance

    @property
    def has_window(self) -> bool:
        """True also for half of one."""
        window = (self.maintenance_window_date, self.maintenance_window_time_range)
        alternative = (self.alt_maintenance_window_date, self.alt_maintenance_window_time_range)
        return any(given is not None for given in (*window, *alternative))

    def optional_maintenance(self, choice: RegionChoice) -> Maintenance | None:
        """None if no window is given. Raises ConfigurationError for half a window, or for only an alternative."""
        first, second = _ALT_FLAGS
        alternative = _both(first, self.alt_maintenance_window_date, second, self.alt_maintenance_window_time_range)
        pair = _both(DATE_FLAG, self.maintenance_window_date, TIME_RANGE_FLAG, self.maintenance_window_time_range)
        if pair is None:
            if alternative is not None:
                raise ConfigurationError(f"{DATE_FLAG} is not set, but {first} is: say which window it may replace")
            return None
        window = maintenance_window(*pair, choice.time_zone)
        return Maintenance(
            choice.name, choice.aws_region, window, _alternative(alternative, window), words=choice.tenancy.words
        )


@dataclass(frozen=True)
class ReplacedWindowArguments:
    """The options, as given, for the window whose place this window takes."""

    replaces_window_date: str | None
    replaces_window_time_range: str | None

    def taken_into(self, maintenance: Maintenance) -> Maintenance:
        """Adds the replaced window, if given. Raises ConfigurationError for half a window, and for the same window."""
        first, second = _REPLACES_FLAGS
        pair = _both(first, self.replaces_window_date, second, self.replaces_window_time_range)
        if pair is None:
            return maintenance
        window = maintenance_window(*pair, maintenance.window.zone, _REPLACES_FLAGS)
        if window.key == maintenance.window.key:
            raise ConfigurationError(f"{first} '{pair[0]}': that is this very window; give the one that it replaces")
        return replace(maintenance, replaces=window)


def _alternative(pair: tuple[str, str] | None, window: MaintenanceWindow) -> MaintenanceWindow | None:
    return later_window(*pair, window, _ALT_FLAGS) if pair else None


def _both(first: str, first_value: str | None, second: str, second_value: str | None) -> tuple[str, str] | None:
    if first_value is not None and second_value is not None:
        return first_value, second_value
    if first_value is None and second_value is None:
        return None
    given, missing = (first, second) if second_value is None else (second, first)
    raise ConfigurationError(f"{missing} is not set, but {given} is: a window needs both")


def _known_regions(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Completes the name in a shell. If the file cannot be read, the command will report that when it runs."""
    with contextlib.suppress(ConfigurationError):
        names = region_names(context.params.get("regions_file"))
        return [name for name in names if name.lower().startswith(incomplete.lower())]
    return []


_window_options = (
    cloup.option(
        "--maintenance-window-date",
        metavar="DATE",
        help="The day of the maintenance, such as 'Tuesday 16 June 2026', '16 June 2026' or 2026-06-16.",
    ),
    cloup.option(
        "--maintenance-window-time-range",
        metavar="RANGE",
        help="When it begins and ends, in the region's time zone, such as 0900-1100 or 09:00-11:00.",
    ),
    cloup.option(
        "--region",
        metavar="NAME",
        shell_complete=_known_regions,
        help="Ireland, London, or a region in REGIONS_FILE. If AWS_REGION is set too, both have to agree.",
    ),
    cloup.option(
        "--time-zone",
        envvar="TIME_ZONE",
        show_envvar=True,
        metavar="NAME",
        help="The time zone of the people who are told. Europe/London, unless REGIONS_FILE says otherwise.",
    ),
)
_alternative_options = (
    cloup.option(
        _ALT_FLAGS[0],
        metavar="DATE",
        help="Another day that tenants may ask for. Without a year, the first such day after the window's day.",
    ),
    cloup.option(_ALT_FLAGS[1], metavar="RANGE", help="When the alternative window begins and ends."),
)

window_options = grouped("window_arguments", WindowArguments, *_window_options, heading="Window")
window_and_alternative_options = grouped(
    "window_arguments", WindowArguments, *_window_options, *_alternative_options, heading="Window"
)
replaced_window_options = grouped(
    "replaced",
    ReplacedWindowArguments,
    cloup.option(
        _REPLACES_FLAGS[0],
        metavar="DATE",
        help="The day of an earlier window that this one replaces. People who were told about it read that it moved.",
    ),
    cloup.option(_REPLACES_FLAGS[1], metavar="RANGE", help="When that earlier window was to begin and end."),
    heading="Window",
)

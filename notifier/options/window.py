"""Options that say when and where."""

import contextlib
from dataclasses import dataclass

import click

from fleet.errors import ConfigurationError
from fleet.regions import RegionSettings
from notifier.options.grouping import grouped
from notifier.region_choice import RegionChoice, region_choice, region_names
from notifier.window import DATE_FLAG, TIME_RANGE_FLAG, MaintenanceWindow, later_window, maintenance_window

_ALT_FLAGS = ("--alt-maintenance-window-date", "--alt-maintenance-window-time-range")


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


def _known_regions(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """For a shell that completes the name; a file that cannot be read is reported when the command runs."""
    with contextlib.suppress(ConfigurationError):
        names = region_names(context.params.get("regions_file"))
        return [name for name in names if name.lower().startswith(incomplete.lower())]
    return []


window_options = grouped(
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
        "--region",
        metavar="NAME",
        shell_complete=_known_regions,
        help="Ireland, London, or one of REGIONS_FILE; it has to agree with AWS_REGION.",
    ),
    click.option(
        "--time-zone",
        envvar="TIME_ZONE",
        show_envvar=True,
        metavar="NAME",
        help="Of the people who are told; Europe/London unless REGIONS_FILE says otherwise.",
    ),
)

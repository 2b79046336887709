"""Finds the windows that a mail names, in the words in which all mails name them. Pure."""

import re
from zoneinfo import ZoneInfo

from fleet.errors import ConfigurationError
from notifier.window import MaintenanceWindow, maintenance_window

_IN_WORDS = re.compile(
    r"(?P<date>[A-Z][a-z]+day \d{1,2} [A-Z][a-z]+ \d{4}) between (?P<begin>\d\d:\d\d) and (?P<end>\d\d:\d\d)"
)


def windows_named(body: str, zone: ZoneInfo) -> dict[str, MaintenanceWindow]:
    """By their keys. A `moved` mail names the earlier and the later window, and perhaps an alternative."""
    found: dict[str, MaintenanceWindow] = {}
    for match in _IN_WORDS.finditer(" ".join(body.split())):
        try:
            window = maintenance_window(match["date"], f"{match['begin']}-{match['end']}", zone)
        except ConfigurationError:
            continue
        found.setdefault(window.key, window)
    return found

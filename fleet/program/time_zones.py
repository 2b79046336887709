"""Time zones by the names of the IANA database, such as `Europe/London`."""

from zoneinfo import ZoneInfo

from fleet.errors import ConfigurationError


def time_zone(setting: str, name: str) -> ZoneInfo:
    """Raises ConfigurationError, naming the setting."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not found; leads out of the database; a folder of it
        raise ConfigurationError(f"{setting} '{name}': no such time zone; write it as Europe/London") from None

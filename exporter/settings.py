"""The exporter's settings, read at the start and, for those that may change, again on SIGHUP."""

from dataclasses import dataclass
from pathlib import Path

from fleet.region import Region

LONGEST_INTERVAL_SECONDS = 86400


@dataclass(frozen=True, slots=True)
class Settings:
    regions: tuple[Region, ...]
    poll_interval_seconds: float
    listen_address: str
    port: int
    web_config_file: Path | None
    update_fraction_threshold: float
    is_once: bool
    is_check: bool

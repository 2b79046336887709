"""The exporter's settings, read at the start and, for those that may change, again on SIGHUP."""

from dataclasses import dataclass, field
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
    telemetry_path: str
    """The path of the metrics, without a trailing slash."""
    update_fraction_threshold: float
    ledger_url: str | None = field(repr=False)
    """The ledger to read; None if there is none. It may hold a password."""
    is_once: bool
    is_check: bool

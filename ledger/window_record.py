"""One maintenance window as the ledger knows it."""

from dataclasses import dataclass
from enum import StrEnum

from ledger.maintenance_key import MaintenanceKey


class WindowState(StrEnum):
    KNOWN = "known"
    """It takes place, as far as anybody was told."""
    MOVED = "moved"
    """Another window takes its place."""
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class WindowRecord:
    key: MaintenanceKey
    state: WindowState = WindowState.KNOWN
    moved_to: str | None = None
    """The window key of the one that takes its place."""
    time_zone: str | None = None
    """Of the people who were told; None for windows of before it was recorded."""

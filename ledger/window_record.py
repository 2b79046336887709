"""One maintenance window as the ledger knows it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ledger.maintenance_key import MaintenanceKey


class WindowState(StrEnum):
    KNOWN = "known"
    """As far as tenants were told, the window takes place."""
    MOVED = "moved"
    """Another window takes its place."""
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class WindowRecord:
    key: MaintenanceKey
    state: WindowState = WindowState.KNOWN
    moved_to: str | None = None
    """The window key of the window that takes its place."""
    time_zone: str | None = None
    """The time zone in which people were told; None for windows from before it was recorded."""
    first_known_at: datetime | None = None
    command: str = ""
    """The command that made it known."""
    operator: str | None = None
    """Who ran that command; None for windows from before it was recorded."""

    @property
    def is_called_off(self) -> bool:
        """True if it was moved or cancelled."""
        return self.state is not WindowState.KNOWN

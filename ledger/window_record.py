"""One maintenance window as the ledger knows it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
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
class Tenants:
    """Where the orgs come from that are told of a window."""

    come_from: str
    """One line that tells sources apart and that people understand."""
    is_cloudfoundry: bool = True

    def are_from(self, recorded: str) -> bool:
        """An address may be written in upper or lower case; tag keys that differ in it are different."""
        if self.is_cloudfoundry:
            return recorded.lower() == self.come_from.lower()
        return recorded == self.come_from


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
    tenants: str | None = None
    """Where the orgs came from that were, or are about to be, told of it; None where that is not known."""

    @property
    def is_called_off(self) -> bool:
        """True if it was moved or cancelled."""
        return self.state is not WindowState.KNOWN


def window_named(key: MaintenanceKey, windows: Iterable[WindowRecord]) -> WindowRecord | None:
    """
    The window as people are told of it: where it moved more than once, `moved_to` is where it has come to.

    `windows` are all of the region. None if it is not among them.
    """
    known = {window.key: window for window in windows}
    found = known.get(key)
    seen = {key}
    while found is not None and found.moved_to is not None:
        later = MaintenanceKey(found.moved_to, key.aws_region)
        further = known.get(later)
        if later in seen or further is None or further.moved_to is None:
            break
        seen.add(later)
        found = replace(found, moved_to=further.moved_to)
    return found

"""One maintenance: a window in a region. Pure."""

from dataclasses import dataclass

from ledger.maintenance_key import MaintenanceKey
from ledger.window_record import WindowRecord, WindowState
from notifier.window import MaintenanceWindow, window_of_key


@dataclass(frozen=True)
class Maintenance:
    """Made once, from the options. Everything that a command says or records about the window comes from here."""

    region_name: str
    """The name that people use, such as `Ireland`."""
    aws_region: str
    window: MaintenanceWindow
    alternative: MaintenanceWindow | None = None
    """Another window that tenants may ask for."""
    replaces: MaintenanceWindow | None = None
    """An earlier window whose place this one takes."""

    @property
    def key(self) -> MaintenanceKey:
        """The same key, whatever way the operator wrote the window."""
        return MaintenanceKey(self.window.key, self.aws_region)

    @property
    def in_words(self) -> str:
        """Such as `Ireland, Tuesday 16 June 2026 between 09:00 and 11:00 (BST)`."""
        return f"{self.region_name}, {self.window.in_words}"


def why_called_off(window: WindowRecord | None, maintenance: Maintenance) -> str | None:
    """One line that says so; None where the window takes place as far as the ledger knows."""
    if window is None or window.state is WindowState.KNOWN:
        return None
    which = f"the window on {maintenance.window.in_words} in {maintenance.region_name}"
    if window.state is WindowState.MOVED and window.moved_to is not None:
        later = window_of_key(window.moved_to, maintenance.window.zone)
        return f"{which} was moved: it takes place on {later.in_words}; give that one"
    return f"{which} was cancelled; choose another one"

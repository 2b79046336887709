"""One maintenance: a window in a region. Pure."""

from dataclasses import dataclass

from ledger.maintenance_key import MaintenanceKey
from notifier.window import MaintenanceWindow


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

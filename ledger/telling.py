"""That an org was told of a window another way than by mail, as the ledger keeps it. Pure."""

from dataclasses import dataclass
from datetime import datetime

from ledger.maintenance_key import MaintenanceKey


@dataclass(frozen=True, slots=True)
class Telling:
    """Nothing is deleted or replaced: an org that is told twice has two."""

    id: int
    """The ledger's; 0 where it is not recorded yet."""
    maintenance: MaintenanceKey
    org_guid: str
    instance_guids: tuple[str, ...]
    """The instances that the org was told about, sorted; empty if it was told that the window does not take place."""
    how: str
    """In the words of whoever told them, such as `by telephone`."""
    at: datetime
    by: str

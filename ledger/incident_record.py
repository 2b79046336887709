"""A window's incident on the status page, as the ledger keeps it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ledger.maintenance_key import MaintenanceKey


class IncidentState(StrEnum):
    CREATING = "creating"
    """The intent, recorded before the status page is asked; it stays where the outcome is not known."""
    KNOWN = "known"
    """The status page has given it an id."""
    CANCELLED = "cancelled"
    """Deleted, here or there; the window may get another one."""


@dataclass(frozen=True, slots=True)
class IncidentRecord:
    """A window has one record in a region, however often its incident was made or changed."""

    key: MaintenanceKey
    state: IncidentState
    incident_id: str | None
    """None while it is being created."""
    run_id: int
    """The run that wrote it last."""
    last_written: Mapping[str, str] = field(default_factory=dict)
    """A digest for each field that we wrote last, by which an edit by hand is recognised."""

    @property
    def is_on_the_page(self) -> bool:
        """As far as the ledger knows; one whose creation was cut short may be there or not."""
        return self.state is not IncidentState.CANCELLED

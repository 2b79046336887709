"""Which maintenance a row of the ledger is about."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MaintenanceKey:
    """One window of one region: nothing in the ledger spans two."""

    window_key: str
    """Start and end in UTC, such as `2026-06-16T08:00Z/2026-06-16T10:00Z`."""
    aws_region: str

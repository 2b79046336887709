"""Identifies the maintenance that a row of the ledger is about."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MaintenanceKey:
    """One window in one region; no row of the ledger is about more than one."""

    window_key: str
    """The window's start and end in UTC, such as `2026-06-16T08:00Z/2026-06-16T10:00Z`."""
    aws_region: str

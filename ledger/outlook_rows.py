"""Reads the outlook from the ledger's tables, in one transaction and without anybody's address."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import sqlalchemy as sa

from ledger.deferrals import active_deferrals
from ledger.errors import LedgerError
from ledger.mail_record import Kind, State
from ledger.maintenance_key import MaintenanceKey
from ledger.outlook import Outlook, PlannedWindow, planned_window
from ledger.outlook_told import FAILED_FOR_GOOD, told_instances
from ledger.outlook_updates import updates_begun
from ledger.records import Records
from ledger.schema import mails, told, windows
from ledger.window_record import WindowState


def recorded_outlook(records: Records) -> Outlook:
    """Raises LedgerError for a row that no version of this program has written."""
    now = datetime.now(UTC)
    with records.transaction() as connection:
        zones, called_off = _windows_known(connection)
        planned = [_planned(key, zones.get(key)) for key in _windows_told_of(connection) - called_off]
        told = told_instances(connection, [window.key for window in planned if window.ends_at > now])
        deferrals = active_deferrals(connection)
        begun = updates_begun(connection)
    if told is not None:
        planned = [replace(window, told_instance_guids=told.get(window.key)) for window in planned]
    if begun is not None:
        planned = [replace(window, updates=begun.get(window.key, {})) for window in planned]
    return Outlook(
        deferrals=tuple(
            deferral
            for deferral in deferrals
            if deferral.window_key is None or MaintenanceKey(deferral.window_key, deferral.aws_region) not in called_off
        ),
        windows=_sorted(planned),
        called_off=_sorted(_planned(key, zones.get(key)) for key in called_off),
    )


def _sorted(found: Iterable[PlannedWindow]) -> tuple[PlannedWindow, ...]:
    return tuple(sorted(found, key=lambda window: (window.key.aws_region, window.starts_at, window.ends_at)))


def _windows_told_of(connection: sa.Connection) -> set[MaintenanceKey]:
    """By a mail that Notify accepted and that did not fail for good, or another way."""
    by_mail = sa.select(mails.c.window_key, mails.c.aws_region).where(
        mails.c.state == State.SENT,
        mails.c.kind != Kind.CANCELLED,
        sa.func.coalesce(mails.c.delivery_status, "") != FAILED_FOR_GOOD,
    )
    another_way = sa.select(told.c.window_key, told.c.aws_region)
    return {MaintenanceKey(key, region) for key, region in connection.execute(sa.union(by_mail, another_way))}


def _windows_known(connection: sa.Connection) -> tuple[dict[MaintenanceKey, str], set[MaintenanceKey]]:
    """The time zones that are recorded, and the windows that were moved or cancelled."""
    rows = connection.execute(
        sa.select(windows.c.window_key, windows.c.aws_region, windows.c.time_zone, windows.c.state)
    ).all()
    return (
        {MaintenanceKey(row.window_key, row.aws_region): row.time_zone for row in rows if row.time_zone},
        {MaintenanceKey(row.window_key, row.aws_region) for row in rows if row.state != WindowState.KNOWN},
    )


def _planned(key: MaintenanceKey, time_zone: str | None) -> PlannedWindow:
    try:
        return planned_window(key, time_zone)
    except ValueError as error:
        raise LedgerError(f"ledger: window {key.window_key} is damaged ({error}); see `ledger check`") from error

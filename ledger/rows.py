"""Turns rows of the tables into values, and values into rows."""

from collections.abc import Mapping
from datetime import datetime
from importlib import import_module
from typing import Any

import msgspec
import sqlalchemy as sa

from ledger.errors import LedgerError
from ledger.mail_record import Kind, MailKey, MailRecord, State
from ledger.maintenance_key import MaintenanceKey
from ledger.run import Run
from ledger.schema import mails
from ledger.window_record import WindowRecord, WindowState


def is_key(key: MailKey) -> sa.ColumnElement[bool]:
    return mails.c.reference == key.reference


def columns(key: MailKey) -> dict[str, object]:
    """The key's columns except the kind, which an attempt sets."""
    names = ("window_key", "aws_region", "org_guid", "address", "revision", "reference")
    return {name: getattr(key, name) for name in names}


def is_inserted(connection: sa.Connection, table: sa.Table, row: Mapping[str, object]) -> bool:
    """False if the same row exists already. Only the constraint can tell, because other runs insert rows too."""
    of_this_database = import_module(f"sqlalchemy.dialects.{connection.dialect.name}")
    insert = of_this_database.insert(table).on_conflict_do_nothing().inline()
    return connection.execute(insert, row, execution_options={"preserve_rowcount": True}).rowcount == 1


def to_record(row: sa.Row[Any]) -> MailRecord:
    """Raises LedgerError for a row that no version of this program has written."""
    try:
        return MailRecord(
            key=MailKey(row.window_key, row.aws_region, row.org_guid, row.address, row.revision, Kind(row.kind)),
            org_name=row.org_name,
            instance_guids=tuple(msgspec.json.decode(row.instance_guids, type=list[str])),
            contents_digest=row.contents_digest,
            state=State(row.state),
            run_id=row.run_id,
            key_fingerprint=row.key_fingerprint,
            attempted_at=datetime.fromisoformat(row.attempted_at),
            attempts=row.attempts,
            sent_at=datetime.fromisoformat(row.sent_at) if row.sent_at else None,
            notification_id=row.notification_id,
            problem=row.problem,
            delivery_status=row.delivery_status,
            delivery_checked_at=datetime.fromisoformat(row.delivery_checked_at) if row.delivery_checked_at else None,
            update_names=_list_or_none(row.update_names),
            replaced_windows=_list_or_none(row.replaced_windows),
        )
    except (ValueError, TypeError, msgspec.DecodeError) as error:
        raise LedgerError(f"ledger: {row.reference} is damaged ({error}); see `ledger check`") from error


def _list_or_none(value: str | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(msgspec.json.decode(value, type=list[str]))


def to_run(row: sa.Row[Any]) -> Run:
    return Run(
        id=row.id,
        command=row.command,
        host=row.host,
        started_at=datetime.fromisoformat(row.started_at),
        operator=row.operator,
        holds=row.holds,
    )


def to_window(row: sa.Row[Any]) -> WindowRecord:
    """Raises LedgerError for a row that no version of this program has written."""
    try:
        return WindowRecord(
            key=MaintenanceKey(row.window_key, row.aws_region),
            state=WindowState(row.state),
            moved_to=row.moved_to,
            time_zone=row.time_zone,
            first_known_at=datetime.fromisoformat(row.first_known_at),
            command=row.command,
            operator=row.operator,
            tenants=row.tenants,
        )
    except (ValueError, TypeError) as error:
        raise LedgerError(f"ledger: window {row.window_key} is damaged ({error}); see `ledger check`") from error

"""Exports the ledger's tables for spreadsheets and programs."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from fleet.program.text import csv_text, json_text
from ledger import schema
from ledger.mail_record import MailRecord
from ledger.records import Records
from notifier.reports.document import VERSION, Document

TABLES = (schema.mails.name, *(table.name for table in schema.TABLES if table is not schema.mails))
"""The tables that can be exported, the mails first."""
_JSON_COLUMNS = ("instance_guids", "update_names", "replaced_windows", "last_written")


def as_json(ledger: Records) -> str:
    """All tables in one document."""
    return json_text({"version": VERSION, **{name: _rows(ledger, name) for name in TABLES}})


def as_csv(ledger: Records, table: str) -> str:
    """One line for each row, with spaces between several instances. A table without rows gives not even a header."""
    rows = [{name: _cell(value) for name, value in row.items()} for row in _rows(ledger, table)]
    return csv_text(list(rows[0]), rows) if rows else ""


def _rows(ledger: Records, name: str) -> list[Document]:
    if name == schema.mails.name:
        return [_mail(record) for record in ledger.records()]
    return [_row(row) for row in ledger.rows(schema.metadata.tables[name])]


def _row(row: Mapping[str, Any]) -> Document:
    return {name: _decoded(value) if name in _JSON_COLUMNS else value for name, value in row.items()}


def _decoded(value: str) -> Any:  # noqa: ANN401 — whatever JSON holds
    """A damaged value is exported unchanged, because somebody will export the ledger to look at the damage."""
    try:
        return msgspec.json.decode(value)
    except msgspec.DecodeError:
        return value


def _cell(value: object) -> object:
    match value:
        case list():
            return " ".join(value)
        case dict():
            return json.dumps(value)
        case _:
            return value


def _mail(record: MailRecord) -> Document:
    return {
        "window": record.key.window_key,
        "aws_region": record.key.aws_region,
        "org_guid": record.key.org_guid,
        "org_name": record.org_name,
        "address": record.key.address,
        "kind": record.key.kind.value,
        "revision": record.key.revision,
        "reference": record.reference,
        "instance_guids": list(record.instance_guids),
        "update_names": None if record.update_names is None else list(record.update_names),
        "contents_sha256": record.contents_digest,
        "state": record.state.value,
        "attempts": record.attempts,
        "attempted_at": record.attempted_at.isoformat(),
        "sent_at": record.sent_at.isoformat() if record.sent_at else None,
        "notification_id": record.notification_id,
        "problem": record.problem,
        "delivery_status": record.delivery_status,
        "delivery_checked_at": record.delivery_checked_at.isoformat() if record.delivery_checked_at else None,
        "replaced_windows": None if record.replaced_windows is None else list(record.replaced_windows),
    }

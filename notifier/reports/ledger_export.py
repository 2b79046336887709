"""The ledger's tables for spreadsheets and programs."""

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

import msgspec

from ledger import schema
from ledger.mail_record import MailRecord
from ledger.records import Records
from notifier.reports.affected_document import VERSION, Document

TABLES = (schema.mails.name, *(table.name for table in schema.TABLES if table is not schema.mails))
"""What can be exported, the mails first."""
_JSON_COLUMNS = ("instance_guids", "last_written")


def as_json(ledger: Records) -> str:
    """All tables."""
    document = {"version": VERSION, **{name: _rows(ledger, name) for name in TABLES}}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def as_csv(ledger: Records, table: str) -> str:
    """One line a row, with a header; several instances are separated by spaces."""
    rows = [{name: _cell(value) for name, value in row.items()} for row in _rows(ledger, table)]
    lines = io.StringIO()
    if rows:
        writer = csv.DictWriter(lines, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return lines.getvalue()


def _rows(ledger: Records, name: str) -> list[Document]:
    if name == schema.mails.name:
        return [_mail(record) for record in ledger.records()]
    return [_row(row) for row in ledger.rows(schema.metadata.tables[name])]


def _row(row: Mapping[str, Any]) -> Document:
    return {name: _decoded(value) if name in _JSON_COLUMNS else value for name, value in row.items()}


def _decoded(value: str) -> Any:  # noqa: ANN401 — whatever JSON holds
    """As it stands where it is damaged: an export is what is looked at then."""
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
        "contents_sha256": record.contents_digest,
        "state": record.state.value,
        "attempts": record.attempts,
        "attempted_at": record.attempted_at.isoformat(),
        "sent_at": record.sent_at.isoformat() if record.sent_at else None,
        "notification_id": record.notification_id,
        "problem": record.problem,
        "delivery_status": record.delivery_status,
        "delivery_checked_at": record.delivery_checked_at.isoformat() if record.delivery_checked_at else None,
    }

"""The ledger's mails for spreadsheets and programs."""

from collections.abc import Iterable

from fleet.program.text import csv_text, json_text
from ledger.mail_record import MailRecord
from notifier.reports.affected_document import VERSION, Document


def as_json(records: Iterable[MailRecord]) -> str:
    return json_text({"version": VERSION, "mails": [_row(record) for record in records]})


def as_csv(records: Iterable[MailRecord]) -> str:
    """One line a mail; several instances are separated by spaces. Nothing at all, not even a header, of no mails."""
    rows = [{**_row(record), "instance_guids": " ".join(record.instance_guids)} for record in records]
    return csv_text(list(rows[0]), rows) if rows else ""


def _row(record: MailRecord) -> Document:
    return {
        "window": record.key.window_key,
        "aws_region": record.key.aws_region,
        "org_guid": record.key.org_guid,
        "org_name": record.org_name,
        "address": record.key.address,
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


FORMATS = {"json": as_json, "csv": as_csv}

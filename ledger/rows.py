"""The `mails` table's rows as values."""

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from ledger.mail_record import MailKey, MailRecord, State
from ledger.schema import mails


def is_key(key: MailKey) -> sa.ColumnElement[bool]:
    return sa.and_(*(mails.c[name] == value for name, value in columns(key).items()))


def columns(key: MailKey) -> dict[str, object]:
    return {name: getattr(key, name) for name in ("window_key", "aws_region", "org_guid", "address", "revision")}


def to_record(row: sa.Row[Any]) -> MailRecord:
    return MailRecord(
        key=MailKey(row.window_key, row.aws_region, row.org_guid, row.address, row.revision),
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
    )

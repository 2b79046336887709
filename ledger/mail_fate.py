"""What became of each mail, as far as the ledger knows. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from ledger.correspondence import in_order
from ledger.mail_record import MailRecord, State

RETENTION_DAYS = 7
"""For so long Notify keeps a mail."""
_SETTLED = {
    "delivered": "delivered",
    "permanent-failure": "failed for good",
    "temporary-failure": "failed for now",
    "technical-failure": "failed for now",
}


class Fate(StrEnum):
    DELIVERED = "delivered"
    FAILED_FOR_GOOD = "failed for good"
    FAILED_FOR_NOW = "failed for now"
    STILL_SENDING = "still sending"
    ACCEPTED = "accepted"
    """Notify accepted it, but nobody learnt within the week what became of it, and Notify has forgotten it since."""
    REFUSED = "refused"
    NOT_SENT = "not sent"
    UNKNOWN = "unknown"


NEEDS_ANOTHER_WAY = (Fate.FAILED_FOR_GOOD, Fate.FAILED_FOR_NOW, Fate.REFUSED)


def fate(record: MailRecord, now: datetime) -> Fate:
    if record.state is State.PENDING:
        return Fate.NOT_SENT
    if record.state is State.REFUSED:
        return Fate.REFUSED
    if record.delivery_status in _SETTLED:
        return Fate(_SETTLED[record.delivery_status])
    if record.state is State.SENDING:
        return Fate.UNKNOWN
    return Fate.STILL_SENDING if is_kept(record, now) else Fate.ACCEPTED


def latest_each(records: Sequence[MailRecord]) -> list[MailRecord]:
    """The last mail to each recipient, because a correction replaces the mail that it corrects."""
    by_recipient: dict[tuple[str, str], list[MailRecord]] = defaultdict(list)
    for record in records:
        by_recipient[record.key.org_guid, record.key.address].append(record)
    last = {whom: in_order(mails)[-1] for whom, mails in by_recipient.items()}
    return [record for record in records if last[record.key.org_guid, record.key.address] is record]


def is_kept(record: MailRecord, now: datetime) -> bool:
    """Whether Notify can still be asked about it."""
    return now - (record.sent_at or record.attempted_at) < timedelta(days=RETENTION_DAYS)

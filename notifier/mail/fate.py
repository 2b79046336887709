"""Asks GOV.UK Notify what became of each mail, and records the answer, because Notify forgets after a week."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from enum import StrEnum

from ledger.correspondence import in_order
from ledger.ledger import Ledger
from ledger.mail_record import MailRecord, State
from notifier.mail.notify import RETENTION_DAYS, Notify

_ASKED_SIDE_BY_SIDE = 8
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
    return Fate.STILL_SENDING if _is_kept(record, now) else Fate.ACCEPTED


def learn(
    records: Iterable[MailRecord], ledger: Ledger, notify: Notify, now: datetime, on_recorded: Callable[[], None]
) -> None:
    """
    Asks Notify about every mail that is not settled yet and that it still has, and records the answers.

    Calls `on_recorded` after each recorded answer, from any thread. Raises RemoteError.
    """
    asked = [
        record
        for record in records
        if fate(record, now) in (Fate.STILL_SENDING, Fate.UNKNOWN) and _is_kept(record, now)
    ]
    with ThreadPoolExecutor(_ASKED_SIDE_BY_SIDE, thread_name_prefix="status") as pool:
        for done in [pool.submit(_learn_one, record, ledger, notify, on_recorded) for record in asked]:
            done.result()


def latest_each(records: Sequence[MailRecord]) -> list[MailRecord]:
    """The last mail to each recipient, because a correction replaces the mail that it corrects."""
    by_recipient = {(record.key.org_guid, record.key.address): record for record in sorted(records, key=in_order)}
    return [record for record in records if by_recipient[record.key.org_guid, record.key.address] is record]


def _learn_one(record: MailRecord, ledger: Ledger, notify: Notify, on_recorded: Callable[[], None]) -> None:
    found = notify.find(record.reference)
    if found is not None:
        ledger.record_delivery(record.key, found.id, found.status)
        on_recorded()


def _is_kept(record: MailRecord, now: datetime) -> bool:
    return now - (record.sent_at or record.attempted_at) < timedelta(days=RETENTION_DAYS)

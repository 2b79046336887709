"""Asks GOV.UK Notify what became of each mail, and records the answer, because Notify forgets after a week."""

from collections.abc import Callable, Iterable
from datetime import datetime

from fleet.program.threads import Threads
from ledger.ledger import Ledger
from ledger.mail_fate import Fate, fate, is_kept
from ledger.mail_record import MailRecord
from notifier.mail.notify import Notify
from notifier.mail.pace import REQUESTS_SIDE_BY_SIDE


def learn(
    records: Iterable[MailRecord], ledger: Ledger, notify: Notify, now: datetime, on_recorded: Callable[[], None]
) -> None:
    """
    Asks Notify about every mail that is not settled yet and that it still has, and records the answers.

    Calls `on_recorded` after each recorded answer, from any thread. Raises RemoteError.
    """
    asked = [
        record for record in records if fate(record, now) in (Fate.STILL_SENDING, Fate.UNKNOWN) and is_kept(record, now)
    ]
    with Threads(REQUESTS_SIDE_BY_SIDE, "status") as threads:
        for record in asked:
            threads.submit(_learn_one, record, ledger, notify, on_recorded)


def _learn_one(record: MailRecord, ledger: Ledger, notify: Notify, on_recorded: Callable[[], None]) -> None:
    found = notify.find(record.reference)
    if found is not None:
        ledger.record_delivery(record.key, found.id, found.status)
        on_recorded()

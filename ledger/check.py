"""Whether a ledger is whole, and whether what it says can be true."""

import sqlalchemy as sa

from ledger.ledger import Ledger
from ledger.mail_record import MailRecord, State


def problems(ledger: Ledger) -> list[str]:
    """One line each; none where all is well."""
    found = _damage(ledger)
    records = ledger.records()
    references = ledger.stored_references()
    for record in records:
        found += _contradictions(record, references[record.key])
        if record.state is State.SENDING and not ledger.is_alive(record.run_id):
            found.append(f"{record.reference}: its run ended before the outcome was known; run email again")
    return found


def _damage(ledger: Ledger) -> list[str]:
    with ledger.transaction() as connection:
        if connection.dialect.name != "sqlite":
            return []
        answers = connection.execute(sa.text("PRAGMA integrity_check")).scalars()
        return [f"damaged: {answer}" for answer in answers if answer != "ok"]


def _contradictions(record: MailRecord, stored_reference: str) -> list[str]:
    name = stored_reference
    found = []
    if stored_reference != record.reference:
        found.append(f"{name}: not the reference of its window, region, org and address")
    if record.state is State.SENT and record.notification_id is None:
        found.append(f"{name}: sent, but without a notification id")
    if record.state is State.SENT and record.sent_at is None:
        found.append(f"{name}: sent, but not known when")
    return found

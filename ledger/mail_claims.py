"""The mails that a run has claimed, and what the run may record about them."""

from dataclasses import dataclass

import msgspec
import sqlalchemy as sa

from ledger.ledger import Ledger
from ledger.mail_record import Intent, MailKey, MailRecord, State
from ledger.rows import columns, is_inserted, is_key, to_record
from ledger.run import Run
from ledger.schema import mails

NOBODY = 0
"""Stands in for a run's id where no run owns the mail."""
_CLAIMABLE = (State.PENDING, State.REFUSED)


@dataclass(frozen=True, slots=True)
class Claimed:
    """The ledger records that this run is about to send the mail: send it now."""


@dataclass(frozen=True, slots=True)
class NotClaimed:
    """Another run, or this one, recorded the mail earlier."""

    record: MailRecord


class MailClaims:
    """
    A run owns the mails that it has claimed for as long as it is alive.

    `key_fingerprint` says with which of Notify's keys the run sends, because another key may not find its mails.
    """

    def __init__(self, ledger: Ledger, run: Run, key_fingerprint: str) -> None:
        self._ledger = ledger
        self._run = run
        self._key_fingerprint = key_fingerprint

    def claim(self, intent: Intent) -> Claimed | NotClaimed:
        key = intent.key
        with self._ledger.transaction_of(self._run) as connection:
            if is_inserted(connection, mails, {**columns(key), **self._attempt(intent), "attempts": 1}):
                return Claimed()
            claim = sa.update(mails).where(is_key(key), mails.c.state.in_(_CLAIMABLE))
            updated = connection.execute(claim.values(**self._attempt(intent), attempts=mails.c.attempts + 1))
            if updated.rowcount == 1:
                return Claimed()
            return NotClaimed(to_record(connection.execute(sa.select(mails).where(is_key(key))).one()))

    def take_over(self, record: MailRecord) -> bool:
        """Takes a mail whose run died before it knew the outcome. The time of the attempt does not change."""
        if record.run_id == self._run.id:
            return True
        if self._ledger.is_alive(record.run_id):
            return False
        with self._ledger.transaction_of(self._run) as connection:
            is_unchanged = (mails.c.state == State.SENDING) & (mails.c.run_id == record.run_id)
            take = sa.update(mails).where(is_key(record.key), is_unchanged).values(run_id=self._run.id)
            return connection.execute(take).rowcount == 1

    def record_attempt(self, intent: Intent) -> bool:
        """Call it before trying again to send a mail that certainly was not sent. False if this run does not own it."""
        return self._change(intent.key, **self._attempt(intent), attempts=mails.c.attempts + 1)

    def record_sent(self, key: MailKey, notification_id: str, delivery_status: str | None = None) -> bool:
        return self._change(
            key,
            state=State.SENT,
            sent_at=self._ledger.now_text(),
            notification_id=notification_id,
            problem=None,
            delivery_status=delivery_status,
        )

    def record_refused(self, key: MailKey, reason: str) -> bool:
        return self._change(key, state=State.REFUSED, problem=reason)

    def release(self, key: MailKey) -> bool:
        """Leaves a mail that certainly was not sent to the next run."""
        return self._change(key, state=State.PENDING)

    def abandon(self, key: MailKey) -> bool:
        """Gives up a mail whose outcome this run could not find out, so that another run can look before we end."""
        return self._change(key, run_id=NOBODY)

    def _attempt(self, intent: Intent) -> dict[str, object]:
        return {
            "kind": intent.key.kind,
            "org_name": intent.org_name,
            "instance_guids": msgspec.json.encode(intent.instance_guids).decode(),
            "update_names": msgspec.json.encode(intent.update_names).decode(),
            "replaced_windows": (
                None if intent.replaced_windows is None else msgspec.json.encode(intent.replaced_windows).decode()
            ),
            "contents_digest": intent.contents_digest,
            "state": State.SENDING,
            "run_id": self._run.id,
            "key_fingerprint": self._key_fingerprint,
            "attempted_at": self._ledger.now_text(),
            "problem": None,
        }

    def _change(self, key: MailKey, **values: object) -> bool:
        with self._ledger.transaction_of(self._run) as connection:
            ours = sa.update(mails).where(is_key(key), mails.c.run_id == self._run.id, mails.c.state == State.SENDING)
            return connection.execute(ours.values(**values)).rowcount == 1

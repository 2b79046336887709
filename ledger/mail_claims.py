"""The mails that a run has claimed, and what the run may record about them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
import sqlalchemy as sa

from ledger.batches import Batches, Result
from ledger.ledger import Ledger
from ledger.mail_record import Intent, Kind, MailKey, MailRecord, State
from ledger.maintenance_key import MaintenanceKey
from ledger.rows import columns, is_inserted, is_key, to_record
from ledger.run import Run
from ledger.schema import mails
from ledger.window_record import Tenants, WindowRecord
from ledger.window_rows import shared_window

NOBODY = 0
"""Stands in for a run's id where no run owns the mail."""
_CLAIMABLE = (State.PENDING, State.REFUSED)
_OURS = sa.update(mails).where(
    mails.c.reference == sa.bindparam("of_reference"),
    mails.c.run_id == sa.bindparam("of_run"),
    mails.c.state == State.SENDING,
)
"""Sets the columns that are given with its two parameters. Built once, because each mail needs it."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """The ledger records that this run is about to send the mail: send it now."""


@dataclass(frozen=True, slots=True)
class NotClaimed:
    """Another run, or this one, recorded the mail earlier."""

    record: MailRecord


@dataclass(frozen=True, slots=True)
class CalledOff:
    """
    The mail is about a window that was moved or cancelled, so nothing is recorded and it must not be sent.

    Or about one of which orgs from elsewhere are told.
    """

    window: WindowRecord


class MailClaims:
    """
    A run owns the mails that it has claimed for as long as it is alive.

    `key_fingerprint` says with which of Notify's keys the run sends, because another key may not find its mails.
    `tenants` is where its orgs come from; None for mails to whoever was told before.
    """

    def __init__(self, ledger: Ledger, run: Run, key_fingerprint: str, tenants: Tenants | None = None) -> None:
        self._ledger = ledger
        self._run = run
        self._key_fingerprint = key_fingerprint
        self._tenants = tenants
        self._batches = Batches(lambda: ledger.transaction_of(run)) if ledger.has_one_writer else None

    def claim(self, intent: Intent) -> Claimed | NotClaimed | CalledOff:
        """The window's state is read in the same transaction, so that no claim follows the window's calling off."""
        return self._done(lambda connection: self._claimed(connection, intent))

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

    def claim_again(self, intent: Intent) -> Claimed | CalledOff | None:
        """
        Call it before trying again to send a mail that certainly was not sent. None if this run does not own it.

        If the window was called off meanwhile, the mail is released.
        """
        with self._ledger.transaction_of(self._run) as connection:
            if (called_off := self._called_off(connection, intent.key)) is not None:
                connection.execute(_OURS, {**self._ours(intent.key), "state": State.PENDING})
                return called_off
            again = _OURS.values(attempts=mails.c.attempts + 1)
            values = {**self._ours(intent.key), **self._attempt(intent)}
            return Claimed() if connection.execute(again, values).rowcount == 1 else None

    def adopt(self, intent: Intent, notification_id: str, delivery_status: str, sent_at: datetime | None) -> bool:
        """
        Records a mail as sent that Notify has and that this ledger does not know, whatever became of its window.

        False if the ledger knows it by now, because a run has sent it or is about to.
        """
        key, sent = intent.key, (sent_at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="milliseconds")
        known = {"notification_id": notification_id, "delivery_status": delivery_status, "sent_at": sent}
        row = {**self._attempt(intent), "attempted_at": sent, "state": State.SENT, **known}
        with self._ledger.transaction_of(self._run) as connection:
            if is_inserted(connection, mails, {**columns(key), **row, "attempts": 0}):
                return True
            unsent = sa.update(mails).where(is_key(key), mails.c.state.in_(_CLAIMABLE))
            return connection.execute(unsent.values(**row)).rowcount == 1

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

    def _claimed(self, connection: sa.Connection, intent: Intent) -> Claimed | NotClaimed | CalledOff:
        key = intent.key
        if (called_off := self._called_off(connection, key)) is not None:
            row = connection.execute(sa.select(mails).where(is_key(key))).one_or_none()
            return called_off if row is None or row.state in _CLAIMABLE else NotClaimed(to_record(row))
        if is_inserted(connection, mails, {**columns(key), **self._attempt(intent), "attempts": 1}):
            return Claimed()
        claim = sa.update(mails).where(is_key(key), mails.c.state.in_(_CLAIMABLE))
        updated = connection.execute(claim.values(**self._attempt(intent), attempts=mails.c.attempts + 1))
        if updated.rowcount == 1:
            return Claimed()
        return NotClaimed(to_record(connection.execute(sa.select(mails).where(is_key(key))).one()))

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
        changed = {**self._ours(key), **values}
        return self._done(lambda connection: connection.execute(_OURS, changed).rowcount == 1)

    def _done(self, work: Callable[[sa.Connection], Result]) -> Result:
        if self._batches is not None:
            return self._batches.do(work)
        with self._ledger.transaction_of(self._run) as connection:
            return work(connection)

    def _called_off(self, connection: sa.Connection, key: MailKey) -> CalledOff | None:
        """None for a cancellation too: it is about a window that is called off."""
        if key.kind is Kind.CANCELLED:
            return None
        window = shared_window(connection, MaintenanceKey(key.window_key, key.aws_region))
        if window is None:
            return None
        known, ours = window.tenants, self._tenants
        is_of_others = known is not None and ours is not None and not ours.are_from(known)
        return CalledOff(window) if window.is_called_off or is_of_others else None

    def _ours(self, key: MailKey) -> dict[str, object]:
        return {"of_reference": key.reference, "of_run": self._run.id}

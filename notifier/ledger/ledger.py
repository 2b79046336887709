"""The ledger: each method is one transaction, and what it answers is on the disk."""

import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from fleet.errors import RemoteError
from notifier.ledger.errors import LedgerError, in_words
from notifier.ledger.location import ledger_engine
from notifier.ledger.mail_record import MailKey, MailRecord, State
from notifier.ledger.migrations import migrate
from notifier.ledger.runs import liveness
from notifier.ledger.schema import mails, runs

_ROOM_BYTES = 2_000_000
_ROOM_BYTES_PER_MAIL = 20_000  # in the file, and in the log of changes beside it
NOBODY = 0
"""In place of a run's id."""
_CLAIMABLE = (State.PENDING, State.REFUSED)


@dataclass(frozen=True, slots=True)
class Intent:
    """What is about to be sent."""

    key: MailKey
    org_name: str
    instance_guids: tuple[str, ...]
    contents_digest: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """The intent is recorded as ours: send it now."""


@dataclass(frozen=True, slots=True)
class NotClaimed:
    """Somebody recorded it before."""

    record: MailRecord


class Run:
    """One run of the program that sends. It owns what it has claimed for as long as it is alive."""

    def __init__(self, ledger: "Ledger", run_id: int, key_fingerprint: str) -> None:
        self._ledger = ledger
        self.id = run_id
        self._key_fingerprint = key_fingerprint

    def claim(self, intent: Intent) -> Claimed | NotClaimed:
        key = intent.key
        with self._ledger.transaction() as connection:
            row = {**_columns(key), "reference": key.reference, **self._attempt(intent), "attempts": 1}
            if _is_inserted(connection, row):
                return Claimed()
            claim = sa.update(mails).where(_is(key), mails.c.state.in_(_CLAIMABLE))
            updated = connection.execute(claim.values(**self._attempt(intent), attempts=mails.c.attempts + 1))
            if updated.rowcount == 1:
                return Claimed()
            return NotClaimed(_record(connection.execute(sa.select(mails).where(_is(key))).one()))

    def take_over(self, record: MailRecord) -> bool:
        """Own a mail whose run died before it knew the outcome. When it was attempted stays as it is."""
        if record.run_id == self.id:
            return True
        if self._ledger.is_alive(record.run_id):
            return False
        with self._ledger.transaction() as connection:
            is_unchanged = (mails.c.state == State.SENDING) & (mails.c.run_id == record.run_id)
            take = sa.update(mails).where(_is(record.key), is_unchanged).values(run_id=self.id)
            return connection.execute(take).rowcount == 1

    def record_attempt(self, intent: Intent) -> bool:
        """Before another attempt at a mail that is ours and is known not to have been sent. False if it is not ours."""
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
        """It was certainly not sent: leave it to whoever comes next."""
        return self._change(key, state=State.PENDING)

    def abandon(self, key: MailKey) -> bool:
        """Its outcome stays unknown to this run: another one need not wait for the end of ours to find it out."""
        return self._change(key, run_id=NOBODY)

    def _attempt(self, intent: Intent) -> dict[str, object]:
        return {
            "org_name": intent.org_name,
            "instance_guids": msgspec.json.encode(intent.instance_guids).decode(),
            "contents_digest": intent.contents_digest,
            "state": State.SENDING,
            "run_id": self.id,
            "key_fingerprint": self._key_fingerprint,
            "attempted_at": self._ledger.now_text(),
            "problem": None,
        }

    def _change(self, key: MailKey, **values: object) -> bool:
        with self._ledger.transaction() as connection:
            ours = sa.update(mails).where(_is(key), mails.c.run_id == self.id, mails.c.state == State.SENDING)
            return connection.execute(ours.values(**values)).rowcount == 1


class Ledger:
    """Raises LedgerError for a file that cannot be used, RemoteError for a server that cannot be reached."""

    def __init__(self, url: str | None, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine = ledger_engine(url)
        self._now = now
        self.where = self._engine.url.render_as_string(hide_password=True)
        self._liveness = liveness(self._engine)

    def __enter__(self) -> Self:
        try:
            with in_words(self.where):
                migrate(self._engine)
        except BaseException:
            self._engine.dispose()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()

    @contextmanager
    def run(self, command: str, key_fingerprint: str) -> Iterator[Run]:
        """Proves, by recording that it began, that the ledger can be written."""
        began = {"command": command, "host": socket.gethostname(), "started_at": self.now_text()}
        with self.transaction() as connection:
            run_id: int = connection.execute(sa.insert(runs).values(began)).inserted_primary_key[0]  # type: ignore[index] # one column
        with in_words(self.where), self._liveness.held(run_id):
            yield Run(self, run_id, key_fingerprint)
            # A ledger that cannot be written any more has stopped the run already, and was told of.
            with suppress(LedgerError, RemoteError), self.transaction() as connection:
                connection.execute(sa.update(runs).where(runs.c.id == run_id).values(ended_at=self.now_text()))

    def require_room(self, mails_count: int) -> None:
        """Before the first of so many mails. Raises LedgerError where a disk is too full to record them all."""
        if self._engine.dialect.name == "sqlite":
            free_bytes = shutil.disk_usage(Path(self._engine.url.database or "").parent).free
            if free_bytes < _ROOM_BYTES + mails_count * _ROOM_BYTES_PER_MAIL:
                raise LedgerError(f"ledger {self.where}: the disk has only {free_bytes // 1000} kB left; make room")

    def record(self, key: MailKey) -> MailRecord:
        with self.transaction() as connection:
            return _record(connection.execute(sa.select(mails).where(_is(key))).one())

    def records(self, window_key: str | None = None, aws_region: str | None = None) -> list[MailRecord]:
        """Sorted by window, region, org's name, address and revision."""
        query = sa.select(mails).order_by(
            mails.c.window_key,
            mails.c.aws_region,
            mails.c.org_name,
            mails.c.org_guid,
            mails.c.address,
            mails.c.revision,
        )
        if window_key is not None:
            query = query.where(mails.c.window_key == window_key)
        if aws_region is not None:
            query = query.where(mails.c.aws_region == aws_region)
        with self.transaction() as connection:
            return [_record(row) for row in connection.execute(query)]

    def stored_references(self) -> dict[MailKey, str]:
        """As they were recorded; `MailKey.reference` is what they should be."""
        with self.transaction() as connection:
            return {_record(row).key: row.reference for row in connection.execute(sa.select(mails))}

    def record_delivery(self, key: MailKey, notification_id: str, status: str) -> None:
        """What Notify says became of a mail; one whose outcome was unknown is thereby known to have been sent."""
        checked_at = self.now_text()
        values = {"notification_id": notification_id, "delivery_status": status, "delivery_checked_at": checked_at}
        unknown_then_sent = {
            "state": State.SENT,
            "sent_at": sa.func.coalesce(mails.c.sent_at, checked_at),
        }
        with self.transaction() as connection:
            connection.execute(sa.update(mails).where(_is(key)).values(**values, **unknown_then_sent))

    def is_alive(self, run_id: int) -> bool:
        with in_words(self.where):
            return self._liveness.is_alive(run_id)

    def now_text(self) -> str:
        return self._now().astimezone(UTC).isoformat(timespec="milliseconds")

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        with in_words(self.where), self._engine.begin() as connection:
            yield connection


def _is_inserted(connection: sa.Connection, row: dict[str, object]) -> bool:
    """False where the same mail is there already; only the constraint can tell, because other runs insert too."""
    try:
        with connection.begin_nested():
            connection.execute(sa.insert(mails).values(row))
    except IntegrityError:
        return False
    return True


def _is(key: MailKey) -> sa.ColumnElement[bool]:
    return sa.and_(*(mails.c[name] == value for name, value in _columns(key).items()))


def _columns(key: MailKey) -> dict[str, object]:
    return {name: getattr(key, name) for name in ("window_key", "aws_region", "org_guid", "address", "revision")}


def _record(row: sa.Row[Any]) -> MailRecord:
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

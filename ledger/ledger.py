"""The ledger: each method is one transaction, and what it answers is on the disk."""

import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import sqlalchemy as sa

from fleet.errors import RemoteError
from ledger.errors import LedgerError, in_words
from ledger.liveness import liveness
from ledger.location import ledger_engine
from ledger.mail_record import MailKey, MailRecord, State
from ledger.maintenance_key import MaintenanceKey
from ledger.migrations import migrate
from ledger.rows import is_key, to_record
from ledger.run import Run
from ledger.schema import mails, runs

_ROOM_BYTES = 2_000_000
_ROOM_BYTES_PER_MAIL = 20_000  # in the file, and in the log of changes beside it


@dataclass(frozen=True, slots=True)
class Began:
    """Where and when a run began."""

    host: str
    at: datetime


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
            return to_record(connection.execute(sa.select(mails).where(is_key(key))).one())

    def records(self, maintenance: MaintenanceKey | None = None) -> list[MailRecord]:
        """Of one maintenance or of all, sorted by window, region, org's name, address and revision."""
        query = sa.select(mails).order_by(
            mails.c.window_key,
            mails.c.aws_region,
            mails.c.org_name,
            mails.c.org_guid,
            mails.c.address,
            mails.c.revision,
        )
        if maintenance is not None:
            query = query.where(
                mails.c.window_key == maintenance.window_key, mails.c.aws_region == maintenance.aws_region
            )
        with self.transaction() as connection:
            return [to_record(row) for row in connection.execute(query)]

    def stored_references(self) -> dict[MailKey, str]:
        """As they were recorded; `MailKey.reference` is what they should be."""
        with self.transaction() as connection:
            return {to_record(row).key: row.reference for row in connection.execute(sa.select(mails))}

    def record_delivery(self, key: MailKey, notification_id: str, status: str) -> None:
        """What Notify says became of a mail; one whose outcome was unknown is thereby known to have been sent."""
        checked_at = self.now_text()
        values = {"notification_id": notification_id, "delivery_status": status, "delivery_checked_at": checked_at}
        unknown_then_sent = {
            "state": State.SENT,
            "sent_at": sa.func.coalesce(mails.c.sent_at, checked_at),
        }
        with self.transaction() as connection:
            connection.execute(sa.update(mails).where(is_key(key)).values(**values, **unknown_then_sent))

    def run_began(self, run_id: int) -> Began | None:
        """None for a run that this ledger does not have."""
        with self.transaction() as connection:
            row = connection.execute(sa.select(runs).where(runs.c.id == run_id)).one_or_none()
        return Began(row.host, datetime.fromisoformat(row.started_at)) if row else None

    def is_alive(self, run_id: int) -> bool:
        with in_words(self.where):
            return self._liveness.is_alive(run_id)

    def now_text(self) -> str:
        return self._now().astimezone(UTC).isoformat(timespec="milliseconds")

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        with in_words(self.where), self._engine.begin() as connection:
            yield connection

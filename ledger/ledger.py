"""The ledger, opened for reading and writing. Once a method has returned, what it wrote is on the disk."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from typing import Self

import sqlalchemy as sa

from fleet.errors import RemoteError
from ledger.errors import LedgerError, in_words
from ledger.location import database
from ledger.mail_record import MailKey, State
from ledger.maintenance_key import MaintenanceKey
from ledger.migrations import migrate
from ledger.records import Records
from ledger.rows import is_inserted, is_key, to_run
from ledger.run import AlreadyHeldError, Run
from ledger.schema import mails, runs, windows
from ledger.window_record import WindowState
from ledger.window_rows import change_state, is_window, locked_windows

_RUN = sa.select(runs).where(runs.c.id == sa.bindparam("id"))
_ONE_BEGINS = 0x1ED6E6  # PostgreSQL's advisory lock while a run that holds something begins


class Ledger(Records):
    """Raises LedgerError for a file that cannot be used, RemoteError for a server that cannot be reached."""

    def __init__(self, url: str | None, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database(url)
        self._now = now
        self.where = self._database.where

    @property
    def has_one_writer(self) -> bool:
        """Whether whoever writes has all others wait."""
        return self._database.has_one_writer

    def __enter__(self) -> Self:
        try:
            with in_words(self.where):
                migrate(self._database)
        except BaseException:
            self._database.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    @contextmanager
    def run(self, command: str, operator: str, *, holds: str | None = None) -> Iterator[Run]:
        """
        Records that a run began, which also proves that the ledger can be written.

        `holds` names what only one run may hold at a time. Raises AlreadyHeldError if another run that is alive
        holds it.
        """
        with ExitStack() as lock:
            with self.transaction() as connection:
                if holds is not None:
                    self._refuse_second(connection, holds)
                began = sa.insert(runs).values(
                    command=command,
                    host=socket.gethostname(),
                    started_at=self.now_text(),
                    operator=operator,
                    holds=holds,
                )
                inserted = connection.execute(began).inserted_primary_key
                run = to_run(connection.execute(_RUN, {"id": inserted[0]}).one())  # type: ignore[index] # one column
                lock.enter_context(self._database.liveness.held(run.id))
            yield run
            # If the ledger can no longer be written, that has already stopped the run and been reported.
            with suppress(LedgerError, RemoteError), self.transaction() as connection:
                connection.execute(sa.update(runs).where(runs.c.id == run.id).values(ended_at=self.now_text()))

    def is_alive(self, run_id: int) -> bool:
        with in_words(self.where):
            return self._database.liveness.is_alive(run_id)

    def require_room(self, mails_count: int) -> None:
        """Call it before the first mail. Raises LedgerError if the disk is too full to record them all."""
        self._database.require_room(mails_count)

    def record_window(self, maintenance: MaintenanceKey, time_zone: str, command: str, operator: str) -> None:
        """Records a window that the ledger does not have yet. A window that it has keeps its first operator."""
        row = {
            "window_key": maintenance.window_key,
            "aws_region": maintenance.aws_region,
            "time_zone": time_zone,
            "state": WindowState.KNOWN,
            "first_known_at": self.now_text(),
            "command": command,
            "operator": operator,
        }
        with self.transaction() as connection:
            if not is_inserted(connection, windows, row):
                # Version 1 knew no time zones.
                known = sa.update(windows).where(is_window(maintenance), windows.c.time_zone.is_(None))
                connection.execute(known.values(time_zone=time_zone))

    def record_moved(self, earlier: MaintenanceKey, later: MaintenanceKey) -> bool:
        """
        Records that `later` takes the place of `earlier`, a window that the ledger knows.

        False, with nothing recorded, if somebody called one of them off first, or moved `earlier` to a third window.
        """
        with self.transaction() as connection:
            found = {window.key: window for window in locked_windows(connection, earlier, later)}
            was, takes_its_place = found.get(earlier), found.get(later)
            if was is None or (takes_its_place is not None and takes_its_place.is_called_off):
                return False
            if was.is_called_off:
                return was.moved_to == later.window_key
            change_state(connection, earlier, WindowState.MOVED, moved_to=later.window_key)
            return True

    def record_cancelled(self, maintenance: MaintenanceKey) -> bool:
        """False, with nothing recorded, if the ledger does not know the window, or if somebody moved it first."""
        with self.transaction() as connection:
            found = locked_windows(connection, maintenance)
            if not found or found[0].state is WindowState.MOVED:
                return False
            change_state(connection, maintenance, WindowState.CANCELLED)
            return True

    def record_delivery(self, key: MailKey, notification_id: str, status: str) -> None:
        """Records what Notify says became of a mail. If its outcome was unknown, the mail is now known to be sent."""
        checked_at = self.now_text()
        values = {"notification_id": notification_id, "delivery_status": status, "delivery_checked_at": checked_at}
        unknown_then_sent = {
            "state": State.SENT,
            "sent_at": sa.func.coalesce(mails.c.sent_at, checked_at),
        }
        with self.transaction() as connection:
            connection.execute(sa.update(mails).where(is_key(key)).values(**values, **unknown_then_sent))

    def run_of(self, run_id: int) -> Run | None:
        """Returns None for a run that this ledger does not have."""
        with self.transaction() as connection:
            row = connection.execute(_RUN, {"id": run_id}).one_or_none()
        return to_run(row) if row else None

    def now_text(self) -> str:
        return self._now().astimezone(UTC).isoformat(timespec="milliseconds")

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        self._database.require_intact()
        with in_words(self.where), self._database.turn, self._database.engine.begin() as connection:
            yield connection
        # Only now is it certain that a colleague, or a rescue, will find what was committed.
        self._database.require_intact()

    @contextmanager
    def transaction_of(self, run: Run) -> Iterator[sa.Connection]:
        """Raises LedgerError if the ledger was replaced by an older one: what is written to it could get lost too."""
        with self.transaction() as connection:
            row = connection.execute(_RUN, {"id": run.id}).one_or_none()
            if row is None or to_run(row) != run:
                raise LedgerError(
                    f"ledger {self.where}: its contents were replaced while this run used it, which it does not know"
                    " any more; put back what it held last, before you run anything else: an older ledger would send"
                    " mails again"
                )
            yield connection

    def holder(self, holds: str) -> Run | None:
        """The run that is alive and holds it."""
        with self.transaction() as connection:
            return self._holder(connection, holds)

    def _refuse_second(self, connection: sa.Connection, holds: str) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_BEGINS)))
        if (holder := self._holder(connection, holds)) is not None:
            raise AlreadyHeldError(holder)

    def _holder(self, connection: sa.Connection, holds: str) -> Run | None:
        rows = connection.execute(sa.select(runs).where(runs.c.holds == holds, runs.c.ended_at.is_(None)))
        return next((to_run(row) for row in rows if self._database.liveness.is_alive(row.id)), None)

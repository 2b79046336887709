"""A ledger in a private SQLite file."""

import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

from ledger.errors import AN_EMPTY_ONE, LedgerError, in_words
from ledger.liveness import FileLocks
from ledger.private_file import private_file, refuse_unsafe_place

_BUSY_MILLISECONDS = 10_000
_POOL_SIZE = 20
_ROOM_BYTES = 2_000_000
_ROOM_BYTES_PER_MAIL = 20_000  # in the file and in SQLite's write-ahead log together


class SqliteFile:
    """Checks that its path still names the file that was opened: nobody would find what is written to a deleted one."""

    has_one_writer = True

    def __init__(self, path: Path) -> None:
        """Raises LedgerError."""
        self.where = f"sqlite:///{path}"
        self._path = path
        self._rescued = _rescued(path)
        with os_errors_in_words(path):
            refuse_unsafe_place(path)
            refuse_forgotten_rescue(path)
            # SQLite gives its log and index files beside the ledger the same mode as this file.
            descriptor = private_file(path)
            self._identity = _identity(os.fstat(descriptor))
            os.close(descriptor)
        with in_words(self.where):
            self._rescuer = _rescuer(path)
        self._rescuing = threading.Lock()
        self.turn = threading.Lock()
        """Held by the thread that writes: SQLite itself would have the others sleep for longer and longer."""
        self.engine = sa.create_engine(
            "sqlite://",
            creator=lambda: connection_to(path, "rw", _BUSY_MILLISECONDS),
            poolclass=sa.QueuePool,
            pool_size=_POOL_SIZE,
        )
        sa.event.listen(self.engine, "connect", _make_durable)
        sa.event.listen(self.engine, "begin", _begin_writing)
        self.liveness = FileLocks(Path(f"{path}.runs"))

    def require_intact(self) -> None:
        try:
            if _identity(self._path.stat()) == self._identity:
                return
            happened = "replaced"
        except FileNotFoundError:
            happened = "deleted"
        except OSError as error:
            happened = f"put out of reach ({error.strerror})"
        raise LedgerError(f"ledger {self._path}: it was {happened} while this run used it; {self._rescue()}")

    def require_room(self, mails_count: int) -> None:
        free_bytes = shutil.disk_usage(self._path.parent).free
        if free_bytes < _ROOM_BYTES + mails_count * _ROOM_BYTES_PER_MAIL:
            raise LedgerError(f"ledger {self.where}: the disk has only {free_bytes // 1000} kB left; make room")

    def back_up(self, version: int) -> None:
        """Copies the file as it was: changes of an open transaction are not in the copy."""
        copy = self._path.with_name(f"{self._path.name}.version-{version}.backup")
        with os_errors_in_words(copy):
            self._copy_to(copy)

    def close(self) -> None:
        self.engine.dispose()
        self._rescuer.close()

    def _rescue(self) -> str:
        """Saves what was recorded: SQLite still has the file open, even if it has no name any more."""
        unfinished = self._rescued.with_name(f"{self._rescued.name}.{os.getpid()}")
        with self._rescuing:
            try:
                if not self._rescued.exists():  # another thread or another run may have saved it already
                    self._copy_to(unfinished)
                    unfinished.rename(self._rescued)
            except (OSError, sqlite3.Error, LedgerError) as error:
                with suppress(OSError):
                    unfinished.unlink()
                return f"what it held could not be saved ({error}): restore a backup; {AN_EMPTY_ONE}"
            return f"what it held is saved: put it back with `mv '{self._rescued}' '{self._path}'`; {AN_EMPTY_ONE}"

    def _copy_to(self, path: Path) -> None:
        os.close(private_file(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC))
        with closing(sqlite3.connect(path)) as target:
            self._rescuer.backup(target)


def _rescued(path: Path) -> Path:
    return path.with_name(f"{path.name}.rescued")


def refuse_forgotten_rescue(path: Path) -> None:
    """Raises LedgerError if an earlier run saved what the ledger held, and nobody has put it back."""
    rescued = _rescued(path)
    if rescued.exists():
        raise LedgerError(
            f"ledger {path}: an earlier run found it deleted or replaced, and saved what it held; put that"
            f" back with `mv '{rescued}' '{path}'`, or move it away where the ledger is the right one;"
            f" {AN_EMPTY_ONE}"
        )


def connection_to(path: Path, mode: str, busy_milliseconds: int) -> sqlite3.Connection:
    """Never creates the file: a missing ledger is an error, not an empty ledger."""
    return sqlite3.connect(
        f"file:{path}?mode={mode}", uri=True, timeout=busy_milliseconds / 1000, check_same_thread=False
    )


def _rescuer(path: Path) -> sqlite3.Connection:
    """A connection that keeps the file and its log open, even if both are deleted or replaced later."""
    connection = connection_to(path, "rw", _BUSY_MILLISECONDS)
    try:
        _make_durable(connection, None)
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection


def leave_transactions_to_sqlalchemy(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # left to itself, Python's module begins a transaction too late


def _make_durable(connection: sqlite3.Connection, record: object) -> None:
    leave_transactions_to_sqlalchemy(connection, record)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # an intent that is committed survives the loss of power


def _begin_writing(connection: sa.Connection) -> None:
    """Begins as a writer: a transaction that begins by reading fails, instead of waiting, if another writes first."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


@contextmanager
def os_errors_in_words(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LedgerError(f"ledger {path}: {error.strerror}; make it writable, or set LEDGER_URL") from error

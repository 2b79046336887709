"""A ledger in a private SQLite file, read by a program that leaves it, and what is beside it, exactly as they are."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

from ledger.errors import LedgerError
from ledger.file_locks import is_kept_by_a_writer
from ledger.private_file import refuse_misread
from ledger.sqlite_file import connection_to, leave_transactions_to_sqlalchemy, os_errors_in_words

_BUSY_MILLISECONDS = 2_000
_LOOK = "SELECT count(*) FROM sqlite_master"


class SqliteReading:
    """Creates and changes nothing, and waits only seconds for a writer."""

    def __init__(self, path: Path) -> None:
        """Raises LedgerError."""
        refuse_misread(path)
        self.where = f"sqlite:///{path}"
        self.path = path
        self._log = path.with_name(f"{path.name}-wal")
        self._index = path.with_name(f"{path.name}-shm")
        self._journal = path.with_name(f"{path.name}-journal")
        self.engine = sa.create_engine("sqlite://", creator=self._connection, poolclass=sa.NullPool)
        sa.event.listen(self.engine, "connect", leave_transactions_to_sqlalchemy)

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """Raises LedgerError at the end if somebody began to write meanwhile: half of a change may have been read."""
        is_quiet, before = self._is_quiet, _state(self.path)
        try:
            yield
        finally:  # after an exception too: half of a change can look like damage
            if is_quiet and _state(self.path) != before:
                raise self._disturbed()

    def interrupt(self) -> None:
        """A file answers, or its lock is waited for no longer than seconds."""

    def _connection(self) -> sqlite3.Connection:
        """
        SQLite leaves files beside the one that it reads, and mends what a killed writer left, unless it is told not to.

        Nobody is writing while the write-ahead log is missing or empty, because every writer begins one. Where the log
        has something, its index is only read; SQLite makes one of its own in memory if that of a killed writer cannot
        be trusted. A journal in the log's place is from another program than ours, and may hold what has to be undone.
        """
        if self._is_quiet:
            return connection_to(self.path, "ro&immutable=1", _BUSY_MILLISECONDS)
        if self._is_left_behind:
            return self._of_copy()
        connection = connection_to(self.path, "ro&readonly_shm=1", _BUSY_MILLISECONDS)
        try:
            connection.execute(_LOOK).fetchall()
        except sqlite3.OperationalError as error:
            connection.close()
            if error.sqlite_errorcode != sqlite3.SQLITE_READONLY_ROLLBACK:
                raise
            return self._of_copy()
        except BaseException:
            connection.close()
            raise
        return connection

    def _of_copy(self) -> sqlite3.Connection:
        """What a killed writer left is put in order in a private copy, of which only the memory's part stays."""
        if is_kept_by_a_writer(self.path):
            raise sqlite3.OperationalError("database is locked")
        memory = sqlite3.connect(":memory:", check_same_thread=False)
        try:
            with os_errors_in_words(self.path), tempfile.TemporaryDirectory() as folder:
                self._copy_to(Path(folder))
                copy = Path(folder) / self.path.name
                with closing(connection_to(copy, "rw", _BUSY_MILLISECONDS)) as repaired:
                    repaired.backup(memory)
            memory.execute("PRAGMA query_only = ON")
        except BaseException:
            memory.close()
            raise
        return memory

    def _copy_to(self, folder: Path) -> None:
        """The folder is private, because what is copied holds people's addresses."""
        files = (self.path, self._log, self._journal)
        before = _state(*files)
        for file in files:
            if file.exists():
                shutil.copyfile(file, folder / file.name)
        if _state(*files) != before:
            raise self._disturbed()

    @property
    def _is_quiet(self) -> bool:
        return not self._journal.exists() and not self._has_log

    @property
    def _is_left_behind(self) -> bool:
        """There is a log without an index: who uses the log has one, but for a program that locks the whole file."""
        return not self._journal.exists() and self._has_log and not self._index.exists()

    @property
    def _has_log(self) -> bool:
        with suppress(OSError):
            return self._log.stat().st_size > 0
        return False

    def _disturbed(self) -> LedgerError:
        return LedgerError(f"ledger {self.path}: it changed while it was read; read it again")


def _state(*files: Path) -> tuple[int, ...]:
    """Differs after any change of one of them."""
    found: list[int] = []
    for file in files:
        with suppress(OSError):
            status = file.stat()
            found += (status.st_ino, status.st_mtime_ns, status.st_size)
    return tuple(found)

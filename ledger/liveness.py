"""
Knows which runs of the program are alive.

A run that is killed cannot say so. Therefore each run holds a lock, which the system releases when the run dies: a
lock on a file beside the SQLite ledger, or an advisory lock in PostgreSQL. So nobody has to guess from a clock
whether another run is slow or dead.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from ledger.errors import LedgerError
from ledger.private_file import private_file, private_folder

_LOCK_CLASS = 0x1ED6E5
_LONGEST_WAIT_SECONDS = 5.0
_PAUSE_SECONDS = 0.02


class Liveness(Protocol):
    """Raises LedgerError for files that cannot be locked, SQLAlchemyError for a server that does not answer."""

    def held(self, run_id: int) -> AbstractContextManager[None]:
        """The run counts as alive until the context or the process ends."""

    def is_alive(self, run_id: int) -> bool:
        """May stay true for a moment after another run has asked about the same run."""


class FileLocks:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def held(self, run_id: int) -> Iterator[None]:
        path = self._path(run_id)
        try:
            private_folder(self._folder)
            self._sweep()
            descriptor = _locked(path)
        except OSError as error:
            raise _not_lockable(path, error) from error
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
            os.close(descriptor)

    def is_alive(self, run_id: int) -> bool:
        path = self._path(run_id)
        try:
            descriptor = private_file(path, os.O_RDONLY)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise _not_lockable(path, error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError as error:
            raise _not_lockable(path, error) from error
        finally:
            os.close(descriptor)
        return False

    def _path(self, run_id: int) -> Path:
        return self._folder / f"{run_id}.lock"

    def _sweep(self) -> None:
        """Removes the files that killed runs left behind."""
        for path in self._folder.glob("*.lock"):
            if path.stem.isdecimal() and not self.is_alive(int(path.stem)):
                path.unlink(missing_ok=True)


def _locked(path: Path) -> int:
    """
    Returns the descriptor of a locked file that still has its name.

    Another run may have swept the file away before it was locked; then we try again. A run that asks whether this
    one is alive holds the lock for a moment only, so whatever holds it for longer is not this program.
    """
    give_up_at = time.monotonic() + _LONGEST_WAIT_SECONDS
    while True:
        descriptor = private_file(path)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.stat().st_ino == os.fstat(descriptor).st_ino:
                return descriptor
        except FileNotFoundError:
            pass
        except BlockingIOError:
            if time.monotonic() > give_up_at:
                os.close(descriptor)
                raise LedgerError(
                    f"ledger: another program keeps {path} locked, which no run of this one would; end it"
                    f" (`fuser {path}` names it), or set LEDGER_URL to another place"
                ) from None
            time.sleep(_PAUSE_SECONDS)
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _not_lockable(path: Path, error: OSError) -> LedgerError:
    return LedgerError(f"ledger: {path} cannot be locked: {error.strerror}; set LEDGER_URL to another place")


class AdvisoryLocks:
    """
    PostgreSQL's advisory locks, which end with the connection that took them.

    A pooler that shares one connection between clients breaks them.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @contextmanager
    def held(self, run_id: int) -> Iterator[None]:
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.detach()  # the pool would keep the connection open, and the lock with it
            connection.execute(sa.select(sa.func.pg_advisory_lock(_LOCK_CLASS, run_id)))
            try:
                yield
            finally:
                with suppress(SQLAlchemyError):  # closing the connection releases the lock too, but a little later
                    connection.execute(sa.select(sa.func.pg_advisory_unlock(_LOCK_CLASS, run_id)))

    def is_alive(self, run_id: int) -> bool:
        with self._engine.begin() as connection:
            is_free = connection.scalar(sa.select(sa.func.pg_try_advisory_xact_lock_shared(_LOCK_CLASS, run_id)))
        return not is_free

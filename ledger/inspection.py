"""Looks at a ledger as a doctor does: opens it for reading only, and neither makes, upgrades nor repairs it."""

import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from ledger import schema
from ledger.database import Reading
from ledger.errors import LedgerError, in_words
from ledger.file_locks import is_kept_by_a_writer
from ledger.location import reading
from ledger.migrations import MIGRATIONS, recorded_version
from ledger.private_file import refuse_links, refuse_not_ours, refuse_open_folder
from ledger.sqlite_file import os_errors_in_words, refuse_forgotten_rescue
from ledger.sqlite_reading import SqliteReading

_WAIT_SECONDS, _GLANCE_SECONDS = 3.0, 0.05
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_WAYS = "SELECT", "INSERT", "UPDATE", "DELETE"
_LOCKS = "ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"
"""Those of a PostgreSQL table that keep everybody else from writing to it."""
_CATCHES_UP = "the server only repeats another one (a standby)"
_READS_ONLY = "the database or its user is set to read only (default_transaction_read_only)"


@dataclass(frozen=True)
class Inspection:
    """A ledger that can be opened, or made."""

    where: str
    version: int | None
    """None where there is none yet."""
    newest_version: int
    why_not_writable: str | None
    is_locked: bool
    """By another program, for longer than any run of ours does. It may be writable all the same, once that ends."""
    why_not_private: str | None
    is_shared: bool
    """On a server, where its administrators see to who may read it."""


def inspection(url: str | None) -> Inspection:
    """Raises LedgerError or ConfigurationError for one that cannot be used, RemoteError for a server that cannot."""
    place = reading(url)
    return _of_file(place) if isinstance(place, SqliteReading) else _of_server(place)


def _of_file(place: SqliteReading) -> Inspection:
    path = place.path
    with os_errors_in_words(path):
        refuse_links(path)
        refuse_forgotten_rescue(path)
        exists = path.exists()
        if exists:
            refuse_not_ours(path.stat(), path)
        if path.parent.exists():
            refuse_open_folder(path.parent)
    return Inspection(
        where=place.where,
        version=_version(place) if exists else None,
        newest_version=len(MIGRATIONS),
        why_not_writable=_why_not_writable(path),
        is_locked=exists and _stays(lambda: is_kept_by_a_writer(path)),
        why_not_private=_why_not_private(path) if exists else None,
        is_shared=False,
    )


def _version(place: SqliteReading) -> int | None:
    with in_words(place.where), place.undisturbed(), place.engine.begin() as connection:
        damage = connection.scalar(sa.text("PRAGMA quick_check(1)"))
        if damage != "ok":
            raise LedgerError(f"ledger {place.path}: damaged: {damage}")
        return recorded_version(connection)


def _why_not_writable(path: Path) -> str | None:
    """Of the file where there is one, and of the nearest folder that there is: logs and locks are made beside it."""
    if path.exists() and not os.access(path, os.W_OK):
        return f"{path} may not be written"
    folder = next(parent for parent in path.parents if parent.exists())
    if not folder.is_dir():
        return f"{folder} is not a folder"
    return None if os.access(folder, os.W_OK | os.X_OK) else f"nothing may be made in the folder {folder}"


def _why_not_private(path: Path) -> str | None:
    mode = stat.S_IMODE(path.stat().st_mode)
    return f"others than its owner may use it (mode {mode:04o})" if mode & _OTHERS else None


def _stays(is_locked: Callable[[], bool]) -> bool:
    """Whether it is locked for seconds; every run of ours locks it for a moment whenever it records something."""
    ends_at = time.monotonic() + _WAIT_SECONDS
    while is_locked():
        if time.monotonic() > ends_at:
            return True
        time.sleep(_GLANCE_SECONDS)
    return False


def _of_server(place: Reading) -> Inspection:
    with in_words(place.where), place.engine.begin() as connection:
        version = recorded_version(connection)
        return Inspection(
            where=place.where,
            version=version,
            newest_version=len(MIGRATIONS),
            why_not_writable=_why_server_refuses(connection, version),
            is_locked=_stays(lambda: _is_table_locked(connection)),
            why_not_private=None,
            is_shared=True,
        )


def _why_server_refuses(connection: sa.Connection, version: int | None) -> str | None:
    if connection.scalar(sa.text("SELECT pg_is_in_recovery()")):
        return _CATCHES_UP
    reset = "SELECT reset_val FROM pg_settings WHERE name = 'default_transaction_read_only'"
    if connection.scalar(sa.text(reset)) == "on":
        return _READS_ONLY
    if version != len(MIGRATIONS):
        return _why_server_refuses_tables(connection, is_new=version is None)
    for table in schema.TABLES:
        for way in _WAYS:
            allowed = sa.text("SELECT has_table_privilege(:name, :way)").bindparams(name=table.name, way=way)
            if not connection.scalar(allowed):
                return f"its user may not {way} in the table {table.name}"
        sequence = sa.text("SELECT has_sequence_privilege(pg_get_serial_sequence(:name, 'id'), 'USAGE')")
        if connection.scalar(sequence.bindparams(name=table.name)) is False:
            return f"its user may not use the sequence of the table {table.name}"
    return None


def _is_table_locked(connection: sa.Connection) -> bool:
    locks = sa.text(
        "SELECT count(*) FROM pg_locks WHERE granted AND locktype = 'relation' AND pid <> pg_backend_pid()"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND mode = ANY(CAST(:modes AS text[])) AND relation IN"
        " (SELECT to_regclass(name)::oid FROM unnest(CAST(:tables AS text[])) AS name)"
    ).bindparams(modes=list(_LOCKS), tables=[table.name for table in schema.TABLES])
    return bool(connection.scalar(locks))


def _why_server_refuses_tables(connection: sa.Connection, *, is_new: bool) -> str | None:
    owns = "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass('mails')"
    if not is_new and not connection.scalar(sa.text(owns)):
        return "its user does not own the tables, so it may not bring them to the newest version"
    if not connection.scalar(sa.text("SELECT has_schema_privilege(current_schema(), 'CREATE')")):
        return "its user may not make tables in this database"
    return None

"""Where the ledger is: a private SQLite file, or a PostgreSQL database that a team shares."""

import os
from pathlib import Path
from typing import Any

import platformdirs
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError

from fleet.errors import ConfigurationError
from ledger.errors import LedgerError

APPLICATION = "elasticache-updates"
_FILE_NAME = "ledger.sqlite3"
_BUSY_MILLISECONDS = 10_000
_CONNECT_SECONDS = 10
_POOL_SIZE = 20
_FORM = "write it as postgresql://user:password@host/database, or sqlite:////absolute/path"


def ledger_engine(url_text: str | None) -> sa.Engine:
    """Raises LedgerError or ConfigurationError; a PostgreSQL server is not asked anything yet."""
    if url_text is None:
        try:
            folder = Path(platformdirs.user_state_dir(APPLICATION))
        except RuntimeError:  # a user whom the machine does not know, as containers have them
            raise LedgerError("ledger: this user has no home folder to keep it in; set LEDGER_URL") from None
        return _sqlite(folder / _FILE_NAME)
    try:
        url = sa.make_url(url_text)
    except ArgumentError:
        raise ConfigurationError(f"LEDGER_URL: not an address of a database; {_FORM}") from None
    if url.drivername == "sqlite":
        if not url.database or url.database == ":memory:" or url.query:
            raise ConfigurationError(f"LEDGER_URL '{url_text}': a ledger has to outlive the program; {_FORM}")
        return _sqlite(Path(url.database).absolute())
    if url.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return _postgresql(url.set(drivername="postgresql+psycopg"))
    raise ConfigurationError(f"LEDGER_URL: {url.drivername} is not supported; {_FORM}")


def _sqlite(path: Path) -> sa.Engine:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite gives the files beside it, with the latest changes, the mode of this one.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        path.chmod(0o600)
    except OSError as error:
        raise LedgerError(f"ledger {path}: {error.strerror}; make it writable, or set LEDGER_URL") from error
    engine = sa.create_engine(f"sqlite:///{path}", pool_size=_POOL_SIZE)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_writing)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:  # noqa: ANN401 — sqlite3's own, which SQLAlchemy does not name
    connection.isolation_level = None  # SQLAlchemy begins, below; Python's module would begin too late
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # an intent that is committed survives the loss of power
    cursor.close()


def _begin_writing(connection: sa.Connection) -> None:
    """At once for writing: a transaction that begins by reading fails, not waits, when another one writes first."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _postgresql(url: sa.URL) -> sa.Engine:
    return sa.create_engine(
        url,
        pool_size=_POOL_SIZE,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": _CONNECT_SECONDS,
            "application_name": APPLICATION,
            "options": "-c statement_timeout=30000 -c lock_timeout=10000",
            "keepalives_idle": 10,
        },
    )

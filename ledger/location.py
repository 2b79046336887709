"""
Where the ledger is: a private SQLite file, or a PostgreSQL database that a team shares.

LEDGER_URL may hold a password, perhaps in the wrong place. So an address whose parts do not fit together is refused,
and no part of it is shown.
"""

import re
from pathlib import Path

import platformdirs
import sqlalchemy as sa
from sqlalchemy import dialects
from sqlalchemy.exc import ArgumentError

from fleet.errors import ConfigurationError
from ledger.database import Database, Reading
from ledger.errors import LedgerError
from ledger.postgresql_server import PostgresqlReading, PostgresqlServer
from ledger.sqlite_file import SqliteFile
from ledger.sqlite_reading import SqliteReading

APPLICATION = "elasticache-updates"
_FILE_NAME = "ledger.sqlite3"
_FORM = "write it as postgresql://user:password@host/database, or sqlite:////absolute/path"
_POSTGRESQL = ("postgres", "postgresql", "postgresql+psycopg")
_USER = re.compile(r"[^\s:/?#@]*")
_HOST = re.compile(r"[A-Za-z0-9._-]*|[0-9A-Fa-f:.%]+")
_DATABASE = re.compile(r"[^\s:/?#@]*")


def database(url_text: str | None) -> Database:
    """The database to read and write. Raises LedgerError or ConfigurationError. Does not connect to a server yet."""
    place = _place(url_text)
    return SqliteFile(place) if isinstance(place, Path) else PostgresqlServer(place)


def reading(url_text: str | None) -> Reading:
    """The database to read only. Raises LedgerError or ConfigurationError. Opens nothing yet."""
    place = _place(url_text)
    return SqliteReading(place) if isinstance(place, Path) else PostgresqlReading(place)


def _place(url_text: str | None) -> Path | sa.URL:
    if url_text is None:
        try:
            return Path(platformdirs.user_state_dir(APPLICATION)) / _FILE_NAME
        except RuntimeError:  # the machine does not know the user, which is usual in containers
            raise LedgerError("ledger: this user has no home folder to keep it in; set LEDGER_URL") from None
    try:
        url = sa.make_url(url_text)
    except (ArgumentError, ValueError):
        raise ConfigurationError(f"LEDGER_URL: not an address of a database; its value is not shown; {_FORM}") from None
    if url.drivername == "sqlite":
        return _file(url)
    if url.drivername in _POSTGRESQL:
        return _server(url)
    kind = url.get_backend_name() if url.get_backend_name() in dialects.__all__ else "this kind of database"
    raise ConfigurationError(f"LEDGER_URL: {kind} is not supported; {_FORM}")


def _file(url: sa.URL) -> Path:
    if url.host or url.username or url.password:
        raise ConfigurationError(f"LEDGER_URL: a file has no user and no host; {_FORM}")
    if not url.database or url.database == ":memory:":
        raise ConfigurationError(f"LEDGER_URL: a ledger has to outlive the program; {_FORM}")
    if url.query:
        raise ConfigurationError(f"LEDGER_URL: a file's path may not hold a question mark; {_FORM}")
    return Path(url.database).absolute()


def _server(url: sa.URL) -> sa.URL:
    parts = ((_USER, url.username), (_HOST, url.host), (_DATABASE, url.database))
    if not all(form.fullmatch(part or "") for form, part in parts):
        raise ConfigurationError(
            "LEDGER_URL: its parts do not fit together; its value is not shown; write @ : / ? # within the password as"
            f" %40 %3A %2F %3F %23, and {_FORM}"
        )
    if unknown := url.query.keys() - _parameters():
        raise ConfigurationError(
            f"LEDGER_URL: {len(unknown)} of its parameters (after the ?) are unknown to PostgreSQL; they are not shown;"
            " see 'Parameter Key Words' in PostgreSQL's manual"
        )
    return url.set(drivername="postgresql+psycopg")


def _parameters() -> set[str]:
    from psycopg import pq  # noqa: PLC0415 — a ledger in a file does not need it, and importing it is slow

    return {option.keyword.decode() for option in pq.Conninfo.get_defaults()}

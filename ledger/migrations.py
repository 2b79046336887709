"""Brings a ledger of any earlier version forward, and refuses one of a later version."""

import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from ledger.errors import LedgerError
from ledger.versions import version_1

Migration = Callable[[sa.Connection], None]

_ONE_AT_A_TIME = 0x1ED6E5  # PostgreSQL's advisory lock while the schema changes
_VERSIONS = sa.Table("schema_version", sa.MetaData(), sa.Column("version", sa.Integer, nullable=False))


MIGRATIONS: tuple[Migration, ...] = (version_1.upgrade,)
"""The first makes version 1 of nothing, the next version 2 of version 1, and so on. They are added to, not changed."""


def migrate(engine: sa.Engine, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """All of it or nothing; before an SQLite file changes, a copy of it is kept beside it."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
        version = _version(connection)
        if version == len(migrations):
            return
        if version > len(migrations):
            raise LedgerError(
                f"the ledger has version {version}, and this program knows versions up to {len(migrations)}:"
                " it was used by a newer program; upgrade this one"
            )
        if version and engine.dialect.name == "sqlite":
            _back_up(Path(engine.url.database or ""), version)
        for step in migrations[version:]:
            step(connection)
        connection.execute(sa.delete(_VERSIONS))
        connection.execute(sa.insert(_VERSIONS).values(version=len(migrations)))


def _version(connection: sa.Connection) -> int:
    _VERSIONS.create(connection, checkfirst=True)
    version: int | None = connection.scalar(sa.select(_VERSIONS.c.version))
    return version or 0


def _back_up(path: Path, version: int) -> None:
    """The file as it was: what is being changed by the open transaction is not in it."""
    copy = path.with_name(f"{path.name}.version-{version}.backup")
    os.close(os.open(copy, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)

"""Brings a ledger of an earlier version up to date, and refuses a ledger of a later version."""

from collections.abc import Callable, Sequence

import sqlalchemy as sa

from ledger.database import Database
from ledger.errors import LedgerError
from ledger.versions import version_1, version_2
from ledger.versions.amendments import amend

Migration = Callable[[sa.Connection], None]

_ONE_AT_A_TIME = 0x1ED6E5  # PostgreSQL's advisory lock while the schema changes
_VERSIONS = sa.Table("schema_version", sa.MetaData(), sa.Column("version", sa.Integer, nullable=False))


MIGRATIONS: tuple[Migration, ...] = (version_1.upgrade, version_2.upgrade)
"""
The first makes version 1 in an empty database, the second turns version 1 into version 2, and so on.

New migrations are added at the end; released ones never change.
"""


def migrate(database: Database, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Applies all missing migrations in one transaction, after keeping a copy of an SQLite file beside it."""
    with database.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
        _VERSIONS.create(connection, checkfirst=True)
        version = _version(connection)
        if version == len(migrations):
            if version >= len(MIGRATIONS):
                amend(connection)
            return
        _refuse_newer(version, len(migrations))
        if version:
            database.back_up(version)
        for step in migrations[version:]:
            step(connection)
        if len(migrations) >= len(MIGRATIONS):
            amend(connection)
        connection.execute(sa.delete(_VERSIONS))
        connection.execute(sa.insert(_VERSIONS).values(version=len(migrations)))


def require_newest(connection: sa.Connection) -> None:
    """Raises LedgerError unless the ledger has the newest version. Readers use it, since they may not migrate."""
    version = _version(connection)
    _refuse_newer(version, len(MIGRATIONS))
    if version < len(MIGRATIONS):
        raise LedgerError(
            f"the ledger has version {version}, and this program reads version {len(MIGRATIONS)}:"
            " bring it forward with `elasticache-update-notifier ledger check`"
        )


def recorded_version(connection: sa.Connection) -> int | None:
    """None if there is no ledger in this database yet."""
    return (_version(connection) or None) if sa.inspect(connection).has_table(_VERSIONS.name) else None


def _refuse_newer(version: int, newest: int) -> None:
    if version > newest:
        raise LedgerError(
            f"the ledger has version {version}, and this program knows versions up to {newest}:"
            " it was used by a newer program; upgrade this one"
        )


def _version(connection: sa.Connection) -> int:
    version: int | None = connection.scalar(sa.select(_VERSIONS.c.version))
    return version or 0

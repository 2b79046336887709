"""Everything that makes two ledgers' tables the same or different."""

from typing import Any

import sqlalchemy as sa


def structure(engine: sa.Engine) -> dict[str, Any]:
    inspector = sa.inspect(engine)
    return {table: _of(table, inspector) | _counting(table, engine) for table in inspector.get_table_names()}


def _of(table: str, inspector: sa.Inspector) -> dict[str, Any]:
    return {
        "columns": [{**column, "type": str(column["type"])} for column in inspector.get_columns(table)],
        "primary key": inspector.get_pk_constraint(table),
        "unique": sorted(inspector.get_unique_constraints(table), key=str),
        "indexes": sorted(inspector.get_indexes(table), key=str),
        "foreign keys": sorted(inspector.get_foreign_keys(table), key=str),
        "checks": sorted(inspector.get_check_constraints(table), key=str),
    }


def _counting(table: str, engine: sa.Engine) -> dict[str, Any]:
    """Whether SQLite gives the number of a row that is gone to another one; SQLAlchemy does not say."""
    if engine.dialect.name != "sqlite":
        return {}
    with engine.begin() as connection:
        made_by = connection.scalar(sa.text("SELECT sql FROM sqlite_master WHERE name = :table"), {"table": table})
    return {"counts up": "AUTOINCREMENT" in str(made_by)}

"""Runs SQL that SQLite and PostgreSQL both understand, except for how each numbers its rows."""

import sqlalchemy as sa

_NUMBERED = {"sqlite": "INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT", "postgresql": "SERIAL NOT NULL PRIMARY KEY"}


def execute(connection: sa.Connection, *statements: str) -> None:
    """Replaces `{numbered}` in each by the type of a primary key that the database numbers itself."""
    for statement in statements:
        connection.exec_driver_sql(statement.format(numbered=_NUMBERED[connection.dialect.name]))

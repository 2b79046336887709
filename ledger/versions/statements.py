"""Statements that both databases understand, but for how each numbers its rows."""

import sqlalchemy as sa

_NUMBERED = {"sqlite": "INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT", "postgresql": "SERIAL NOT NULL PRIMARY KEY"}


def execute(connection: sa.Connection, *statements: str) -> None:
    """In each, `{numbered}` is replaced by the type of a primary key that the database counts up itself."""
    for statement in statements:
        connection.exec_driver_sql(statement.format(numbered=_NUMBERED[connection.dialect.name]))

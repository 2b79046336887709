"""
Columns that the newest version got before its first release: ledgers exist that were made without them.

An amendment looks before it adds, changes nothing that readers of the version know, and may run at every start.
"""

import sqlalchemy as sa

from ledger.versions.statements import execute

_COLUMNS = (("mails", "replaced_windows"), ("windows", "tenants"))


def amend(connection: sa.Connection) -> None:
    """
    Mails remember which earlier windows they say have moved, windows where the orgs came from that were told of them.

    Of older mails and windows it is not known.
    """
    for table, column in _COLUMNS:
        columns = {found["name"] for found in sa.inspect(connection).get_columns(table)}
        if column not in columns:
            execute(connection, f"ALTER TABLE {table} ADD COLUMN {column} TEXT")

"""
Columns that the newest version got before its first release: ledgers exist that were made without them.

An amendment looks before it adds, changes nothing that readers of the version know, and may run at every start.
"""

import sqlalchemy as sa

from ledger.versions.statements import execute

_MAILS, _REPLACED_WINDOWS = "mails", "replaced_windows"


def amend(connection: sa.Connection) -> None:
    """Mails remember which earlier windows they say have moved; of older mails it is not known."""
    columns = {column["name"] for column in sa.inspect(connection).get_columns(_MAILS)}
    if _REPLACED_WINDOWS not in columns:
        execute(connection, f"ALTER TABLE {_MAILS} ADD COLUMN {_REPLACED_WINDOWS} TEXT")

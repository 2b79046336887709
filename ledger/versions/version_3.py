"""Mails remember which earlier windows they say have moved; of older mails it is not known."""

import sqlalchemy as sa

from ledger.versions.statements import execute


def upgrade(connection: sa.Connection) -> None:
    execute(connection, "ALTER TABLE mails ADD COLUMN replaced_windows TEXT")

"""
Reads which instances somebody was told about, of the windows that are not over. Nobody's address is read.

So people cannot be told apart here. In an org those mails count that were begun at or after the first one with the
org's highest revision: a correction goes to everybody in it.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from ledger.errors import LedgerError
from ledger.mail_record import UNKNOWN_INSTANCE, Kind, State
from ledger.maintenance_key import MaintenanceKey
from ledger.rights import if_permitted
from ledger.schema import mails, told

FAILED_FOR_GOOD = "permanent-failure"


def told_instances(
    connection: sa.Connection, windows: Collection[MaintenanceKey]
) -> Mapping[MaintenanceKey, frozenset[str]] | None:
    """None where this program may not read it: the rights of earlier versions did not include it."""
    return if_permitted(
        connection,
        lambda: {w: frozenset(_by_mail(connection, w) | _another_way(connection, w)) for w in windows},
    )


def _by_mail(connection: sa.Connection, window: MaintenanceKey) -> set[str]:
    query = sa.select(mails.c.org_guid, mails.c.revision, mails.c.attempted_at, mails.c.instance_guids).where(
        mails.c.window_key == window.window_key,
        mails.c.aws_region == window.aws_region,
        mails.c.state == State.SENT,
        mails.c.kind != Kind.CANCELLED,
        sa.func.coalesce(mails.c.delivery_status, "") != FAILED_FOR_GOOD,
    )
    by_org: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(query):
        by_org[row.org_guid].append(row)
    found: set[str] = set()
    for rows in by_org.values():
        latest = max(row.revision for row in rows)
        since = min(row.attempted_at for row in rows if row.revision == latest)
        for row in rows:
            if row.attempted_at >= since:
                found.update(_guids(row.instance_guids, window))
    return found - {UNKNOWN_INSTANCE}


def _another_way(connection: sa.Connection, window: MaintenanceKey) -> set[str]:
    query = sa.select(told.c.instance_guids).where(
        told.c.window_key == window.window_key, told.c.aws_region == window.aws_region
    )
    return {guid for (text,) in connection.execute(query) for guid in _guids(text, window)}


def _guids(text: str, window: MaintenanceKey) -> list[str]:
    try:
        return msgspec.json.decode(text, type=list[str])
    except msgspec.DecodeError as error:
        raise LedgerError(
            f"ledger: a mail about window {window.window_key} is damaged ({error}); see `ledger check`"
        ) from error

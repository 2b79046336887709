"""Where the orgs came from that were told of a window: another source would have other orgs, and tell people again."""

import sqlalchemy as sa

from ledger.ledger import Ledger
from ledger.mail_record import State
from ledger.maintenance_key import MaintenanceKey
from ledger.records import Records
from ledger.schema import mails, told, windows
from ledger.window_record import Tenants
from ledger.window_rows import is_window

_MAY_HAVE_BEEN_SENT = (State.SENDING, State.SENT)


_BEFORE_IT_WAS_RECORDED = "Cloud Foundry"


def other_tenants(records: Records, maintenance: MaintenanceKey, tenants: Tenants) -> str | None:
    """Where the orgs came from that were, or may have been, told of the window; None if that is `tenants`."""
    with records.transaction() as connection:
        return _other(connection, maintenance, tenants)


def record_tenants(ledger: Ledger, maintenance: MaintenanceKey, tenants: Tenants) -> str | None:
    """Of a window that the ledger knows. Answers as `other_tenants`; what is not None is left as it is."""
    with ledger.transaction() as connection:
        connection.execute(sa.select(windows.c.id).where(is_window(maintenance)).with_for_update())
        other = _other(connection, maintenance, tenants)
        if other is None:
            connection.execute(sa.update(windows).where(is_window(maintenance)).values(tenants=tenants.come_from))
        return other


def recorded_tenants(records: Records, maintenance: MaintenanceKey) -> str | None:
    """None where it is not known."""
    with records.transaction() as connection:
        found: str | None = connection.scalar(sa.select(windows.c.tenants).where(is_window(maintenance)))
        return found


def _other(connection: sa.Connection, maintenance: MaintenanceKey, tenants: Tenants) -> str | None:
    known: str | None = connection.scalar(sa.select(windows.c.tenants).where(is_window(maintenance)))
    is_the_same = tenants.is_cloudfoundry if known is None else tenants.are_from(known)
    if is_the_same or not _is_told_of(connection, maintenance):
        return None
    return known or _BEFORE_IT_WAS_RECORDED


def _is_told_of(connection: sa.Connection, maintenance: MaintenanceKey) -> bool:
    by_mail, another_way = (
        sa.select(table.c.id)
        .where(table.c.window_key == maintenance.window_key, table.c.aws_region == maintenance.aws_region)
        .limit(1)
        for table in (mails, told)
    )
    by_mail = by_mail.where(mails.c.state.in_(_MAY_HAVE_BEEN_SENT))
    return any(connection.scalar(query) is not None for query in (by_mail, another_way))

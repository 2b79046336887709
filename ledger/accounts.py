"""In which AWS account each window's updates were applied."""

import sqlalchemy as sa

from ledger.ledger import Ledger
from ledger.maintenance_key import MaintenanceKey
from ledger.records import Records
from ledger.schema import windows


def recorded_accounts(records: Records, aws_region: str) -> list[str]:
    """Of all windows of the region, each once, the one that was known first first."""
    is_it = (windows.c.aws_region == aws_region) & windows.c.account.is_not(None)
    with records.transaction() as connection:
        rows = connection.execute(sa.select(windows.c.account).where(is_it).order_by(windows.c.id))
        return list(dict.fromkeys(row.account for row in rows))


def record_account(ledger: Ledger, maintenance: MaintenanceKey, account: str) -> None:
    """Of a window that the ledger knows, unless it has one already."""
    is_it = (windows.c.window_key == maintenance.window_key) & (windows.c.aws_region == maintenance.aws_region)
    with ledger.transaction() as connection:
        connection.execute(sa.update(windows).where(is_it, windows.c.account.is_(None)).values(account=account))

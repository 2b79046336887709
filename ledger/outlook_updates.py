"""Reads how far each window has come: how many updates it has begun, by what became of them."""

from collections import defaultdict
from collections.abc import Mapping

import sqlalchemy as sa

from ledger.errors import LedgerError
from ledger.maintenance_key import MaintenanceKey
from ledger.rights import if_permitted
from ledger.schema import updates
from ledger.update_record import UpdateState


def updates_begun(connection: sa.Connection) -> Mapping[MaintenanceKey, Mapping[UpdateState, int]] | None:
    """Of windows that have begun any. None where this program may not read it: earlier rights did not include it."""
    of_window = (updates.c.window_key, updates.c.aws_region, updates.c.state)
    query = sa.select(*of_window, sa.func.count()).group_by(*of_window)
    rows = if_permitted(connection, lambda: connection.execute(query).all())
    if rows is None:
        return None
    found: dict[MaintenanceKey, dict[UpdateState, int]] = defaultdict(dict)
    for key, region, state, count in rows:
        try:
            found[MaintenanceKey(key, region)][UpdateState(state)] = count
        except ValueError as error:
            raise LedgerError(f"ledger: an update of window {key} is damaged ({error}); see `ledger check`") from error
    return found

"""
Reads and changes a window's state in a transaction of somebody else's.

Mails about a window are claimed, and the window is called off, by several runs at once. Whoever reads a state here
keeps it as it is until the transaction ends. SQLite has one writer at a time anyway; PostgreSQL locks the rows.
"""

import functools
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from ledger.maintenance_key import MaintenanceKey
from ledger.rows import to_window
from ledger.schema import windows
from ledger.window_record import WindowRecord, WindowState


def is_window(maintenance: MaintenanceKey) -> sa.ColumnElement[bool]:
    return (windows.c.window_key == maintenance.window_key) & (windows.c.aws_region == maintenance.aws_region)


def locked_windows(connection: sa.Connection, *keys: MaintenanceKey) -> list[WindowRecord]:
    """To change them: nobody else can read them for a claim, or change them, before this transaction ends."""
    return _read(connection, *keys, is_shared=False)


def shared_window(connection: sa.Connection, key: MaintenanceKey) -> WindowRecord | None:
    """To go by its state: nobody can call it off before this transaction ends. Others may do the same."""
    found = _read(connection, key, is_shared=True)
    return found[0] if found else None


def change_state(
    connection: sa.Connection, maintenance: MaintenanceKey, state: WindowState, moved_to: str | None = None
) -> None:
    connection.execute(sa.update(windows).where(is_window(maintenance)).values(state=state, moved_to=moved_to))


def _read(connection: sa.Connection, *keys: MaintenanceKey, is_shared: bool) -> list[WindowRecord]:
    """Always in the same order, so that two who lock the same windows do not wait for each other."""
    values = {f"{name}_{n}": value for n, key in enumerate(keys) for name, value in asdict(key).items()}
    return [to_window(row) for row in connection.execute(_query(len(keys), is_shared), values)]


@functools.cache
def _query(keys_count: int, is_shared: bool) -> sa.Select[Any]:  # noqa: FBT001 — there is one caller
    """Built once, because each mail needs it."""
    is_one = [
        (windows.c.window_key == sa.bindparam(f"window_key_{n}"))
        & (windows.c.aws_region == sa.bindparam(f"aws_region_{n}"))
        for n in range(keys_count)
    ]
    return sa.select(windows).where(sa.or_(*is_one)).order_by(windows.c.id).with_for_update(read=is_shared)

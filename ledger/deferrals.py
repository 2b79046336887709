"""Tenants' wishes to wait: added, taken back, never deleted."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from ledger.deferral import Deferral, Target
from ledger.errors import LedgerError
from ledger.ledger import Ledger
from ledger.records import Records
from ledger.schema import deferrals


def recorded_deferrals(records: Records, aws_region: str) -> list[Deferral]:
    """All that a region ever had, in the order in which they were added."""
    query = sa.select(deferrals).where(deferrals.c.aws_region == aws_region).order_by(deferrals.c.id)
    with records.transaction() as connection:
        return [_to_deferral(row) for row in connection.execute(query)]


def active_deferrals(connection: sa.Connection) -> list[Deferral]:
    """Of all regions, those that were not taken back; the time for which they ask may be over all the same."""
    query = sa.select(deferrals).where(deferrals.c.ended_at.is_(None)).order_by(deferrals.c.id)
    return [_to_deferral(row) for row in connection.execute(query)]


def add_deferral(ledger: Ledger, deferral: Deferral) -> Deferral:
    """Takes the place of the active one for the same target, in one transaction. Answers it as it is recorded."""
    row = {column.name: _value(getattr(deferral, column.name)) for column in deferrals.c if column.name != "id"}
    same = (
        deferrals.c.aws_region == deferral.aws_region,
        deferrals.c.target == deferral.target,
        deferrals.c.guid == deferral.guid,
        deferrals.c.ended_at.is_(None),
    )
    with ledger.transaction() as connection:
        ended = {"ended_at": _value(deferral.added_at), "ended_by": deferral.added_by}
        connection.execute(sa.update(deferrals).where(*same).values(**ended))
        inserted = connection.execute(sa.insert(deferrals).values(row)).inserted_primary_key
        is_it = deferrals.c.id == inserted[0]  # type: ignore[index] # one column
        return _to_deferral(connection.execute(sa.select(deferrals).where(is_it)).one())


def end_deferrals(ledger: Ledger, ids: Iterable[int], at: datetime, by: str) -> int:
    """Those of them that are active still; answers how many."""
    active = sa.update(deferrals).where(deferrals.c.id.in_(list(ids)), deferrals.c.ended_at.is_(None))
    with ledger.transaction() as connection:
        return connection.execute(active.values(ended_at=_value(at), ended_by=by)).rowcount


def _value(fact: object) -> object:
    return fact.isoformat(timespec="milliseconds") if isinstance(fact, datetime) else _day(fact)


def _day(fact: object) -> object:
    return fact.isoformat() if isinstance(fact, date) else fact


def _to_deferral(row: sa.Row[Any]) -> Deferral:
    """Raises LedgerError for a row that no version of this program has written."""
    facts: dict[str, Any] = dict(row._mapping)  # noqa: SLF001 — the row's public name for it
    try:
        facts["target"] = Target(row.target)
        facts["until"] = date.fromisoformat(row.until) if row.until else None
        facts["added_at"] = datetime.fromisoformat(row.added_at)
        facts["ended_at"] = datetime.fromisoformat(row.ended_at) if row.ended_at else None
        deferral = Deferral(**facts)
        deferral.lasts_until.timestamp()  # a time zone or a window that there is not would be noticed much later
        return deferral  # noqa: TRY300 — what went wrong above went wrong in the row
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise LedgerError(f"ledger: deferrals {row.id} is damaged ({error}); see `ledger check`") from error

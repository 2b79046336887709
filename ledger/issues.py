"""Which issue of a repository is the story of a window's day: the intent before it is created, then its number."""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from ledger.ledger import Ledger
from ledger.records import Records
from ledger.schema import issues

NOT_KNOWN = 0
"""The number while an issue is being created; it stays where the outcome is not known."""


@dataclass(frozen=True, slots=True)
class IssueRecord:
    repository: str
    """As it was first written; GitHub takes upper and lower case for the same."""
    window_day: date
    """In the time zone of the window."""
    number: int
    """NOT_KNOWN where a run set out to create it, and nobody knows yet what became of that."""

    @property
    def is_known(self) -> bool:
        return self.number != NOT_KNOWN


def issue_hold(repository: str, window_day: date) -> str:
    """What only one run that writes into the issue may hold."""
    return f"issue {repository.lower()} {window_day.isoformat()}"


def issue_record(records: Records, repository: str, window_day: date) -> IssueRecord | None:
    """None where no run of this ledger wrote into an issue of that day, or meant to."""
    with records.transaction() as connection:
        row = connection.execute(sa.select(issues).where(*_is(repository, window_day))).one_or_none()
    return IssueRecord(row.repository, window_day, row.number) if row else None


def record_issue(ledger: Ledger, repository: str, window_day: date, number: int) -> None:
    """Takes the place of what was recorded of that day, in one transaction."""
    row = {"repository": repository, "window_day": window_day.isoformat(), "number": number}
    with ledger.transaction() as connection:
        changed = connection.execute(sa.update(issues).where(*_is(repository, window_day)).values(number=number))
        if changed.rowcount == 0:
            connection.execute(sa.insert(issues).values(row))


def forget_intent(ledger: Ledger, repository: str, window_day: date) -> None:
    """Where it is certain that nothing was created. A number stays."""
    intent = sa.delete(issues).where(*_is(repository, window_day), issues.c.number == NOT_KNOWN)
    with ledger.transaction() as connection:
        connection.execute(intent)


def _is(repository: str, window_day: date) -> tuple[sa.ColumnElement[bool], ...]:
    return sa.func.lower(issues.c.repository) == repository.lower(), issues.c.window_day == window_day.isoformat()

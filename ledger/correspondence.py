"""Works out from the records of a window's mails what each person was told. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger.mail_record import Kind, MailRecord, State, is_counted_with

FAILED_FOR_GOOD = "permanent-failure"
FAILED_FOR_NOW = frozenset({"temporary-failure", "technical-failure"})

Whom = tuple[str, str]
"""An org's guid and an address."""


@dataclass(frozen=True, slots=True)
class Correspondence:
    """One person's mails about one org in one window."""

    last: MailRecord | None = None
    """The last mail that told the person something: Notify accepted it, and it did not fail for good."""
    failed: MailRecord | None = None
    """The last mail that failed for good, if none was accepted after it."""
    begun: MailRecord | None = None
    """A later mail that was begun and is not known to be sent."""
    mails: Sequence[MailRecord] = ()
    """All of them, in order."""

    @property
    def is_told_of_it(self) -> bool:
        """True if the person was not told that the window does not take place."""
        return self.last is not None and self.last.key.kind is not Kind.CANCELLED

    @property
    def expects_it(self) -> bool:
        """True if the person expects that instances are updated in the window."""
        return self.last is not None and self.is_told_of_it and bool(self.last.instance_guids)

    @property
    def in_doubt(self) -> MailRecord | None:
        """A later mail that may have been sent. Its outcome is found out before any other mail is written."""
        return self.begun if self.begun is not None and self.begun.state is State.SENDING else None

    def next_revision(self, kind: Kind) -> int:
        """Of the next mail of this kind: one that was begun and is not known to be sent is gone on with."""
        alike = [record for record in self.mails if is_counted_with(record.key.kind, kind)]
        first = 1 if kind is Kind.CORRECTION else 0
        if not alike:
            return first
        latest = max(alike, key=lambda record: record.key.revision)
        return max(first, latest.key.revision + (latest.state is State.SENT))


def correspondence(records: Iterable[MailRecord]) -> Mapping[Whom, Correspondence]:
    """`records` are the mails of one window and region, in any order."""
    by_person: dict[Whom, list[MailRecord]] = {}
    for record in records:
        by_person.setdefault((record.key.org_guid, record.key.address), []).append(record)
    return {whom: _correspondence(mails) for whom, mails in by_person.items()}


def _correspondence(mails: Sequence[MailRecord]) -> Correspondence:
    last = failed = begun = None
    ordered = in_order(mails)
    for record in ordered:
        if record.state is not State.SENT:
            begun = record
        elif record.delivery_status == FAILED_FOR_GOOD:
            failed, begun = record, None
        else:
            last, failed, begun = record, None, None
    return Correspondence(last, failed, begun, ordered)


def in_order(mails: Sequence[MailRecord]) -> list[MailRecord]:
    """
    Sorts one person's mails about one window, from the first to the last.

    Mails that are counted together are in the order of their revisions, whatever the clocks of two machines say. Only
    between a `moved` mail and the others does the time decide. A `cancelled` mail ends a correspondence.
    """
    ordered: list[tuple[int, datetime, int, int, MailRecord]] = []
    for place, kind in enumerate((Kind.MOVED, Kind.ANNOUNCEMENT, Kind.CANCELLED)):
        alike = [record for record in mails if is_counted_with(record.key.kind, kind)]
        latest: datetime | None = None
        for record in sorted(alike, key=lambda record: record.key.revision):
            latest = record.attempted_at if latest is None else max(latest, record.attempted_at)
            ordered.append((kind is Kind.CANCELLED, latest, place, record.key.revision, record))
    return [record for *_, record in sorted(ordered, key=lambda entry: entry[:-1])]

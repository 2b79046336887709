"""Works out from the records of a window's mails what each person was told. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ledger.mail_record import Kind, MailRecord, State

FAILED_FOR_GOOD = "permanent-failure"
FAILED_FOR_NOW = frozenset({"temporary-failure", "technical-failure"})

Whom = tuple[str, str]
"""An org's guid and an address."""


@dataclass(frozen=True, slots=True)
class Correspondence:
    """One person's mails about one org in one window."""

    last: MailRecord | None
    """The last mail that told the person something: Notify accepted it, and it did not fail for good."""
    failed: MailRecord | None
    """The last mail that failed for good, if none was accepted after it."""
    begun: MailRecord | None
    """A later mail that was begun and is not known to be sent."""

    @property
    def is_told_of_it(self) -> bool:
        """True if the person expects the window to take place."""
        return self.last is not None and self.last.key.kind is not Kind.CANCELLED


def correspondence(records: Iterable[MailRecord]) -> Mapping[Whom, Correspondence]:
    """`records` are the mails of one window and region, in any order."""
    by_person: dict[Whom, list[MailRecord]] = {}
    for record in records:
        by_person.setdefault((record.key.org_guid, record.key.address), []).append(record)
    return {whom: _correspondence(mails) for whom, mails in by_person.items()}


def _correspondence(mails: Sequence[MailRecord]) -> Correspondence:
    last = failed = begun = None
    for record in sorted(mails, key=in_order):
        if record.state is not State.SENT:
            begun = record
        elif record.delivery_status == FAILED_FOR_GOOD:
            failed, begun = record, None
        else:
            last, failed, begun = record, None, None
    return Correspondence(last, failed, begun)


def in_order(record: MailRecord) -> tuple[int, int]:
    """Sorts one person's mails: a `moved` mail begins a correspondence, and a `cancelled` one ends it."""
    place = {Kind.MOVED: 0, Kind.ANNOUNCEMENT: 1, Kind.CORRECTION: 1, Kind.CANCELLED: 2}
    return place[record.key.kind], record.key.revision

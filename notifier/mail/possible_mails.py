"""Which mails about a window Notify could have for somebody, beyond those that the ledger knows. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ledger.correspondence import Whom
from ledger.mail_record import Kind, MailKey, MailRecord, State
from ledger.maintenance_key import MaintenanceKey
from notifier.audience import Recipient

_A_FEW = 5


@dataclass(frozen=True)
class Addressee:
    """Somebody who may have been told about a window: the ledger or today's survey names them."""

    window: MaintenanceKey
    whom: Whom
    org_name: str
    recipients: tuple[Recipient, ...] = ()
    """Them as recipients of today: with what is deferred, and without it. Empty if they are not affected now."""
    records: tuple[MailRecord, ...] = ()
    """Their mails about the window, as far as the ledger knows."""

    @property
    def unknown(self) -> list[MailKey]:
        """
        The mail of each kind that would be the next one, if another ledger had it.

        A mail that a run of this ledger has begun is left out, because the sender looks it up anyway.
        """
        after = self._next(Kind.ANNOUNCEMENT, Kind.CORRECTION)
        # After a `moved` mail, and a week after the announcement, which Notify has forgotten, there is only the second.
        counted = [self._counted(after), *([self._counted(1)] if after == 0 else [])]
        others = [self._key(kind, self._next(kind)) for kind in (Kind.MOVED, Kind.CANCELLED)]
        begun = {record.reference for record in self.records if record.state is State.SENDING}
        return [key for key in (*counted, *others) if key.reference not in begun]

    def after(self, key: MailKey) -> MailKey | None:
        """The one that may follow this mail, which Notify has."""
        if key.kind is Kind.CANCELLED:
            return None
        following = key.revision + 1
        return self._key(Kind.MOVED, following) if key.kind is Kind.MOVED else self._counted(following)

    def _next(self, *kinds: Kind) -> int:
        known = {r.key.revision for r in self.records if r.key.kind in kinds and r.state in _LEFT}
        return max(known, default=-1) + 1

    def _counted(self, revision: int) -> MailKey:
        return self._key(Kind.CORRECTION if revision else Kind.ANNOUNCEMENT, revision)

    def _key(self, kind: Kind, revision: int) -> MailKey:
        return MailKey(self.window.window_key, self.window.aws_region, *self.whom, revision, kind)


_LEFT = (State.SENDING, State.SENT)
"""What may have left. A mail in another state was certainly not sent by a run of this ledger."""


def addressees(
    window: MaintenanceKey, records: Iterable[MailRecord], *recipients: Sequence[Recipient]
) -> list[Addressee]:
    """First today's recipients, in their order, then those whom only the ledger names."""
    today: dict[Whom, list[Recipient]] = {}
    for recipient in (one for several in recipients for one in several):
        today.setdefault((recipient.org.guid, recipient.address), []).append(recipient)
    mails: dict[Whom, list[MailRecord]] = {}
    for record in records:
        mails.setdefault((record.key.org_guid, record.key.address), []).append(record)
    return [
        Addressee(window, whom, _org_name(whom, today, mails), tuple(today.get(whom, ())), tuple(mails.get(whom, ())))
        for whom in dict.fromkeys((*today, *mails))
    ]


def a_few(everybody: Sequence[Addressee], are_due: Collection[Whom]) -> list[Addressee]:
    """Some of those who are about to get a mail, the first among them, and some of the others."""
    due = [addressee for addressee in everybody if addressee.whom in are_due]
    others = [addressee for addressee in everybody if addressee.whom not in are_due and addressee.records]
    return [*_spread(due), *_spread(others)]


def _spread(those: Sequence[Addressee]) -> Sequence[Addressee]:
    return those[:: max(1, len(those) // _A_FEW)][:_A_FEW]


def _org_name(whom: Whom, today: Mapping[Whom, list[Recipient]], mails: Mapping[Whom, list[MailRecord]]) -> str:
    return today[whom][0].org.name.replace("\0", "") if whom in today else mails[whom][-1].org_name

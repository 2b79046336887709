"""What people were told of a window and of the windows whose place it takes, directly or over others. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ledger.correspondence import FAILED_FOR_GOOD, Correspondence, Whom, correspondence
from ledger.mail_record import Kind, MailKey, MailRecord, State
from ledger.maintenance_key import MaintenanceKey
from ledger.window_record import WindowRecord, WindowState


@dataclass(frozen=True)
class Holding:
    """One person's mails about one org in a window and in those that it replaces."""

    own: Correspondence = field(default_factory=Correspondence)
    """In the window itself."""
    replaced: tuple[Correspondence, ...] = ()
    """In the replaced windows that the person expects or may expect: no later mail says otherwise. The first first."""
    was_written_to: bool = False
    """True if Notify accepted any mail about a replaced window."""

    @property
    def in_doubt(self) -> list[MailRecord]:
        """Mails about replaced windows that may have been sent."""
        return [found.in_doubt for found in self.replaced if found.in_doubt is not None]

    @property
    def all_in_doubt(self) -> list[MailRecord]:
        """Those, and one about the window itself."""
        return [*self.in_doubt, *([self.own.in_doubt] if self.own.in_doubt is not None else [])]

    def is_unclear(self, looked_up: Collection[MailKey]) -> bool:
        """True if any mail may have been sent, apart from those that this run has looked up in vain."""
        return any(record.key not in looked_up for record in self.all_in_doubt)

    def expected(self, looked_up: Collection[MailKey]) -> list[MailRecord]:
        """The mail about each replaced window that the person expects, or may expect where no look-up could tell."""
        found = [expected_mail(correspondence, looked_up) for correspondence in self.replaced]
        return [record for record in found if record is not None]


def expected_mail(known: Correspondence, looked_up: Collection[MailKey]) -> MailRecord | None:
    """The mail for which the person expects the window; None if the person does not."""
    if known.expects_it:
        return known.last
    doubt = known.in_doubt
    return doubt if doubt is not None and doubt.key in looked_up else None


def holdings(
    records: Iterable[MailRecord], replaced: Mapping[MaintenanceKey, Iterable[MailRecord]]
) -> Mapping[Whom, Holding]:
    """`records` are the mails of a window; `replaced` are the windows that it replaces, each with its mails."""
    own = correspondence(records)
    earlier = {key: correspondence(replaced[key]) for key in sorted(replaced, key=lambda key: key.window_key)}
    whoever = dict.fromkeys([*own, *(whom for found in earlier.values() for whom in found)])
    return {whom: _holding(whom, own, earlier) for whom in whoever}


def _holding(
    whom: Whom,
    own: Mapping[Whom, Correspondence],
    earlier: Mapping[MaintenanceKey, Mapping[Whom, Correspondence]],
) -> Holding:
    here = own.get(whom, Correspondence())
    before = {key: found[whom] for key, found in earlier.items() if whom in found}
    contradicted = set(_contradicted([*here.mails, *(m for found in before.values() for m in found.mails)], before))
    return Holding(
        own=here,
        replaced=tuple(
            found
            for key, found in before.items()
            if key not in contradicted and (found.expects_it or found.in_doubt is not None)
        ),
        was_written_to=any(found.last is not None for found in before.values()),
    )


def _contradicted(mails: Sequence[MailRecord], before: Iterable[MaintenanceKey]) -> Iterator[MaintenanceKey]:
    """The windows of which a `moved` mail says that they have moved. One whose windows are unknown names all others."""
    for mail in mails:
        is_told = mail.state is State.SENT and mail.delivery_status != FAILED_FOR_GOOD
        if mail.key.kind is Kind.MOVED and is_told:
            for key in before:
                named = mail.replaced_windows
                if key.window_key in named if named is not None else key.window_key != mail.key.window_key:
                    yield key


def replaced_by(
    windows: Mapping[MaintenanceKey, WindowRecord], later: Iterable[MaintenanceKey]
) -> list[MaintenanceKey]:
    """The windows that were moved to one of these, directly or over others, without these; the nearest first."""
    ends = set(later)
    found: dict[MaintenanceKey, None] = {}
    nearest = ends
    while nearest:
        nearest = {key for key, window in windows.items() if _moved_to(window) in nearest} - ends - set(found)
        found |= dict.fromkeys(sorted(nearest, key=lambda key: key.window_key))
    return list(found)


def _moved_to(window: WindowRecord) -> MaintenanceKey | None:
    if window.state is not WindowState.MOVED or window.moved_to is None:
        return None
    return MaintenanceKey(window.moved_to, window.key.aws_region)

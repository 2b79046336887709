"""Decides which mails to send: compares who should be told with what the ledger says was sent. Pure."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ledger.correspondence import FAILED_FOR_NOW, Correspondence, Whom, correspondence
from ledger.mail_record import Intent, Kind, MailKey, MailRecord, State
from ledger.maintenance_key import MaintenanceKey
from ledger.who_was_told import still_says
from notifier.audience import Recipient
from notifier.mail.message import Message
from notifier.mail.task import Task


@dataclass(frozen=True)
class Wishes:
    """What the operator asked for, apart from telling those who were not told yet."""

    sends_corrections: bool = False
    resends_failed: bool = False
    """Write again to people whose mail Notify could not deliver for now."""


@dataclass(frozen=True)
class History:
    """What the ledger knows about a maintenance."""

    maintenance: MaintenanceKey
    records: Sequence[MailRecord]
    """The maintenance's mails, in any order."""
    replaced: Mapping[MaintenanceKey, Sequence[MailRecord]] = field(default_factory=dict)
    """The windows whose place this maintenance takes, each with its mails."""
    told_another_way: Mapping[MaintenanceKey, Collection[str]] = field(default_factory=dict)
    """Of the windows that are replaced: the guids of the orgs that were told about them, but not by mail."""
    deferred: frozenset[str] = frozenset()
    """The instances that the maintenance leaves alone. Recipients' orgs are without them."""


@dataclass(frozen=True)
class Writers:
    """Functions that write each kind of mail."""

    to_recipient: Callable[[Recipient, Kind, MaintenanceKey | None], Message]
    """The last argument is the replaced window, if the kind is `moved`."""
    not_affected: Callable[[MailRecord], Message]
    """Writes to somebody who was told and is no longer affected."""
    cancelled: Callable[[MailRecord], Message]
    """Writes to somebody who was told about a window that will not take place."""


@dataclass(frozen=True)
class MailPlan:
    tasks: tuple[Task, ...]
    """Mails to send, and mails of earlier runs whose outcome has to be found out."""
    sent_before: tuple[MailRecord, ...]
    """Mails about the same instances and updates as now, so that nothing is to be done."""
    changed: tuple[tuple[Recipient, MailRecord], ...]
    """People who were told about other instances or updates than those that wait now; no correction was asked for."""
    not_affected_any_more: tuple[MailRecord, ...]
    """Mails to people whose org is no longer affected, or who no longer manage it; no correction was asked for."""
    failed_for_good: tuple[MailRecord, ...] = ()
    """Mails to people whose address does not work, and who have to be told another way."""

    @property
    def to_send_count(self) -> int:
        return sum(task.message is not None for task in self.tasks)


@dataclass(frozen=True)
class _Planning:
    maintenance: MaintenanceKey
    writers: Writers
    wishes: Wishes
    deferred: frozenset[str]
    tasks: list[Task] = field(default_factory=list)
    sent_before: list[MailRecord] = field(default_factory=list)
    changed: list[tuple[Recipient, MailRecord]] = field(default_factory=list)
    not_affected: list[MailRecord] = field(default_factory=list)
    failed_for_good: list[MailRecord] = field(default_factory=list)

    def tell(self, recipient: Recipient, known: Correspondence, replaced: MaintenanceKey | None) -> None:
        last, failed, begun = known.last, known.failed, known.begun
        if failed is not None and begun is None:
            self.failed_for_good.append(failed)
            return
        if last is None:
            first = Kind.ANNOUNCEMENT if replaced is None else Kind.MOVED
            kind, revision = (first, 0)
            if begun is not None and _is_open(begun):
                kind, revision = begun.key.kind, begun.key.revision
            self._write(recipient, kind, revision, replaced)
            return
        is_same = still_says(last, recipient.org.instance_guids, self.deferred) and not _has_news(recipient, last)
        if is_same and self.wishes.resends_failed and last.delivery_status in FAILED_FOR_NOW:
            self._write(recipient, last.key.kind, last.key.revision + 1, replaced)
            return
        if not is_same and self.wishes.sends_corrections:
            self._write(recipient, Kind.CORRECTION, _next_revision(known), None)
            return
        if is_same:
            self.sent_before.append(last)
        else:
            self.changed.append((recipient, last))
        self.find_out(begun)

    def dismiss(self, known: Correspondence) -> None:
        """Handles somebody who was told, but is no longer a recipient."""
        last = known.last
        if last is not None and known.is_told_of_it and not still_says(last, (), self.deferred):
            if self.wishes.sends_corrections:
                key = _key_for(last, self.maintenance, Kind.CORRECTION, _next_revision(known))
                message = self.writers.not_affected(last)
                self.tasks.append(Task(Intent(key, last.org_name, (), message.digest), message))
                return
            self.not_affected.append(last)
        self.find_out(known.begun)

    def find_out(self, begun: MailRecord | None) -> None:
        if begun is not None and _is_open(begun):
            self.tasks.append(_only_to_find_out(begun))

    def _write(self, recipient: Recipient, kind: Kind, revision: int, replaced: MaintenanceKey | None) -> None:
        org = recipient.org
        whom = (org.guid, recipient.address)
        key = MailKey(self.maintenance.window_key, self.maintenance.aws_region, *whom, revision, kind)
        message = self.writers.to_recipient(recipient, kind, replaced)
        name = org.name.replace("\0", "")  # PostgreSQL has no such character in a text
        names = tuple(sorted({update.name for update in org.updates}))
        self.tasks.append(Task(Intent(key, name, org.instance_guids, message.digest, names), message))

    @property
    def plan(self) -> MailPlan:
        return MailPlan(
            tasks=tuple(self.tasks),
            sent_before=tuple(self.sent_before),
            changed=tuple(self.changed),
            not_affected_any_more=tuple(self.not_affected),
            failed_for_good=tuple(self.failed_for_good),
        )


def mail_plan(
    recipients: Iterable[Recipient], history: History, writers: Writers, wishes: Wishes = Wishes()
) -> MailPlan:
    """
    Plans the mails of a maintenance, and of the windows that it replaces.

    People who were told about a replaced window get one mail that names both windows if they are still affected.
    If they are not, they are told that the earlier window will not take place.
    """
    planning = _Planning(history.maintenance, writers, wishes, history.deferred)
    known = correspondence(history.records)
    earlier = {
        whom: (window, found)
        for window, mails in history.replaced.items()
        for whom, found in correspondence(mails).items()
    }
    wanted: set[Whom] = set()
    nothing = Correspondence(None, None, None)
    for recipient in recipients:
        whom = (recipient.org.guid, recipient.address)
        wanted.add(whom)
        window, before = earlier.get(whom, (None, nothing))
        if before.last is None:
            window = next((key for key, orgs in history.told_another_way.items() if recipient.org.guid in orgs), None)
        is_moved = before.last is None or before.is_told_of_it
        planning.tell(recipient, known.get(whom, nothing), window if is_moved else None)
    for whom, found in known.items():
        if whom not in wanted:
            planning.dismiss(found)
    for whom, (_, before) in earlier.items():
        if whom not in wanted and before.last is not None and before.is_told_of_it:
            planning.tasks.append(_called_off(before.last, writers.cancelled(before.last)))
    return planning.plan


def cancellation_plan(records: Sequence[MailRecord], cancelled: Callable[[MailRecord], Message]) -> MailPlan:
    """Plans a mail to everybody who was told about a maintenance. `records` are the maintenance's mails."""
    tasks: list[Task] = []
    sent_before: list[MailRecord] = []
    for known in correspondence(records).values():
        if known.last is not None and known.is_told_of_it and known.last.instance_guids:
            tasks.append(_called_off(known.last, cancelled(known.last)))
        elif known.last is not None and not known.is_told_of_it:
            sent_before.append(known.last)
        begun = known.begun
        if begun is not None and _is_open(begun) and begun.key.kind is not Kind.CANCELLED:
            tasks.append(_only_to_find_out(begun))
    return MailPlan(tuple(tasks), tuple(sent_before), (), ())


def _called_off(last: MailRecord, message: Message) -> Task:
    """Tells somebody that a window will not take place. `last` is the last mail that told them about it."""
    own = MaintenanceKey(last.key.window_key, last.key.aws_region)
    intent = Intent(_key_for(last, own, Kind.CANCELLED, 0), last.org_name, last.instance_guids, message.digest)
    return Task(intent, message)


def _only_to_find_out(begun: MailRecord) -> Task:
    names = begun.update_names or ()
    return Task(Intent(begun.key, begun.org_name, begun.instance_guids, begun.contents_digest, names), None)


def _is_open(begun: MailRecord) -> bool:
    """True if the mail may have been sent. Its outcome is found out before any other mail is written."""
    return begun.state is State.SENDING


def _has_news(recipient: Recipient, last: MailRecord) -> bool:
    """True if an update waits that the mail did not name. False for older mails, whose updates were not recorded."""
    if last.update_names is None:
        return False
    return not {update.name for update in recipient.org.updates} <= set(last.update_names)


def _next_revision(known: Correspondence) -> int:
    """Announcements and corrections are counted together, and a `moved` mail counts as the first of them."""
    if known.begun is not None and known.begun.key.kind is Kind.CORRECTION:
        return known.begun.key.revision
    last = known.last
    return last.key.revision + 1 if last is not None and last.key.kind is not Kind.MOVED else 1


def _key_for(record: MailRecord, maintenance: MaintenanceKey, kind: Kind, revision: int) -> MailKey:
    whom = (record.key.org_guid, record.key.address)
    return MailKey(maintenance.window_key, maintenance.aws_region, *whom, revision, kind)

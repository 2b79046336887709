"""Decides which mails to send: compares who should be told with what the ledger says was sent. Pure."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ledger.correspondence import FAILED_FOR_NOW
from ledger.mail_record import Intent, Kind, MailKey, MailRecord
from ledger.maintenance_key import MaintenanceKey
from ledger.who_was_told import still_says
from notifier.audience import Recipient
from notifier.mail.calling_off import calling_off, look_ups, only_to_find_out
from notifier.mail.holdings import Holding, holdings
from notifier.mail.message import Message
from notifier.mail.standing import Standing, Waiting
from notifier.mail.task import Task
from notifier.mail.wishes import Wishes


@dataclass(frozen=True)
class History:
    """What the ledger knows about a maintenance."""

    maintenance: MaintenanceKey
    records: Sequence[MailRecord]
    """The maintenance's mails, in any order."""
    replaced: Mapping[MaintenanceKey, Sequence[MailRecord]] = field(default_factory=dict)
    """The windows whose place this maintenance takes, directly or over others, each with its mails."""
    told_another_way: Mapping[MaintenanceKey, Collection[str]] = field(default_factory=dict)
    """Of the windows that are replaced: the guids of the orgs that were told about them, but not by mail."""
    deferred: frozenset[str] = frozenset()
    """The instances that the maintenance leaves alone. Recipients' orgs are without them."""
    waiting: Waiting = Waiting()  # noqa: RUF009 — a value that never changes


@dataclass(frozen=True)
class Writers:
    """Functions that write each kind of mail."""

    to_recipient: Callable[[Recipient, Kind, Sequence[MaintenanceKey]], Message]
    """The last argument is the replaced windows, if the kind is `moved`."""
    not_told_any_more: Callable[[MailRecord, Standing], Message]
    """Writes to somebody who was told, and is not to be told now, how it stands with what that mail named."""
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

    @property
    def to_find_out_count(self) -> int:
        return len(self.tasks) - self.to_send_count


@dataclass(frozen=True)
class _Planning:
    history: History
    writers: Writers
    wishes: Wishes
    tasks: list[Task] = field(default_factory=list)
    sent_before: list[MailRecord] = field(default_factory=list)
    changed: list[tuple[Recipient, MailRecord]] = field(default_factory=list)
    not_affected: list[MailRecord] = field(default_factory=list)
    failed_for_good: list[MailRecord] = field(default_factory=list)

    def tell(self, recipient: Recipient, holding: Holding) -> None:
        known, deferred = holding.own, self.history.deferred
        last = known.last
        earlier = self._earlier_windows(recipient, holding)
        if holding.in_doubt and self._is_unclear(holding):
            self._later(holding)
        elif known.failed is not None and known.in_doubt is None:
            self.failed_for_good.append(known.failed)
        elif last is None or earlier:
            self._write(recipient, holding, Kind.MOVED if earlier else Kind.ANNOUNCEMENT, earlier)
        elif not still_says(last, recipient.org.instance_guids, deferred) or _has_news(recipient, last):
            if self.wishes.sends_corrections:
                self._write(recipient, holding, Kind.CORRECTION)
            else:
                self.changed.append((recipient, last))
                self._find_out(known.in_doubt)
        elif self.wishes.resends_failed and last.delivery_status in FAILED_FOR_NOW:
            named = [MaintenanceKey(key, last.key.aws_region) for key in last.replaced_windows or ()]
            self._write(recipient, holding, last.key.kind, named)
        else:
            self.sent_before.append(last)
            self._find_out(known.in_doubt)

    def dismiss(self, holding: Holding) -> None:
        """Handles somebody who was told, but is no longer a recipient."""
        known = holding.own
        last = known.last
        self.tasks.extend(look_ups(holding))
        if last is not None and known.is_told_of_it and not still_says(last, (), self.history.deferred):
            if not self.wishes.sends_corrections or known.failed is not None:
                self.not_affected.append(last)
            elif not self._is_unclear(holding):
                key = _key_for(last, self.history.maintenance, Kind.CORRECTION, known.next_revision(Kind.CORRECTION))
                message = self.writers.not_told_any_more(last, self.history.waiting.standing(last))
                self.tasks.append(Task(Intent(key, last.org_name, (), message.digest), message))
        off = calling_off(holding, self.wishes.looked_up, self.writers.cancelled)
        self.tasks.extend(off.tasks)
        self.failed_for_good.extend(off.failed_for_good)

    def _is_unclear(self, holding: Holding) -> bool:
        return holding.is_unclear(self.wishes.looked_up)

    def _earlier_windows(self, recipient: Recipient, holding: Holding) -> Sequence[MaintenanceKey]:
        """Those that the person expects, or that the org was told about another way."""
        if expected := holding.expected(self.wishes.looked_up):
            return [MaintenanceKey(mail.key.window_key, mail.key.aws_region) for mail in expected]
        if holding.own.last is not None or holding.was_written_to:
            return []
        told = self.history.told_another_way
        return [key for key, orgs in told.items() if recipient.org.guid in orgs][:1]

    def _write(
        self, recipient: Recipient, holding: Holding, kind: Kind, replaced: Sequence[MaintenanceKey] = ()
    ) -> None:
        """Waits with it while another mail to the person is in doubt, because what to write may depend on that one."""
        known, org = holding.own, recipient.org
        revision = known.next_revision(kind)
        begun = known.in_doubt
        is_other = begun is not None and (begun.key.kind, begun.key.revision) != (kind, revision)
        if is_other and self._is_unclear(holding):
            self._later(holding)
            return
        whom, maintenance = (org.guid, recipient.address), self.history.maintenance
        key = MailKey(maintenance.window_key, maintenance.aws_region, *whom, revision, kind)
        message = self.writers.to_recipient(recipient, kind, replaced)
        name = org.name.replace("\0", "")  # PostgreSQL has no such character in a text
        names = tuple(sorted({update.name for update in org.updates}))
        windows = tuple(earlier.window_key for earlier in replaced)
        self.tasks.append(Task(Intent(key, name, org.instance_guids, message.digest, names, windows), message))

    def _later(self, holding: Holding) -> None:
        if holding.own.last is not None:
            self.sent_before.append(holding.own.last)
        self.tasks.extend(look_ups(holding))

    def _find_out(self, doubt: MailRecord | None) -> None:
        self.tasks.extend([only_to_find_out(doubt)] if doubt is not None else [])

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
    recipients: Iterable[Recipient],
    history: History,
    writers: Writers,
    wishes: Wishes = Wishes(),  # noqa: B008 — a value that never changes
) -> MailPlan:
    """
    Plans the mails of a maintenance, and of the windows that it replaces.

    People who still expect a replaced window get one mail that names it and this one if they are still affected. If
    they are not, they are told that the earlier window will not take place. Where it is not known whether somebody got
    an earlier mail, that is found out first, and the plan made after that has the rest.
    """
    planning = _Planning(history, writers, wishes)
    known = holdings(history.records, history.replaced)
    wanted = {(recipient.org.guid, recipient.address): recipient for recipient in recipients}
    for whom, recipient in wanted.items():
        planning.tell(recipient, known.get(whom, Holding()))
    for whom, holding in known.items():
        if whom not in wanted:
            planning.dismiss(holding)
    return planning.plan


def cancellation_plan(
    history: History, cancelled: Callable[[MailRecord], Message], looked_up: Collection[MailKey] = ()
) -> MailPlan:
    """
    Plans a mail to everybody who expects a maintenance, or one of the windows that it replaces.

    What they got is found out first. If no look-up can tell, they are told for caution's sake.
    """
    tasks: list[Task] = []
    sent_before: list[MailRecord] = []
    failed_for_good: list[MailRecord] = []
    for holding in holdings(history.records, history.replaced).values():
        off = calling_off(holding, looked_up, cancelled, also_own=True)
        tasks += [*look_ups(holding), *off.tasks]
        failed_for_good += off.failed_for_good
        last = holding.own.last
        if last is not None and not holding.own.is_told_of_it:
            sent_before.append(last)
    return MailPlan(tuple(tasks), tuple(sent_before), (), (), tuple(failed_for_good))


def _has_news(recipient: Recipient, last: MailRecord) -> bool:
    """True if an update waits that the mail did not name. False for older mails, whose updates were not recorded."""
    if last.update_names is None:
        return False
    return not {update.name for update in recipient.org.updates} <= set(last.update_names)


def _key_for(record: MailRecord, maintenance: MaintenanceKey, kind: Kind, revision: int) -> MailKey:
    whom = (record.key.org_guid, record.key.address)
    return MailKey(maintenance.window_key, maintenance.aws_region, *whom, revision, kind)

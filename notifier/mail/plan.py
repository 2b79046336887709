"""Which mails there are to send: a pure comparison of who should be told with what the ledger says was sent."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ledger.mail_record import Intent, Kind, MailKey, MailRecord, State
from ledger.maintenance_key import MaintenanceKey
from notifier.audience import Recipient
from notifier.mail.message import Message
from notifier.mail.task import Task

Written = Callable[[Recipient, bool], Message]
"""The mail for a recipient, and whether it is a correction."""


@dataclass(frozen=True)
class MailPlan:
    tasks: tuple[Task, ...]
    """To be sent, and mails of earlier runs whose outcome has to be found out."""
    sent_before: tuple[MailRecord, ...]
    """About the same instances: nothing to do."""
    changed: tuple[tuple[Recipient, MailRecord], ...]
    """Told about other instances than those that are affected now, and no correction was asked for."""
    not_affected_any_more: tuple[MailRecord, ...]
    """Told, and now none of the org's instances is affected, or the person does not manage it any more."""

    @property
    def to_send_count(self) -> int:
        return sum(task.message is not None for task in self.tasks)


def mail_plan(
    recipients: Iterable[Recipient],
    records: Sequence[MailRecord],
    maintenance: MaintenanceKey,
    written: Written,
    *,
    sends_corrections: bool,
) -> MailPlan:
    """`records` are those of the maintenance, in any order."""
    latest = _latest(records)
    tasks: list[Task] = []
    sent_before: list[MailRecord] = []
    changed: list[tuple[Recipient, MailRecord]] = []
    wanted: set[tuple[str, str]] = set()
    for recipient in recipients:
        whom = (recipient.org.guid, recipient.address)
        wanted.add(whom)
        told, begun = latest.get(whom, (None, None))
        is_same = told is not None and told.instance_guids == recipient.org.instance_guids
        if told is not None and (is_same or not sends_corrections):
            if is_same:
                sent_before.append(told)
            else:
                changed.append((recipient, told))
            if begun is not None and begun.state is State.SENDING:
                tasks.append(_only_to_find_out(begun))
            continue
        revision = begun.key.revision if begun is not None else (told.key.revision + 1 if told is not None else 0)
        kind = Kind.ANNOUNCEMENT if told is None else Kind.CORRECTION
        key = MailKey(maintenance.window_key, maintenance.aws_region, *whom, revision, kind)
        tasks.append(_task(recipient, key, written(recipient, told is not None)))
    others = [pair for whom, pair in latest.items() if whom not in wanted]
    tasks += [_only_to_find_out(begun) for _, begun in others if begun is not None and begun.state is State.SENDING]
    return MailPlan(
        tasks=tuple(tasks),
        sent_before=tuple(sent_before),
        changed=tuple(changed),
        not_affected_any_more=tuple(told for told, _ in others if told is not None),
    )


def _latest(
    records: Iterable[MailRecord],
) -> Mapping[tuple[str, str], tuple[MailRecord | None, MailRecord | None]]:
    """By org and address: the last mail that was sent, and the one after it that was begun and is not known as sent."""
    latest: dict[tuple[str, str], tuple[MailRecord | None, MailRecord | None]] = {}
    for record in sorted(records, key=lambda record: record.key.revision):
        whom = (record.key.org_guid, record.key.address)
        told = latest.get(whom, (None, None))[0]
        latest[whom] = (record, None) if record.state is State.SENT else (told, record)
    return latest


def _task(recipient: Recipient, key: MailKey, message: Message) -> Task:
    name = recipient.org.name.replace("\0", "")  # PostgreSQL has no such character in a text
    return Task(Intent(key, name, recipient.org.instance_guids, message.digest), message)


def _only_to_find_out(record: MailRecord) -> Task:
    return Task(Intent(record.key, record.org_name, record.instance_guids, record.contents_digest), None)

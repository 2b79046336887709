"""Which mails tell one person that a window will not take place, and which are to be looked up before. Pure."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from ledger.mail_record import Intent, Kind, MailKey, MailRecord
from notifier.mail.holdings import Holding, expected_mail
from notifier.mail.message import Message
from notifier.mail.task import Task


@dataclass(frozen=True)
class CallingOff:
    tasks: tuple[Task, ...] = ()
    failed_for_good: tuple[MailRecord, ...] = ()
    """Mails that said so and could not be delivered, so that the person has to be told another way."""


def calling_off(
    holding: Holding,
    looked_up: Collection[MailKey],
    cancelled: Callable[[MailRecord], Message],
    *,
    also_own: bool = False,
) -> CallingOff:
    """
    Of the replaced windows that the person expects, and with `also_own` of the window itself.

    Nothing is written while it is not known what the person got.
    """
    if holding.is_unclear(looked_up):
        return CallingOff()
    own = expected_mail(holding.own, looked_up) if also_own else None
    bounced = {found.failed.key: found.failed for found in (holding.own, *holding.replaced) if found.failed is not None}
    tasks, failed = [], []
    for mail in [*([own] if own is not None else []), *holding.expected(looked_up)]:
        key = mail.key
        off = MailKey(key.window_key, key.aws_region, key.org_guid, key.address, 0, Kind.CANCELLED)
        if off in bounced:
            failed.append(bounced[off])
        else:
            message = cancelled(mail)
            tasks.append(Task(Intent(off, mail.org_name, mail.instance_guids, message.digest), message))
    return CallingOff(tuple(tasks), tuple(failed))


def look_ups(holding: Holding) -> list[Task]:
    """The person's mails that may have been sent, only to find out whether they were."""
    return [only_to_find_out(record) for record in holding.all_in_doubt]


def only_to_find_out(begun: MailRecord) -> Task:
    names = begun.update_names or ()
    intent = Intent(begun.key, begun.org_name, begun.instance_guids, begun.contents_digest, names)
    return Task(intent, None)

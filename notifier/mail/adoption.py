"""
Finds mails that Notify has and this ledger does not know, because another ledger was used or this one was lost.

A mail's reference is the same for every operator and every ledger, so Notify can be asked whether it has the mail.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import tenacity

from fleet.errors import ConfigurationError, RemoteError
from ledger.ledger import Ledger
from ledger.mail_claims import Claimed, MailClaims
from ledger.mail_record import State
from ledger.records import Records
from notifier.mail.notify import Notification, Notify, NotifySettings
from notifier.mail.notify_answers import NotifyUnavailableError
from notifier.mail.planning import Planned
from notifier.mail.task import Task

_A_FEW = 5
_ASKED_SIDE_BY_SIDE = 8
_MOST_LOOKS = 6
_AGAIN = "no mail was sent; run the same command again"


def refuse_foreign_mails(planned: Planned, ledger: Records, settings: NotifySettings) -> None:
    """
    Asks Notify for a few of the planned mails. The first is among them, because a run sends in the order of the plan.

    Raises ConfigurationError if Notify has one that the ledger does not know. The ledger is read again for this: a
    colleague may have just sent the mail with the same ledger. Raises RemoteError if Notify cannot be asked.
    """
    tasks = _unknown(planned)
    few = tasks[:: max(1, len(tasks) // _A_FEW)][:_A_FEW]
    notify = Notify(settings)
    found = [
        task for task in few[:1] if _found(notify, task) is not None
    ]  # alone, so that a wrong key is used only once
    with ThreadPoolExecutor(_ASKED_SIDE_BY_SIDE, thread_name_prefix="look-up") as pool:
        answers = pool.map(lambda task: _found(notify, task), few[1:])
        found += [task for task, answer in zip(few[1:], answers, strict=True) if answer is not None]
    if found:
        known = {record.reference for record in ledger.records(planned.history.maintenance)}
        if any(task.intent.key.reference not in known for task in found):
            raise ConfigurationError(
                "email: Notify has mails about this window that this ledger does not know: use the team's ledger"
                " (LEDGER_URL), or --adopt-sent"
            )


def adopt_sent(
    planned: Planned, ledger: Ledger, operator: str, settings: NotifySettings, on_adopted: Callable[[], None]
) -> None:
    """Asks Notify for every planned mail, and records those that it has as sent. Raises RemoteError and LedgerError."""
    tasks = _unknown(planned)
    notify = Notify(settings)
    with (
        ledger.run("email --adopt-sent", operator) as run,
        ThreadPoolExecutor(_ASKED_SIDE_BY_SIDE, thread_name_prefix="look-up") as pool,
    ):
        claims = MailClaims(ledger, run, settings.key_fingerprint)
        for task, found in zip(tasks, pool.map(lambda task: _found(notify, task), tasks), strict=True):
            if found is not None and isinstance(claims.claim(task.intent), Claimed):
                claims.record_sent(task.intent.key, found.id, found.status)
                on_adopted()


def _unknown(planned: Planned) -> list[Task]:
    """The mails to send, except those that a run of this ledger has begun: the sender looks them up anyway."""
    begun = {record.reference for record in planned.history.records if record.state is State.SENDING}
    return [task for task in planned.plan.tasks if task.message is not None and task.intent.key.reference not in begun]


def _found(notify: Notify, task: Task) -> Notification | None:
    """Tries again after passing faults. Raises RemoteError, also if Notify refuses us."""
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(NotifyUnavailableError),
        stop=tenacity.stop_after_attempt(_MOST_LOOKS),
        wait=tenacity.wait_exponential_jitter(multiplier=0.1, max=2, jitter=0.1),
        reraise=True,
    )
    try:
        return retrying(notify.find, task.intent.key.reference)
    except NotifyUnavailableError as error:
        raise RemoteError(error.system, error.call, f"no clear answer: {error.cause}; {_AGAIN}") from error
    except RemoteError as error:
        raise RemoteError(error.system, error.call, f"{error.cause}; {_AGAIN}") from error

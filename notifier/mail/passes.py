"""Sends a plan's mails, and then those that are due only because it is known now what became of earlier mails."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from fleet.errors import ConfigurationError
from ledger.ledger import Ledger
from ledger.mail_record import MailKey
from notifier.mail.plan import MailPlan
from notifier.mail.task import Failed, Outcome, Task
from notifier.mail.workers import HowToSend, SendResult, send_all

__all__ = ["Carried", "HowToSend", "Sending", "carry_out"]
_MOST_PASSES = 4


@dataclass(frozen=True)
class Sending:
    ledger: Ledger
    how: HowToSend | None
    """None if there was nothing to send, so that nobody was asked for a key."""
    progress: Callable[[int], AbstractContextManager[Callable[[], None]]]
    """Shows how many of so many mails are settled."""
    on_sent: Callable[[], None]

    def __call__(self, tasks: Sequence[Task]) -> SendResult:
        if self.how is None:
            return SendResult((), tuple(tasks), None)
        with self.progress(len(tasks)) as advance:
            return send_all(tasks, self.ledger, self.how, on_outcome=advance, on_sent=self.on_sent)


@dataclass(frozen=True)
class Carried:
    result: SendResult
    """Of all passes. Without mails that were looked up, were not sent, and are not wanted any more."""
    remaining: MailPlan
    """What another run would do."""


def carry_out(
    plan: MailPlan,
    send: Callable[[Sequence[Task]], SendResult],
    plan_again: Callable[[frozenset[MailKey]], MailPlan],
) -> Carried:
    """
    Each mail is sent at most once, and looked up for its outcome only at most once.

    `plan_again` makes the plan anew, from what the ledger knows by then; it gets the mails that were looked up.
    """
    tried: set[tuple[MailKey, bool]] = set()
    outcomes: list[Outcome] = []
    tasks: Sequence[Task] = plan.tasks
    for _ in range(_MOST_PASSES):
        result = send(tasks)
        outcomes += result.outcomes
        tried |= {_which(task) for task in tasks}
        try:
            plan = plan_again(frozenset(key for key, is_wanted in tried if not is_wanted))
        except ConfigurationError as error:  # somebody has called the window off meanwhile
            stopped = replace(result, stopped_by=result.stopped_by or error)
            return Carried(replace(stopped, outcomes=tuple(outcomes)), MailPlan((), (), (), ()))
        tasks = [task for task in plan.tasks if _which(task) not in tried]
        if result.is_stopped or not tasks:
            break
    due = {_which(task) for task in plan.tasks}
    told = [o for o in outcomes if not (isinstance(o, Failed) and o.task.message is None and _which(o.task) not in due)]
    return Carried(replace(result, outcomes=tuple(told)), plan)


def _which(task: Task) -> tuple[MailKey, bool]:
    return task.intent.key, task.message is not None

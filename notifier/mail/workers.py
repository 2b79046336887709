"""Sends a plan's mails: the first alone, then several at a time, until each has an outcome or something stops them."""

import contextlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import click

from fleet.errors import ConfigurationError, RemoteError
from ledger.ledger import Ledger
from ledger.mail_claims import MailClaims
from notifier.mail.limits import CircuitBreaker, RateLimiter
from notifier.mail.notify import Notify, NotifySettings
from notifier.mail.notify_answers import NotifyRefusedError, NotifyUnavailableError
from notifier.mail.sender import Sender
from notifier.mail.task import Again, Outcome, Sent, Stage, Task
from notifier.mail.task_queue import TaskQueue, stopping_at_signals
from notifier.mail.waiting import Waiting

WORKERS = 8


@dataclass(frozen=True)
class HowToSend:
    """The settings of one run that sends."""

    command: str
    """The command that sends, such as `email`, as the ledger keeps it."""
    operator: str
    """Who is recorded as having sent them."""
    notify: NotifySettings
    mails_per_minute: int
    settle_seconds: float
    """How long Notify may still be at work on a request that it has not answered."""
    resends_unlisted: bool
    """Send again what an earlier run may have sent with a key whose mails this one cannot see."""


@dataclass(frozen=True)
class SendResult:
    outcomes: tuple[Outcome, ...]
    left: tuple[Task, ...]
    """Those without an outcome, because the run was stopped; a later run continues with them."""
    stopped_by: ConfigurationError | RemoteError | None
    """None where nothing, or only the operator, stopped it."""


class _Workers:
    def __init__(self, queue: TaskQueue[Task], sender: Sender, on_outcome: Callable[[Outcome], None]) -> None:
        self._queue = queue
        self._sender = sender
        self._on_outcome = on_outcome
        self._lock = threading.Lock()
        self.outcomes: list[Outcome] = []
        self.stopped_by: ConfigurationError | RemoteError | None = None

    def work(self) -> None:
        while (task := self._queue.take()) is not None:
            self.advance(task)

    def advance(self, task: Task) -> None:
        try:
            result = self._sender.step(task)
        except (ConfigurationError, RemoteError) as error:
            with self._lock:
                self.stopped_by = self.stopped_by or error
            self._queue.stop()
            self._queue.put_back(task, 0.0)
        except BaseException:
            self._queue.stop()
            self._queue.put_back(task, 0.0)
            raise
        else:
            if isinstance(result, Again):
                self._queue.put_back(result.task, result.delay_seconds)
            else:
                try:
                    self.finished(result)
                finally:
                    self._queue.finish()

    def finished(self, outcome: Outcome) -> None:
        with self._lock:
            self.outcomes.append(outcome)
            self._on_outcome(outcome)


def send_all(
    tasks: Sequence[Task],
    ledger: Ledger,
    how: HowToSend,
    *,
    on_outcome: Callable[[], None],
    on_sent: Callable[[], None],
) -> SendResult:
    """
    Ctrl-C and SIGTERM finish the mails under way and end it early.

    The first mail goes alone: what is wrong for all mails, such as the key, is found out with one of them. `on_outcome`
    is called after each mail that is settled, `on_sent` after each that is sent, both by one worker at a time.
    """
    queue = TaskQueue(tasks)
    with ledger.run(how.command, how.operator) as run, stopping_at_signals(queue.stop):
        sender = Sender(
            ledger=ledger,
            claims=MailClaims(ledger, run, how.notify.key_fingerprint),
            notify=Notify(how.notify),
            rate_limiter=RateLimiter(how.mails_per_minute, say=lambda message: click.echo(message, err=True)),
            circuit_breaker=CircuitBreaker(),
            waiting=Waiting(ledger),
            pause=queue.pause,
            settle_seconds=how.settle_seconds,
            resend_unlisted=how.resends_unlisted,
        )

        def note(outcome: Outcome) -> None:
            if isinstance(outcome, Sent):
                on_sent()
            on_outcome()

        return _sent_by_workers(queue, sender, _Workers(queue, sender, note))


def _sent_by_workers(queue: TaskQueue[Task], sender: Sender, workers: _Workers) -> SendResult:
    if (first := queue.take()) is not None:
        workers.advance(first)
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="send") as pool:
        for done in [pool.submit(workers.work) for _ in range(WORKERS)]:
            done.result()
    left = _looked_up_once(queue.left, sender, workers)
    return SendResult(tuple(workers.outcomes), left, workers.stopped_by)


def _looked_up_once(left: Sequence[Task], sender: Sender, workers: _Workers) -> tuple[Task, ...]:
    """After a stop: what was accepted in the last moment is said to be sent, where that can still be found out."""
    if isinstance(workers.stopped_by, NotifyRefusedError | NotifyUnavailableError | None):
        unclear = [task for task in left if task.stage is Stage.TO_LOOK_UP]
        for task in unclear:
            with contextlib.suppress(ConfigurationError, RemoteError):
                if isinstance(result := sender.look_up_once(task), Sent):
                    workers.finished(result)
    known = {outcome.task.intent.key for outcome in workers.outcomes}
    return tuple(task for task in left if task.intent.key not in known)

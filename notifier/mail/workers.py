"""Sends a plan's mails: the first alone, then several at a time, until each has an outcome or the run stops."""

import contextlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fleet.errors import ConfigurationError, RemoteError
from fleet.program.quiet import progress_line
from fleet.program.threads import Threads
from ledger.ledger import Ledger
from ledger.mail_claims import MailClaims
from ledger.window_record import Tenants
from notifier.mail.limits import CircuitBreaker, RateLimiter
from notifier.mail.notify import Notify
from notifier.mail.notify_answers import NotifyRefusedError, NotifyUnavailableError
from notifier.mail.notify_settings import NotifySettings
from notifier.mail.pace import REQUESTS_SIDE_BY_SIDE
from notifier.mail.sender import Sender
from notifier.mail.task import Again, Outcome, Sent, Stage, Task
from notifier.mail.task_queue import TaskQueue, stopping_at_signals
from notifier.mail.waiting import Waiting
from notifier.maintenance import CalledOffError, Maintenance

WORKERS = REQUESTS_SIDE_BY_SIDE


@dataclass(frozen=True)
class HowToSend:
    """The settings of one run that sends mails."""

    maintenance: Maintenance
    command: str
    """The command that sends them, such as `email`; the ledger records it."""
    operator: str
    """The name that the ledger records for whoever sent them."""
    notify: NotifySettings
    mails_per_minute: int
    settle_seconds: float
    """How long Notify may still be working on a request that it has not answered."""
    resends_unlisted: bool
    """Send again mails that an earlier run may have sent, but that Notify does not show to this run's key."""
    tenants: Tenants | None = None
    """Where the orgs come from; None for mails to whoever was told before."""


@dataclass(frozen=True)
class SendResult:
    outcomes: tuple[Outcome, ...]
    left: tuple[Task, ...]
    """The mails without an outcome, because the run was stopped; a later run continues with them."""
    stopped_by: ConfigurationError | RemoteError | None
    """None if nothing stopped the run, or if the operator did."""
    is_stopped: bool = False
    """Whether anything did."""

    @property
    def can_continue(self) -> bool:
        """False if the window was called off meanwhile, so that what is left is not to be sent."""
        return not isinstance(self.stopped_by, CalledOffError)


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
    Sends the mails; Ctrl-C and SIGTERM let those under way finish and end the run early.

    The first mail goes alone, so that a mistake that concerns all mails, such as a wrong key, shows with one mail.
    Calls `on_outcome` after each mail that is settled and `on_sent` after each that is sent, one worker at a time.
    """
    queue = TaskQueue(tasks)
    with ledger.run(how.command, how.operator) as run, stopping_at_signals(queue.stop):
        sender = Sender(
            maintenance=how.maintenance,
            ledger=ledger,
            claims=MailClaims(ledger, run, how.notify.key_fingerprint, how.tenants),
            notify=Notify(how.notify),
            rate_limiter=RateLimiter(how.mails_per_minute, say=progress_line()),
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
    with Threads(WORKERS, "send") as threads:
        for _ in range(WORKERS):
            threads.submit(workers.work)
    left = _looked_up_once(queue.left, sender, workers)
    return SendResult(tuple(workers.outcomes), left, workers.stopped_by, queue.is_stopped)


def _looked_up_once(left: Sequence[Task], sender: Sender, workers: _Workers) -> tuple[Task, ...]:
    """After a stop, asks Notify once about each mail that may have been accepted at the last moment."""
    if isinstance(workers.stopped_by, NotifyRefusedError | NotifyUnavailableError | CalledOffError | None):
        unclear = [task for task in left if task.stage is Stage.TO_LOOK_UP]
        for task in unclear:
            with contextlib.suppress(ConfigurationError, RemoteError):
                if isinstance(result := sender.look_up_once(task), Sent):
                    workers.finished(result)
    known = {outcome.task.intent.key for outcome in workers.outcomes}
    return tuple(task for task in left if task.intent.key not in known)

"""One mail on its way: what has been found out so far, and what came of it."""

from dataclasses import dataclass, replace
from enum import Enum, auto

from ledger.mail_record import Intent, MailRecord
from notifier.mail.message import Message


class Stage(Enum):
    TO_CLAIM = auto()
    """Nobody is known to have begun it."""
    TO_LOOK_UP = auto()
    """Ours, and possibly sent: Notify has to be asked."""
    TO_WATCH = auto()
    """Another run that is alive has begun it."""


@dataclass(frozen=True)
class Task:
    intent: Intent
    message: Message | None
    """None where the mail is not wanted any more and only its outcome has to be found out."""
    stage: Stage = Stage.TO_CLAIM
    tries: int = 0
    """Attempts to send in this run whose outcome was not a clear answer."""
    looks: int = 0
    """Look-ups in a row that failed."""
    watched_since: float | None = None
    """By this machine's monotonic clock: since our attempt, or since we took over another run's."""
    settles_after_seconds: float = 0.0
    """From then on, until a mail that Notify does not list can be taken as not sent."""
    is_listed_for_us: bool = True
    """False where Notify cannot show us the earlier attempt: another key, or too long ago."""
    cause: str = ""

    def to_look_up(self, cause: str, watched_since: float, settles_after_seconds: float) -> "Task":
        return replace(
            self,
            stage=Stage.TO_LOOK_UP,
            cause=cause,
            watched_since=watched_since,
            settles_after_seconds=settles_after_seconds,
            looks=0,
        )


@dataclass(frozen=True)
class Sent:
    """In this run, or in an earlier one that could not record it any more."""

    task: Task
    notification_id: str
    delivery_status: str | None = None
    """Where it was found out by a look-up."""


@dataclass(frozen=True)
class SentBefore:
    """Another run has sent it in the meantime."""

    task: Task
    record: MailRecord


@dataclass(frozen=True)
class Refused:
    task: Task
    reason: str


@dataclass(frozen=True)
class Failed:
    """Not known to be sent; a later run continues."""

    task: Task
    reason: str


Outcome = Sent | SentBefore | Refused | Failed


@dataclass(frozen=True)
class Again:
    """No outcome yet."""

    task: Task
    delay_seconds: float

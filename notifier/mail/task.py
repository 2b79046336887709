"""One mail on its way: what is known about it so far, and its outcome."""

from dataclasses import dataclass, replace
from enum import Enum, auto

from ledger.mail_record import Intent, MailRecord
from notifier.mail.message import Message


class Stage(Enum):
    TO_CLAIM = auto()
    """As far as is known, no run has begun it."""
    TO_LOOK_UP = auto()
    """This run has claimed it, and it may have been sent: Notify has to be asked."""
    TO_WATCH = auto()
    """Another run that is alive has begun it."""


@dataclass(frozen=True)
class Task:
    intent: Intent
    message: Message | None
    """None if the mail is not wanted any more, and only its outcome has to be found out."""
    stage: Stage = Stage.TO_CLAIM
    tries: int = 0
    """How many attempts in this run got no clear answer."""
    looks: int = 0
    """How many look-ups in a row failed."""
    watched_since: float | None = None
    """The monotonic clock's time of our attempt, or of taking the mail over from another run."""
    settles_after_seconds: float = 0.0
    """How long after `watched_since` a mail that Notify does not list counts as not sent."""
    is_listed_for_us: bool = True
    """False if Notify cannot show us the earlier attempt, because of another key or because it is too long ago."""
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
    """Sent in this run, or in an earlier run that could not record it."""

    task: Task
    notification_id: str
    delivery_status: str | None = None
    """Known only if the mail was looked up."""


@dataclass(frozen=True)
class SentBefore:
    """Another run has sent the mail in the meantime."""

    task: Task
    record: MailRecord


@dataclass(frozen=True)
class Refused:
    task: Task
    reason: str


@dataclass(frozen=True)
class Failed:
    """The mail is not known to be sent; a later run continues with it."""

    task: Task
    reason: str


Outcome = Sent | SentBefore | Refused | Failed


@dataclass(frozen=True)
class Again:
    """The mail has no outcome yet; take the next step after the delay."""

    task: Task
    delay_seconds: float

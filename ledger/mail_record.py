"""One mail as the ledger knows it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec


class State(StrEnum):
    PENDING = "pending"
    """Not sent, as far as is known for certain: it may be sent by any run."""
    SENDING = "sending"
    """The intent, recorded before Notify is called; it stays where the outcome is not known."""
    SENT = "sent"
    """Notify confirmed it."""
    REFUSED = "refused"
    """Notify will not send it to this address; another run may try again."""


class Kind(StrEnum):
    ANNOUNCEMENT = "announcement"
    CORRECTION = "correction"
    """About other instances or updates than the mail before it."""
    MOVED = "moved"
    """The window takes the place of another one that the person was told of."""
    CANCELLED = "cancelled"


_COUNTED_TOGETHER = (Kind.ANNOUNCEMENT, Kind.CORRECTION)


@dataclass(frozen=True, slots=True)
class MailKey:
    """
    What is sent once.

    Announcements and corrections to one person are counted together: `revision` is 0 for the first mail, 1 for the
    first correction, and so on. Each other kind is counted by itself, from 0.
    """

    window_key: str
    aws_region: str
    org_guid: str
    address: str
    revision: int = 0
    kind: Kind = Kind.ANNOUNCEMENT

    @property
    def reference(self) -> str:
        """
        The same for every operator and every run, and without personal data that could be read from it.

        Two keys with the same reference are the same mail. Announcements and corrections had references before there
        were other kinds, and keep them.
        """
        key: list[str | int] = [self.window_key, self.aws_region, self.org_guid, self.address, self.revision]
        if self.kind not in _COUNTED_TOGETHER:
            key.append(self.kind)
        return f"elasticache-maintenance-{hashlib.sha256(msgspec.json.encode(key)).hexdigest()[:40]}"


@dataclass(frozen=True, slots=True)
class Intent:
    """What is about to be sent."""

    key: MailKey
    org_name: str
    instance_guids: tuple[str, ...]
    contents_digest: str


@dataclass(frozen=True, slots=True)
class MailRecord:
    key: MailKey
    org_name: str
    instance_guids: tuple[str, ...]
    """Sorted: what the mail was about."""
    contents_digest: str
    state: State
    run_id: int
    """The run that recorded the intent last."""
    key_fingerprint: str
    attempted_at: datetime
    attempts: int
    sent_at: datetime | None = None
    notification_id: str | None = None
    problem: str | None = None
    """Why it was refused."""
    delivery_status: str | None = None
    """As Notify words it, when it was last asked."""
    delivery_checked_at: datetime | None = None

    @property
    def reference(self) -> str:
        return self.key.reference

"""One mail as the ledger knows it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec


class State(StrEnum):
    PENDING = "pending"
    """Certainly not sent; any run may send it."""
    SENDING = "sending"
    """Recorded before Notify is called. The state stays like this if the outcome is not known."""
    SENT = "sent"
    """Notify confirmed that it took the mail."""
    REFUSED = "refused"
    """Notify refused to send the mail to this address; another run may try again."""


class Kind(StrEnum):
    ANNOUNCEMENT = "announcement"
    CORRECTION = "correction"
    """Names other instances or updates than the mail before it."""
    MOVED = "moved"
    """Says that this window takes the place of another window that the person was told about."""
    CANCELLED = "cancelled"


REFERENCE_PREFIX = "elasticache-maintenance-"

UNKNOWN_INSTANCE = "not known"
"""Stands among the instances of a mail that was found at Notify, and that may have named others than those listed."""

_COUNTED_TOGETHER = (Kind.ANNOUNCEMENT, Kind.CORRECTION)


def is_counted_with(kind: Kind, other: Kind) -> bool:
    """True if the revisions of both kinds are counted together."""
    return kind is other or (kind in _COUNTED_TOGETHER and other in _COUNTED_TOGETHER)


@dataclass(frozen=True, slots=True)
class MailKey:
    """
    Identifies a mail; there is at most one mail with the same key.

    Announcements and corrections to one person are counted together: `revision` is 0 for the first mail, 1 for the
    first correction, and so on. Each other kind of mail is counted separately, from 0.
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
        What Notify knows the mail by: the same for every operator and every run.

        It is a hash, so nobody can read personal data from it. The kind is left out for announcements and corrections,
        whose references would otherwise differ from those sent before there were other kinds.
        """
        key: list[str | int] = [self.window_key, self.aws_region, self.org_guid, self.address, self.revision]
        if self.kind not in _COUNTED_TOGETHER:
            key.append(self.kind)
        return f"{REFERENCE_PREFIX}{hashlib.sha256(msgspec.json.encode(key)).hexdigest()[:40]}"


@dataclass(frozen=True, slots=True)
class Intent:
    """A mail that is about to be sent."""

    key: MailKey
    org_name: str
    instance_guids: tuple[str, ...]
    contents_digest: str
    update_names: tuple[str, ...] = ()
    replaced_windows: tuple[str, ...] | None = None
    """The keys of the earlier windows that a `moved` mail names; None where that is not known."""


@dataclass(frozen=True, slots=True)
class MailRecord:
    key: MailKey
    org_name: str
    instance_guids: tuple[str, ...]
    """The instances that the mail named, sorted; empty if it said that none of the org's instances is affected."""
    contents_digest: str
    state: State
    run_id: int
    """The run that last set out to send the mail."""
    key_fingerprint: str
    attempted_at: datetime
    attempts: int
    sent_at: datetime | None = None
    notification_id: str | None = None
    problem: str | None = None
    """Why Notify refused the mail."""
    delivery_status: str | None = None
    """Notify's own word for it, when it was last asked."""
    delivery_checked_at: datetime | None = None
    update_names: tuple[str, ...] | None = None
    """The service updates that the mail named, sorted; None for mails from before this was recorded."""
    replaced_windows: tuple[str, ...] | None = None
    """The keys of the earlier windows of which a `moved` mail says that they have moved; None where that is unknown."""

    @property
    def reference(self) -> str:
        return self.key.reference

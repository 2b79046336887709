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


@dataclass(frozen=True, slots=True)
class MailKey:
    """What is sent once: `revision` is 0 for the first mail, 1 for the first correction, and so on."""

    window_key: str
    aws_region: str
    org_guid: str
    address: str
    revision: int = 0

    @property
    def reference(self) -> str:
        """The same for every operator and every run, and without personal data that could be read from it."""
        key = (self.window_key, self.aws_region, self.org_guid, self.address, self.revision)
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

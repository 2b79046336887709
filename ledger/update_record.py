"""One update on one replication group in one window, as the ledger keeps it. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class UpdateState(StrEnum):
    STARTING = "starting"
    """The intent, recorded before AWS is called; it stays where the outcome is not known."""
    STARTED = "started"
    """AWS accepted it, or shows that it is under way."""
    REFUSED = "refused"
    """AWS would not start it: nothing has begun, and another run may try again."""
    COMPLETE = "complete"
    FAILED = "failed"
    STOPPED = "stopped"
    """By us: recorded before AWS is called, so that nobody takes it for a failure. It may be taken up again."""


@dataclass(frozen=True, slots=True)
class UpdateIntent:
    """What is about to be started."""

    replication_group_id: str
    service_update: str
    instance_guid: str | None
    """None where no tenant claims the group."""


@dataclass(frozen=True, slots=True)
class UpdateRecord:
    """A group and an update have one record in a window, however often they were attempted."""

    replication_group_id: str
    service_update: str
    instance_guid: str | None
    state: UpdateState
    run_id: int
    """The run that recorded an intent last."""
    attempts: int
    attempted_at: datetime
    ended_at: datetime | None = None
    nodes_updated: int | None = None
    aws_says: str | None = None
    """A status, or the type of an error and its message."""
    outside_window_reason: str | None = None
    include_untold_reason: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.replication_group_id, self.service_update

    @property
    def is_under_way(self) -> bool:
        """As far as the ledger knows."""
        return self.state in (UpdateState.STARTING, UpdateState.STARTED)

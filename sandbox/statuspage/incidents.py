"""An incident, which a scheduled maintenance is too, as a value."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

SCHEDULED_STATUSES = ("scheduled", "in_progress", "verifying", "completed")
REALTIME_STATUSES = ("investigating", "identified", "monitoring", "resolved")
REMINDED_BEFORE = timedelta(hours=1)
NOTIFYING = (
    "scheduled_remind_prior",
    "auto_transition_deliver_notifications_at_start",
    "auto_transition_deliver_notifications_at_end",
    "auto_tweet_at_beginning",
    "auto_tweet_on_completion",
    "auto_tweet_on_creation",
    "auto_tweet_one_hour_before",
)
ACTING = (
    "scheduled_auto_in_progress",
    "scheduled_auto_completed",
    "auto_transition_to_maintenance_state",
    "auto_transition_to_operational_state",
)
SWITCHES = (*NOTIFYING, *ACTING)


@dataclass(frozen=True)
class Component:
    id: str
    name: str
    status: str = "operational"
    updated_at: datetime | None = None


@dataclass(frozen=True)
class IncidentUpdate:
    id: str
    status: str
    body: str
    deliver_notifications: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Incident:
    """`updates` are newest first. `switches` has a value for each of SWITCHES."""

    id: str
    name: str
    status: str
    created_at: datetime
    updated_at: datetime
    scheduled_for: datetime | None
    scheduled_until: datetime | None
    switches: Mapping[str, bool]
    component_ids: tuple[str, ...]
    metadata: Mapping[str, object]
    impact_override: str | None = None
    updates: tuple[IncidentUpdate, ...] = ()
    resolved_at: datetime | None = None
    scheduled_reminded_at: datetime | None = None

    @property
    def is_scheduled(self) -> bool:
        """A maintenance, whether it has begun or not."""
        return self.scheduled_for is not None

    @property
    def is_over(self) -> bool:
        return self.status in {"completed", "resolved"}

    @property
    def reminder_at(self) -> datetime | None:
        """None where nobody is to be reminded, or it is too late for that."""
        is_wanted = self.switches["scheduled_remind_prior"] or self.switches["auto_tweet_one_hour_before"]
        if self.scheduled_for is None or self.status != "scheduled" or self.scheduled_reminded_at or not is_wanted:
            return None
        moment = self.scheduled_for - REMINDED_BEFORE
        return moment if moment >= self.created_at else None

    @property
    def next_transition(self) -> tuple[datetime, str] | None:
        """When the page itself moves it on, and to which status."""
        if self.scheduled_for and self.status == "scheduled" and self.switches["scheduled_auto_in_progress"]:
            return self.scheduled_for, "in_progress"
        is_running = self.status in {"in_progress", "verifying"}
        if self.scheduled_until and is_running and self.switches["scheduled_auto_completed"]:
            return self.scheduled_until, "completed"
        return None

    def with_update(self, update: IncidentUpdate) -> "Incident":
        moved = replace(self, status=update.status, updates=(update, *self.updates), updated_at=update.created_at)
        return replace(moved, resolved_at=update.created_at if moved.is_over else None)

    def with_latest_body(self, body: str, at: datetime) -> "Incident":
        """As somebody changes it on the page's own site, where the latest update can be edited."""
        latest, *rest = self.updates
        return replace(self, updates=(replace(latest, body=body, updated_at=at), *rest), updated_at=at)

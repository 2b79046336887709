"""An incident and a component as the status page shows them, read from whatever its answers have. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

PLANNED, IN_PROGRESS, VERIFYING, COMPLETED = "scheduled", "in_progress", "verifying", "completed"
STATUSES = (PLANNED, IN_PROGRESS, VERIFYING, COMPLETED)
"""Of a scheduled maintenance, in their order."""


class UnreadableError(ValueError):
    """The document has no id, so nothing can be said of it."""


@dataclass(frozen=True)
class Component:
    """A part of the page that can be affected; or a group of such parts, which cannot."""

    id: str
    name: str
    status: str = ""
    group_id: str | None = None
    is_group: bool = False


@dataclass(frozen=True)
class Incident:
    """What the page does not show is None, or missing from `switches`."""

    id: str
    name: str | None
    status: str
    scheduled_for: datetime | None
    scheduled_until: datetime | None
    shows_times: bool = True
    """False where the page leaves them out; nothing can be said of them then."""
    switches: Mapping[str, bool] = field(default_factory=dict)
    components: Sequence[Component] | None = None
    metadata: Mapping[str, object] | None = None
    body: str | None = None
    """Of the newest update that has one; empty where there are updates and none has one."""
    shortlink: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def is_planned(self) -> bool:
        """Scheduled and not begun."""
        return self.status == PLANNED

    @property
    def component_ids(self) -> tuple[str, ...] | None:
        return None if self.components is None else tuple(component.id for component in self.components)

    def is_before(self, status: str) -> bool:
        """Whether it has still to come to this status. False for a status that no maintenance has."""
        return self.status in STATUSES and STATUSES.index(self.status) < STATUSES.index(status)


def incident_of(document: object) -> Incident:
    """Raises UnreadableError."""
    found = _object(document)
    return Incident(
        id=_id(found),
        name=_text(found.get("name")),
        status=_text(found.get("status")) or "",
        scheduled_for=_moment(found.get("scheduled_for")),
        scheduled_until=_moment(found.get("scheduled_until")),
        shows_times={"scheduled_for", "scheduled_until"} <= found.keys(),
        switches={name: value for name, value in found.items() if isinstance(value, bool)},
        components=_components(found.get("components")),
        metadata=_metadata(found),
        body=_latest_body(found.get("incident_updates")),
        shortlink=_text(found.get("shortlink")),
        created_at=_moment(found.get("created_at")),
        updated_at=_moment(found.get("updated_at")),
    )


def component_of(document: object) -> Component:
    """Raises UnreadableError."""
    found = _object(document)
    return Component(
        id=_id(found),
        name=_text(found.get("name")) or "",
        status=_text(found.get("status")) or "",
        group_id=_text(found.get("group_id")),
        is_group=found.get("group") is True,
    )


def _object(document: object) -> Mapping[str, object]:
    if not isinstance(document, dict):
        raise UnreadableError("it is no object")
    return document


def _id(document: Mapping[str, object]) -> str:
    found = document.get("id")
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    if not isinstance(found, str) or not found:
        raise UnreadableError("it has no id")
    return found


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _moment(value: object) -> datetime | None:
    """None also for what is no time. A time without a zone is UTC."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _components(value: object) -> Sequence[Component] | None:
    if not isinstance(value, list):
        return None
    try:
        return tuple(component_of(each) for each in value)
    except UnreadableError:
        return None  # a request that left one out would take it off the incident


def _metadata(document: Mapping[str, object]) -> Mapping[str, object] | None:
    """Empty only where the page says that it is."""
    metadata = document.get("metadata", "")
    return {} if metadata is None else metadata if isinstance(metadata, dict) else None


def _latest_body(updates: object) -> str | None:
    """The page lists them newest first; their times decide where they say otherwise."""
    if not isinstance(updates, list) or not updates:
        return None
    beginning = datetime.min.replace(tzinfo=UTC)
    bodies = [
        (_moment(update.get("created_at")) or beginning, -position, update["body"])
        for position, update in enumerate(updates)
        if isinstance(update, dict) and isinstance(update.get("body"), str) and update["body"].strip()
    ]
    are_shown = any(isinstance(update, dict) and "body" in update for update in updates)
    return max(bodies)[2] if bodies else "" if are_shown else None

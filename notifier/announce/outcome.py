"""What one run of `schedule` did. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from notifier.announce.announcement import Announcement, Fields
from notifier.announce.incident import Incident


class WhatWasDone(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    PRINTED = "printed"
    """Nothing was changed: it was shown what would be, or what to do by hand."""


@dataclass(frozen=True)
class Request:
    """One that would be sent."""

    method: str
    path: str
    fields: Fields


@dataclass(frozen=True)
class Outcome:
    done: WhatWasDone
    incident: Incident | None = None
    left_as_edited: Sequence[str] = ()
    notes: Sequence[str] = ()
    """What the operator should know; nothing has failed."""
    problems: Sequence[str] = ()
    """What is not as it should be, so that the run has failed."""
    request: Request | None = None
    by_hand: Announcement | None = None
    """What to create by hand where no key is set."""
    doubles: Sequence[Incident] = ()
    """What else had the window's mark when it was cancelled: deleted, where it had not begun."""


@dataclass
class Remarks:
    """Gathered on the way to an outcome."""

    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

"""What is known of one region right now: its last good survey, and how the last attempt went."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fleet.survey import Survey


@dataclass(frozen=True, slots=True)
class Failure:
    at: datetime
    cause: str


@dataclass(frozen=True, slots=True)
class RegionStatus:
    """An immutable snapshot: the next attempt replaces the whole of it."""

    region_name: str
    aws_region: str
    survey: Survey | None = None
    """The last successful one, however long ago."""
    last_failure: Failure | None = None
    """Set when the last attempt failed, None when it succeeded or none has ended yet."""
    last_duration_seconds: float | None = None
    """Of the last attempt, failed or not; None before the first one has ended."""
    surveys_count: int = 0
    """Attempts that have ended, failed ones too."""
    failures_count: int = 0
    requests: Mapping[str, int] = field(default_factory=dict)
    """By remote system, since the start, retries too."""
    request_failures: Mapping[str, int] = field(default_factory=dict)

    @property
    def has_attempted(self) -> bool:
        return self.surveys_count > 0

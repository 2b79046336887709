"""What we know about one region right now: its last good survey, and how the last attempt went."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fleet.region import DEFAULT_TIME_ZONE
from fleet.survey import Survey
from fleet.tenants.tenancy import Words


@dataclass(frozen=True, slots=True)
class Failure:
    at: datetime
    cause: str


@dataclass(frozen=True, slots=True)
class RegionStatus:
    """An immutable snapshot, which the next attempt replaces as a whole."""

    region_name: str
    aws_region: str
    survey: Survey | None = None
    """The last successful survey, no matter how old."""
    last_failure: Failure | None = None
    """Set if the last attempt failed or the one under way is overdue; None if it succeeded or none has ended yet."""
    last_duration_seconds: float | None = None
    """How long the last attempt took, whether it failed or not; None before the first one has ended."""
    surveys_count: int = 0
    """The number of attempts that have ended, including failed ones."""
    failures_count: int = 0
    requests: Mapping[str, int] = field(default_factory=dict)
    """The number of requests since the start by remote system, including retries."""
    request_failures: Mapping[str, int] = field(default_factory=dict)
    words: Words = Words()  # noqa: RUF009 — a value that never changes
    time_zone: str = DEFAULT_TIME_ZONE
    """In which the region's windows are given."""

    @property
    def has_attempted(self) -> bool:
        return self.surveys_count > 0

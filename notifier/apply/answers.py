"""What AWS may answer to a call that starts or stops updates. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from fleet.inventory import UNDER_WAY_STATUSES

_CURRENT_STATUS = re.compile(
    r"not\s+in\s+a\s+valid\s+status.*?current\s+status:\s*([a-z-]+)", re.IGNORECASE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """In AWS's words, of which no list is published."""

    error_type: str
    message: str

    @property
    def in_words(self) -> str:
        return f"{self.error_type}: {self.message}"

    @property
    def status(self) -> str | None:
        """The status of the update, where that is the reason."""
        found = _CURRENT_STATUS.search(self.message)
        return found[1].lower() if found else None

    @property
    def says_it_has_begun(self) -> bool:
        """AWS refuses to start what it has started: whoever asked before, and got no answer, was heard."""
        return self.status in UNDER_WAY_STATUSES or self.status == "complete"


@dataclass(frozen=True, slots=True)
class Answered:
    """By group. What is in neither was not answered."""

    accepted: Mapping[str, str] = field(default_factory=dict)
    """The update's status."""
    refused: Mapping[str, Refusal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallRefused:
    """Nothing was carried out: the call as a whole was wrong, perhaps for a single group's sake."""

    refusal: Refusal


@dataclass(frozen=True, slots=True)
class UpdateUnknown:
    """Nothing was carried out: there is no such update any more."""

    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Denied:
    """Nothing was carried out, nor would any other call be: the credentials do not allow it."""

    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Throttled:
    """Nothing was carried out: later."""

    after_seconds: float | None = None
    """As AWS asked; None where it does not say."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nobody knows whether it was carried out."""

    cause: str


Answer = Answered | CallRefused | UpdateUnknown | Denied | Throttled | Unanswered

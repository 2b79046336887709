"""What somebody asked the page to show: the GET parameters as a value, and that value as a link. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from urllib.parse import urlencode


class Show(StrEnum):
    """Which instances are listed."""

    WAITING = "waiting"
    SCHEDULABLE = "schedulable"
    """A window could take them: they are not deferred, and something waits that is no major version."""
    DEFERRED = "deferred"
    UNDER_WAY = "under-way"
    STOPPED = "stopped"
    """Somebody stopped an update half-way; it waits again."""
    SCHEDULED = "scheduled"
    """AWS will apply an update by itself, deferred or not, and has not begun."""
    UNKNOWN = "unknown"
    """AWS does not know their group."""
    ALL = "all"


class Order(StrEnum):
    """By what the instances are sorted."""

    URGENCY = "urgency"
    """Overdue first, then severity, then the date."""
    ORG = "org"
    NAME = "name"
    GROUP = "group"
    DEFERRED = "deferred"
    WINDOW = "window"


@dataclass(frozen=True, slots=True)
class View:
    """Several values of one filter mean any of them; several filters mean all of them. Nothing means everything."""

    regions: tuple[str, ...] = ()
    """AWS's codes."""
    orgs: tuple[str, ...] = ()
    """Guids or names."""
    updates: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    is_highly_available: bool | None = None
    text: str = ""
    show: Show = Show.WAITING
    order: Order = Order.URGENCY
    is_descending: bool = False
    page: int | None = None
    """None where no page was asked for: the first one, or all of them in a file."""
    window_date: date | None = None
    """The day of a window that somebody is thinking about."""
    window_hours: str = ""
    """When it begins and ends, such as `0900-1100`, in the region's own time."""

    @property
    def has_update_filters(self) -> bool:
        return bool(self.updates or self.severities or self.types)

    @property
    def has_filters(self) -> bool:
        return self.has_update_filters or bool(
            self.regions or self.orgs or self.text or self.is_highly_available is not None
        )

    def link(self, **changes: object) -> str:
        """The query that asks for this view with these fields changed; it begins a list at its first page."""
        changed = replace(self, **{"page": None, **changes})  # type: ignore[arg-type] # fields by name
        return f"?{urlencode(changed.parameters, doseq=True)}"

    @property
    def parameters(self) -> Mapping[str, object]:
        """By the names that are documented; what is as it would be without is left out."""
        given: dict[str, object] = {
            "region": self.regions,
            "org": self.orgs,
            "update": self.updates,
            "severity": self.severities,
            "type": self.types,
            "ha": {None: "", True: "yes", False: "no"}[self.is_highly_available],
            "text": self.text,
            "show": "" if self.show == Show.WAITING else str(self.show),
            "sort": self.sort,
            "page": self.page if self.page and self.page > 1 else "",
            "date": self.window_date.isoformat() if self.window_date else "",
            "hours": self.window_hours,
        }
        return {name: value for name, value in given.items() if value}

    @property
    def sort(self) -> str:
        """Empty where it is as it would be without."""
        word = f"-{self.order}" if self.is_descending else str(self.order)
        return "" if word == Order.URGENCY else word

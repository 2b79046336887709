"""Which incidents each list has, newest first, in pages: bare arrays, of which a short one is the last."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from sandbox.statuspage.errors import bad_request
from sandbox.statuspage.incidents import Incident

Thing = TypeVar("Thing")
LARGEST_PAGE = 100
LISTS: dict[str, Callable[[Incident], bool]] = {
    "": lambda _: True,
    "scheduled": lambda incident: incident.is_scheduled and not incident.is_over,
    "upcoming": lambda incident: incident.is_scheduled and incident.status == "scheduled",
    "active_maintenance": lambda incident: incident.status in {"in_progress", "verifying"},
    "unresolved": lambda incident: not incident.is_scheduled and not incident.is_over,
}


def listed(incidents: Mapping[str, Incident], name: str, text: str = "") -> list[Incident]:
    """Those of the list that have the text somewhere that people read."""
    newest_first = reversed(list(incidents.values()))
    return [incident for incident in newest_first if LISTS[name](incident) and _has(incident, text.lower())]


def page_of(things: Sequence[Thing], parameters: Mapping[str, str]) -> Sequence[Thing]:
    """`per_page`, or `limit` as the list of all incidents calls it; nothing behind the last page."""
    size = _number(parameters, "limit" if "limit" in parameters else "per_page", LARGEST_PAGE)
    start = (_number(parameters, "page", 1) - 1) * min(size, LARGEST_PAGE)
    return things[start : start + min(size, LARGEST_PAGE)]


def _number(parameters: Mapping[str, str], name: str, usual: int) -> int:
    text = parameters.get(name, str(usual))
    if not text.isdigit() or int(text) < 1:
        raise bad_request(f"{name} is invalid")
    return int(text)


def _has(incident: Incident, text: str) -> bool:
    readable = (incident.name, incident.status, *(update.body for update in incident.updates))
    return any(text in part.lower() for part in readable)

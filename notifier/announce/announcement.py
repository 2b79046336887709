"""What a window's incident should be, and what has to be changed on the one that is there. Pure."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fleet.printable import one_line
from notifier.announce.incident import Incident
from notifier.maintenance import Maintenance

Fields = dict[str, Any]
"""What a request says of an incident."""

SILENT: Mapping[str, bool] = dict.fromkeys(
    (
        "deliver_notifications",
        "scheduled_remind_prior",
        "auto_transition_deliver_notifications_at_start",
        "auto_transition_deliver_notifications_at_end",
        "auto_tweet_at_beginning",
        "auto_tweet_on_completion",
        "auto_tweet_on_creation",
        "auto_tweet_one_hour_before",
    ),
    False,
)
"""In every request: where one is left out, the page may take it as on, and tell its subscribers."""
SWITCHES: Mapping[str, bool] = {
    **SILENT,
    "scheduled_auto_in_progress": True,
    "scheduled_auto_completed": False,  # the page must not say done while AWS works
    "auto_transition_to_maintenance_state": True,
    "auto_transition_to_operational_state": True,
}
MARK = "elasticache_update_notifier"
_LONGEST_NAME = 255
_TEXTS = ("name", "body")
"""What people may edit by hand."""


@dataclass(frozen=True)
class Announcement:
    maintenance: Maintenance
    component_ids: tuple[str, ...] | None = None
    """None leaves to the page what it has."""

    @property
    def name(self) -> str:
        return one_line(f"Redis and Valkey maintenance in {self.maintenance.region_name}")[:_LONGEST_NAME]

    @property
    def body(self) -> str:
        region, window = one_line(self.maintenance.region_name), self.maintenance.window
        return (
            f"On {window.in_words} we will install updates on Redis and Valkey service instances in {region}.\n\n"
            "While an instance is updated, its connections drop at least once, and apps have to connect again. Highly"
            " available instances may be unavailable for up to a minute, others for up to 30 minutes. Data is kept."
        )

    @property
    def scheduled_for(self) -> datetime:
        return self.maintenance.window.starts_at.astimezone(UTC)

    @property
    def scheduled_until(self) -> datetime:
        return self.maintenance.window.ends_at.astimezone(UTC)

    @property
    def mark(self) -> Mapping[str, str]:
        """Tells this window's incident from all others, whoever made it."""
        key = self.maintenance.key
        return {"aws_region": key.aws_region, "window": key.window_key}

    @property
    def fields(self) -> Fields:
        """Of the request that creates it."""
        return {
            "name": self.name,
            "status": "scheduled",
            "scheduled_for": _in_utc(self.scheduled_for),
            "scheduled_until": _in_utc(self.scheduled_until),
            **SWITCHES,
            "body": self.body,
            "component_ids": list(self.component_ids or ()),
            "metadata": {MARK: dict(self.mark)},
        }

    def is_marked(self, incident: Incident) -> bool:
        mark = (incident.metadata or {}).get(MARK)
        return isinstance(mark, dict) and self.mark.items() <= mark.items()

    def is_like(self, incident: Incident) -> bool:
        """Without a mark, but by its name and times this window's: somebody may have emptied its metadata."""
        times = (incident.scheduled_for, incident.scheduled_until)
        is_same = (incident.name, *times) == (self.name, self.scheduled_for, self.scheduled_until)
        return is_same and MARK not in (incident.metadata or {})


@dataclass(frozen=True)
class Changes:
    """`fields` is empty where the incident is as it should be."""

    fields: Fields
    left_as_edited: Sequence[str] = ()
    """What somebody changed by hand, and we leave."""


def changes(wanted: Announcement, found: Incident, last_written: Mapping[str, str]) -> Changes:
    """`last_written` has a digest for each field, and is empty where the ledger has lost them."""
    changed: Fields = {}
    edited: list[str] = []
    for name, text, shown in (("name", wanted.name, found.name), ("body", wanted.body, found.body)):
        if shown is None or _plain(shown) == _plain(text):
            continue
        if digest(shown) not in (last_written.get(name), last_written.get(f"{name}_shown")):
            edited.append(name)
        elif digest(text) != last_written.get(name):  # else the page shows what was sent in its own way
            changed[name] = text
    changed |= _not_right(wanted, found)
    if found.metadata is not None and not wanted.is_marked(found):
        changed["metadata"] = {**found.metadata, MARK: dict(wanted.mark)}
    ids = wanted.component_ids
    has_others = ids is not None and found.component_ids is not None and set(ids) != set(found.component_ids)
    is_due = bool(changed) or has_others or bool(_wrong_switches(found))
    return Changes({**changed, **silently(found, ids)} if is_due else {}, edited)


def silently(found: Incident, component_ids: Sequence[str] | None = None) -> Fields:
    """What every request says that changes an incident: the switches, and its components."""
    ids = found.component_ids if component_ids is None else component_ids
    return {**SWITCHES, **({} if ids is None else {"component_ids": list(ids)})}


def not_taken(wanted: Announcement, found: Incident) -> list[str]:
    """Of the times and switches those that the page shows otherwise than they were sent."""
    return [*_not_right(wanted, found), *_wrong_switches(found)]


def digests(fields: Fields, shown: Incident | None = None) -> dict[str, str]:
    """A digest for each field that was sent, and for the texts as the page shows them, which may space them anew."""
    of_shown = {"name": shown.name, "body": shown.body} if shown else {}
    return {
        **{name: digest(value) for name, value in fields.items()},
        **{f"{name}_shown": digest(text) for name, text in of_shown.items() if text and name in fields},
    }


def digest(value: object) -> str:
    text = _plain(value) if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def _not_right(wanted: Announcement, found: Incident) -> Fields:
    """The times, where they are others; a maintenance has both or none."""
    are_right = (found.scheduled_for, found.scheduled_until) == (wanted.scheduled_for, wanted.scheduled_until)
    if are_right or not found.shows_times:
        return {}
    return {name: wanted.fields[name] for name in ("scheduled_for", "scheduled_until")}


def _wrong_switches(found: Incident) -> list[str]:
    """Of those that the page shows; it does not show all."""
    return [name for name, is_on in SWITCHES.items() if found.switches.get(name, is_on) is not is_on]


def _plain(text: str) -> str:
    return " ".join(text.split())


def _in_utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"

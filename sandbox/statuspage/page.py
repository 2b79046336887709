"""One status page: its incidents and components, what becomes of them by themselves, and whom that would have told."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from sandbox.statuspage import fields
from sandbox.statuspage.incidents import NOTIFYING, SWITCHES, Component, Incident, IncidentUpdate
from sandbox.world import known

COMPONENTS = (
    Component("r7d1sireland1", "Redis in Ireland"),
    Component("r7d1slondon01", "Redis in London"),
    Component("p0stgres00001", "PostgreSQL"),
    Component("app5runtime01", "Applications"),
)
AUTOMATIC = "the page itself"
USUAL: fields.Fields = {"scheduled_for": None, "scheduled_until": None, "component_ids": (), "metadata": {}}


@dataclass(frozen=True)
class Notice:
    """
    A notification that subscribers would have had. `kind` is 'created', 'updated', 'reminder', 'started', 'completed'
    or 'tweet'; `by` is 'api', 'hand' or 'the page itself'.
    """

    kind: str
    incident_id: str
    incident_name: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Habits:
    """
    What is not documented. A page that `notifies` turns all those switches on that a request leaves out and that would
    notify somebody; one that `strikes` sets the components of a maintenance under maintenance as soon as it is created.
    """

    notifies: bool = True
    strikes: bool = False


class Page:
    """`clock` answers seconds since the epoch. What is due by it has happened whenever somebody looks."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._lock = threading.RLock()
        self._clock = clock
        self._numbers = count(1)
        self._incidents: dict[str, Incident] = {}
        self._components = {component.id: component for component in COMPONENTS}
        self._notices: list[Notice] = []
        self._moment: datetime | None = None

    @property
    def incidents(self) -> Mapping[str, Incident]:
        """By id, oldest first."""
        with self._lock:
            self._settle()
            return dict(self._incidents)

    @property
    def components(self) -> Mapping[str, Component]:
        with self._lock:
            self._settle()
            return dict(self._components)

    @property
    def notices(self) -> list[Notice]:
        """Oldest first."""
        with self._lock:
            self._settle()
            return list(self._notices)

    def forget_notices(self) -> None:
        with self._lock:
            self._settle()
            self._notices.clear()

    def create(self, given: fields.Fields, habits: Habits, by: str = "api") -> Incident:
        """`deliver_notifications` is on where it is not given, whatever the page's habits."""
        with self._lock:
            self._settle()
            values = fields.checked(given, list(self._components))
            is_scheduled = values.get("scheduled_for") is not None
            values = {"status": "scheduled" if is_scheduled else "investigating", **USUAL, **values}
            fields.check_together(values, is_scheduled=is_scheduled)
            now = self._now()
            switches = {name: bool(values.get(name, habits.notifies and name in NOTIFYING)) for name in SWITCHES}
            incident = Incident(
                id=self._new_id("inc"),
                created_at=now,
                updated_at=now,
                switches=switches,
                **_of_incident(values),
            )
            if habits.strikes and is_scheduled:
                self._set_components(incident, "under_maintenance")
            return self._updated(incident, values, "created", by)

    def update(self, incident_id: str, given: fields.Fields, by: str = "api") -> Incident:
        """Only what is given changes, but that `deliver_notifications` is on each time anew."""
        with self._lock:
            self._settle()
            incident = known(self._incidents, incident_id, "incident")
            values = fields.checked(given, list(self._components))
            present = {name: getattr(incident, name) for name in ("name", "status", "scheduled_for", "scheduled_until")}
            fields.check_together({**present, **values}, is_scheduled=incident.is_scheduled)
            switches = {name: bool(values.get(name, incident.switches[name])) for name in SWITCHES}
            status = values.pop("status", None)
            changed = replace(incident, switches=switches, updated_at=self._now(), **_of_incident(values))
            if status is not None or "body" in values:
                return self._updated(changed, {"status": status or incident.status, **values}, "updated", by)
            self._incidents[incident_id] = changed
            self._strike(values)
            self._tell(changed, "updated", by, is_told=bool(values.get("deliver_notifications", True)))
            return changed

    def edit(self, incident_id: str, given: fields.Fields) -> Incident:
        """By hand, on the page's own site, without a notification: a body without a status is the latest update's."""
        with self._lock:
            values = {"deliver_notifications": False, **given}
            if "body" in values and "status" not in values:
                body = str(values.pop("body"))
                self._settle()
                incident = known(self._incidents, incident_id, "incident")
                self._incidents[incident_id] = incident.with_latest_body(body, self._now())
            return self.update(incident_id, values, by="hand")

    def delete(self, incident_id: str) -> Incident:
        with self._lock:
            self._settle()
            known(self._incidents, incident_id, "incident")
            return self._incidents.pop(incident_id)

    def _updated(self, incident: Incident, values: Mapping[str, object], kind: str, by: str) -> Incident:
        """With one more update, and all that follows from its status."""
        is_told = bool(values.get("deliver_notifications", True))
        before = self._incidents.get(incident.id)
        incident = self._with_update(incident, str(values["status"]), str(values.get("body", "")), is_told=is_told)
        self._strike(values)
        self._tell(incident, kind, by, is_told=is_told)
        if before is None and incident.switches["auto_tweet_on_creation"]:
            self._tell(incident, "tweet", by)
        self._entered(incident, before.status if before else None, by)
        return incident

    def _with_update(self, incident: Incident, status: str, body: str, *, is_told: bool) -> Incident:
        now = self._now()
        update = IncidentUpdate(self._new_id("upd"), status, body, is_told, now, now)
        self._incidents[incident.id] = incident = incident.with_update(update)
        return incident

    def _entered(self, incident: Incident, before: str | None, by: str) -> None:
        """What a new status brings with it, however it was entered."""
        if incident.status == before or not incident.is_scheduled:
            return
        if incident.status == "in_progress":
            if incident.switches["auto_transition_to_maintenance_state"]:
                self._set_components(incident, "under_maintenance")
            if incident.switches["auto_tweet_at_beginning"]:
                self._tell(incident, "tweet", by)
        if incident.status == "completed":
            if incident.switches["auto_transition_to_operational_state"]:
                self._set_components(incident, "operational")
            if incident.switches["auto_tweet_on_completion"]:
                self._tell(incident, "tweet", by)

    def _strike(self, values: Mapping[str, object]) -> None:
        """`components` sets a status at once."""
        given = values.get("components")
        for component_id, status in (given if isinstance(given, dict) else {}).items():
            self._set_component(component_id, status)

    def _set_components(self, incident: Incident, status: str) -> None:
        for component_id in incident.component_ids:
            self._set_component(component_id, status)

    def _set_component(self, component_id: str, status: str) -> None:
        component = self._components[component_id]
        self._components[component_id] = replace(component, status=status, updated_at=self._now())

    def _tell(self, incident: Incident, kind: str, by: str, *, is_told: bool = True) -> None:
        if is_told:
            self._notices.append(Notice(kind, incident.id, incident.name, by, self._now()))

    def _now(self) -> datetime:
        return self._moment or datetime.fromtimestamp(self._clock(), UTC)

    def _settle(self) -> None:
        """Everything that is due, in the order of its time and at its own time."""
        now = datetime.fromtimestamp(self._clock(), UTC)
        while due := [(at, i.id) for i in self._incidents.values() if (at := _next_event(i)) and at <= now]:
            at, incident_id = min(due)
            incident = self._incidents[incident_id]
            self._moment = max(at, incident.updated_at)
            try:
                self._happen(incident)
            finally:
                self._moment = None

    def _happen(self, incident: Incident) -> None:
        """The next thing that the page does with this incident by itself."""
        if incident.reminder_at is not None:
            self._incidents[incident.id] = replace(incident, scheduled_reminded_at=self._now())
            self._tell(incident, "reminder", AUTOMATIC, is_told=incident.switches["scheduled_remind_prior"])
            self._tell(incident, "tweet", AUTOMATIC, is_told=incident.switches["auto_tweet_one_hour_before"])
            return
        if (transition := incident.next_transition) is None:
            return
        _, status = transition
        kind, end = ("started", "start") if status == "in_progress" else ("completed", "end")
        is_told = incident.switches[f"auto_transition_deliver_notifications_at_{end}"]
        moved = self._with_update(incident, status, "", is_told=is_told)
        self._tell(moved, kind, AUTOMATIC, is_told=is_told)
        self._entered(moved, incident.status, AUTOMATIC)

    def _new_id(self, kind: str) -> str:
        return f"{kind}{next(self._numbers):09}"


def _next_event(incident: Incident) -> datetime | None:
    if incident.reminder_at is not None:
        return incident.reminder_at
    return incident.next_transition[0] if incident.next_transition else None


def _of_incident(values: Mapping[str, object]) -> dict[str, Any]:
    """Those values that are fields of an incident by the same name."""
    names = ("name", "status", "scheduled_for", "scheduled_until", "component_ids", "metadata", "impact_override")
    return {name: values[name] for name in names if name in values}

"""The report of `schedule`, for people and for programs."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from fleet.program.text import json_text, printable, text_of_lines
from notifier.announce.announcement import Announcement
from notifier.announce.incident import Incident
from notifier.announce.outcome import Outcome, WhatWasDone
from notifier.maintenance import Maintenance
from notifier.reports.document import VERSION, Document, region_document, window_document

_WORDS = {
    WhatWasDone.CREATED: "Scheduled on the status page",
    WhatWasDone.UPDATED: "Put right on the status page",
    WhatWasDone.UNCHANGED: "Left as it is on the status page",
    WhatWasDone.CANCELLED: "Deleted from the status page",
    WhatWasDone.COMPLETED: "Completed on the status page",
    WhatWasDone.PRINTED: "Nothing was changed on the status page",
}


def incident_document(incident: Incident) -> Document:
    return {
        "id": incident.id,
        "status": incident.status,
        "shortlink": incident.shortlink,
        "scheduled_for": _moment(incident.scheduled_for),
        "scheduled_until": _moment(incident.scheduled_until),
        "components": [
            {"id": component.id, "name": component.name, "status": component.status}
            for component in incident.components or ()
        ],
        "updated_at": _moment(incident.updated_at),
    }


def schedule_json(maintenance: Maintenance, outcome: Outcome, *, is_dry: bool) -> str:
    request = outcome.request
    asked = {"method": request.method, "path": request.path, "incident": request.fields} if request else None
    return json_text(
        {
            "version": VERSION,
            "region": region_document(maintenance.region_name, maintenance.aws_region),
            "window": window_document(maintenance.window),
            "incident": incident_document(outcome.incident) if outcome.incident else None,
            "done": outcome.done,
            "left_as_edited": list(outcome.left_as_edited),
            **({"request": asked} if is_dry else {}),
        }
    )


def schedule_text(maintenance: Maintenance, outcome: Outcome) -> str:
    text = text_of_lines(_lines(maintenance, outcome))
    return text if outcome.by_hand is None else f"{text}\n{_to_paste(outcome.by_hand)}"


def _lines(maintenance: Maintenance, outcome: Outcome) -> Iterator[str]:
    yield f"{_WORDS[outcome.done]}: {maintenance.in_words}"
    if outcome.incident is not None:
        yield from _incident_lines(outcome.incident)
    if outcome.request is not None and outcome.by_hand is None:
        yield f"Would send {outcome.request.method} {outcome.request.path}:"
        for name, value in outcome.request.fields.items():
            yield f"  {name}: {value if isinstance(value, str) else json.dumps(value)}"


def _incident_lines(incident: Incident) -> Iterator[str]:
    yield f"  incident {incident.id} ({incident.status}), {incident.name or 'without a name'}"
    if incident.shortlink:
        yield f"  {incident.shortlink}"
    if incident.scheduled_for and incident.scheduled_until:
        yield f"  from {incident.scheduled_for:%Y-%m-%d %H:%M} to {incident.scheduled_until:%Y-%m-%d %H:%M} UTC"
    yield f"  components: {', '.join(c.name or c.id for c in incident.components or ()) or 'none'}"


def _to_paste(wanted: Announcement) -> str:
    """The body keeps its own lines, so that it can be copied."""
    components = ", ".join(wanted.component_ids or ()) or "those of Redis in this region"
    head = text_of_lines(
        [
            "Create a scheduled maintenance on the status page, with every box about notifications and tweets cleared:",
            f"Name: {wanted.name}",
            f"From: {wanted.scheduled_for:%Y-%m-%d %H:%M} UTC",
            f"Until: {wanted.scheduled_until:%Y-%m-%d %H:%M} UTC",
            f"Components: {components}",
            "Message:",
        ]
    )
    return f"{head}{printable(wanted.body)}\n"


def _moment(moment: datetime | None) -> str | None:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else None

"""What a request says of an incident: JSON or a form in, only the fields that were given out, or a refusal."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import msgspec

from sandbox.statuspage.errors import bad_request, unprocessable
from sandbox.statuspage.incidents import REALTIME_STATUSES, SCHEDULED_STATUSES, SWITCHES
from sandbox.wire import Request

LONGEST_NAME, LONGEST_BODY = 255, 25_000
IMPACTS = ("none", "maintenance", "minor", "major", "critical")
COMPONENT_STATUSES = (
    "operational",
    "under_maintenance",
    "degraded_performance",
    "partial_outage",
    "major_outage",
    "",
)
Fields = Mapping[str, object]


def fields_of(request: Request) -> Fields:
    """What the request has under `incident`, as it was sent. Fields that Statuspage does not know are ignored there."""
    content_type = request.headers.get("content-type", "")
    if "json" in content_type:
        try:
            document = msgspec.json.decode(request.body or b"{}")
        except msgspec.DecodeError as error:
            raise bad_request("There was a problem parsing the JSON you submitted") from error
    else:
        document = _form(request.body.decode("utf-8", "replace"))
    incident = document.get("incident") if isinstance(document, dict) else None
    if not isinstance(incident, dict) or not incident:
        raise bad_request("param is missing or the value is empty: incident")
    return incident


def _form(text: str) -> dict[str, object]:
    """`incident[component_ids][]=a&incident[name]=b`, one level deep, as Rails reads it."""
    incident: dict[str, object] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name.startswith("incident[") and name.endswith("[]"):
            listed = incident.setdefault(name.removeprefix("incident[").removesuffix("][]"), [])
            if isinstance(listed, list):
                listed.append(value)
        elif name.startswith("incident[") and name.endswith("]"):
            incident[name.removeprefix("incident[").removesuffix("]")] = value
    return {"incident": incident}


def checked(fields: Fields, components: Sequence[str]) -> dict[str, object]:
    """With times as times and switches as booleans; raises a refusal that names all that is wrong."""
    problems: list[str] = []
    values: dict[str, object] = {}
    for name, value in fields.items():
        try:
            values[name] = _value(name, value, components)
        except ValueError as error:
            problems.append(f"{name.replace('_', ' ').capitalize()} {error}")
    if problems:
        raise unprocessable(*problems)
    return values


def check_together(values: Mapping[str, object], *, is_scheduled: bool) -> None:
    """`values` as the incident will have them: a name, a status of its kind, and an end after its beginning."""
    problems: list[str] = []
    if not values.get("name"):
        problems.append("Name can't be blank")
    begins, ends = values.get("scheduled_for"), values.get("scheduled_until")
    if (begins is None) != (ends is None):
        problems.append(f"Scheduled {'until' if ends is None else 'for'} can't be blank")
    elif isinstance(begins, datetime) and isinstance(ends, datetime) and ends <= begins:
        problems.append("Scheduled until must be after scheduled for")
    if values["status"] not in (SCHEDULED_STATUSES if is_scheduled else REALTIME_STATUSES):
        kind = "scheduled maintenance" if is_scheduled else "realtime incident"
        problems.append(f"Status {values['status']} is not one of a {kind}")
    if problems:
        raise unprocessable(*problems)


def _value(name: str, value: object, components: Sequence[str]) -> object:
    match name:
        case "component_ids":
            return tuple(_one_of(item, components) for item in _list(value))
        case "components" if isinstance(value, dict):
            return {_one_of(key, components): _one_of(status, COMPONENT_STATUSES) for key, status in value.items()}
    return READERS[name](value) if name in READERS else value


def _boolean(value: object) -> bool:
    if isinstance(value, str):
        return value.lower() not in {"", "0", "f", "false", "off"}
    return bool(value)


def _time(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ValueError("is not a valid datetime") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _text(value: object, longest: int) -> str:
    text = "" if value is None else str(value)
    if len(text) > longest:
        raise ValueError(f"is too long (maximum is {longest} characters)")
    return text


def _one_of(value: object, choices: Sequence[str]) -> str:
    if value not in choices:
        raise ValueError(f"'{value}' is invalid")
    return str(value)


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError("must be an array")  # noqa: TRY004 — all that is wrong is told together
    return value


def _metadata(value: object) -> object:
    if not isinstance(value, dict) or not all(isinstance(inner, dict) for inner in value.values()):
        raise ValueError("must be an object whose values are objects")
    return value


READERS: Mapping[str, Callable[[object], object]] = {
    **dict.fromkeys((*SWITCHES, "deliver_notifications"), _boolean),
    "scheduled_for": _time,
    "scheduled_until": _time,
    "name": lambda value: _text(value, LONGEST_NAME),
    "body": lambda value: _text(value, LONGEST_BODY),
    "status": lambda value: _one_of(value, (*SCHEDULED_STATUSES, *REALTIME_STATUSES)),
    "impact_override": lambda value: None if value is None else _one_of(value, IMPACTS),
    "metadata": _metadata,
}
"""How each field that is not about components is read."""

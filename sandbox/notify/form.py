"""What `POST /v2/notifications/email` takes, as strict as Notify's JSON schema, and in its words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from sandbox.notify import addresses
from sandbox.notify.errors import bad_request, invalid

LONGEST_REFERENCE = 1000
TYPES = {"string": str, "object": dict, "array": list}
FIELDS = {
    "email_address": "string",
    "template_id": "string",
    "personalisation": "object",
    "reference": "string",
    "email_reply_to_id": "string",
    "one_click_unsubscribe_url": "string",
    "sanitise_content_for": "array",
    "scheduled_for": "string",
}
REQUIRED = ("email_address", "template_id")


@dataclass(frozen=True)
class Form:
    email_address: str
    template_id: str
    personalisation: Mapping[str, object] = field(default_factory=dict)
    reference: str | None = None
    email_reply_to_id: str | None = None
    one_click_unsubscribe_url: str | None = None
    sanitise_content_for: tuple[str, ...] = ()
    scheduled_for: str | None = None


msgspec.json.Decoder(Form)  # what msgspec needs to know of it is made here, before two threads need it at once


def email_form(body: bytes) -> Form:
    """Refused with every reason at once."""
    document = json_object(body)
    problems = [f"{name} is a required property" for name in REQUIRED if name not in document]
    if unexpected := sorted(document.keys() - FIELDS.keys()):
        verb = "was" if len(unexpected) == 1 else "were"
        problems.append(f"Additional properties are not allowed ({', '.join(unexpected)} {verb} unexpected)")
    for name, value in document.items():
        if name in FIELDS and (problem := _problem(name, value)):
            problems.append(f"{name} {problem}")
    if problems:
        raise invalid(*problems)
    document["email_address"] = addresses.formatted(str(document["email_address"]))
    return msgspec.convert(document, Form)


def json_object(body: bytes) -> dict[str, object]:
    try:
        document = msgspec.json.decode(body)
    except msgspec.DecodeError:
        raise bad_request("Invalid JSON supplied in POST data") from None
    if not isinstance(document, dict):
        raise invalid(f"{document} is not of type object")
    return document


def is_uuid(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True


def _problem(name: str, value: object) -> str | None:
    if not isinstance(value, TYPES[FIELDS[name]]):
        return f"{value} is not of type {FIELDS[name]}"
    check = _CHECKS.get(name)
    return check(value) if check else None


def _address_problem(value: str) -> str | None:
    return None if addresses.formatted(value) else "Not a valid email address"


def _uuid_problem(value: str) -> str | None:
    return None if is_uuid(value) else "is not a valid UUID"


def _reference_problem(value: str) -> str | None:
    return f"{value} is too long" if len(value) > LONGEST_REFERENCE else None


def _url_problem(value: str) -> str | None:
    parts = urlsplit(value)
    return None if parts.scheme == "https" and parts.hostname else "is not a valid https url"


def _names_problem(value: list[object]) -> str | None:
    wrong = next((one for one in value if not isinstance(one, str)), None)
    return None if wrong is None else f"{wrong} is not of type string"


_CHECKS: Mapping[str, Callable[..., str | None]] = {
    "email_address": _address_problem,
    "template_id": _uuid_problem,
    "reference": _reference_problem,
    "email_reply_to_id": _uuid_problem,
    "one_click_unsubscribe_url": _url_problem,
    "sanitise_content_for": _names_problem,
}

"""What the body of a request says of an issue, checked as GitHub checks it."""

from collections.abc import Mapping

import msgspec

from sandbox.github.errors import invalid_request, not_json, validation_failed

LONGEST_TITLE, LONGEST_BODY = 256, 65_536
STATES = ("open", "closed")
STATE_REASONS = ("completed", "not_planned", "duplicate", "reopened", None)
KINDS: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    "title": ((str, int), "a string"),
    "body": ((str, type(None)), "a string or null"),
    "state": (str, "a string"),
    "state_reason": ((str, type(None)), "a string or null"),
    "labels": (list, "an array"),
    "assignees": (list, "an array"),
}
Fields = Mapping[str, object]


def fields_of(body: bytes) -> dict[str, object]:
    """Those fields that GitHub knows; others are ignored. Labels are their names."""
    try:
        document = msgspec.json.decode(body or b"{}")
    except msgspec.DecodeError as error:
        raise not_json() from error
    if not isinstance(document, dict):
        raise invalid_request(f"For 'links/0/schema', {body[:40]!r} is not an object.")
    given = {name: value for name, value in document.items() if name in KINDS}
    for name, value in given.items():
        kind, words = KINDS[name]
        if not isinstance(value, kind):
            raise invalid_request(f"For 'properties/{name}', {value} is not {words}.")
    _check(given)
    return {name: _plain(name, value) for name, value in given.items()}


def check_new(given: Fields) -> None:
    if "title" not in given:
        raise invalid_request('"title" wasn\'t supplied.')


def _check(given: Fields) -> None:
    title, body = given.get("title"), given.get("body")
    if title is not None and not str(title).strip():
        raise validation_failed("title", "missing_field")
    if len(str(title or "")) > LONGEST_TITLE:
        raise validation_failed("title", "custom", f"title is too long (maximum is {LONGEST_TITLE} characters)")
    if len(str(body or "")) > LONGEST_BODY:
        raise validation_failed("body", "custom", f"body is too long (maximum is {LONGEST_BODY} characters)")
    if "state" in given and given["state"] not in STATES:
        raise invalid_request(f"For 'properties/state', {given['state']} is not a member of {list(STATES)}.")
    if given.get("state_reason") not in STATE_REASONS:
        raise validation_failed("state_reason", "invalid")


def _plain(name: str, value: object) -> object:
    if name in {"labels", "assignees"} and isinstance(value, list):
        return tuple(str(each["name"] if isinstance(each, dict) and "name" in each else each) for each in value)
    return str(value) if name == "title" else value

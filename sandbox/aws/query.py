"""AWS's Query protocol: a form in, XML out, opaque markers between pages."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl
from uuid import uuid4
from xml.sax.saxutils import escape

from sandbox.wire import Reply

FEWEST_RECORDS, MOST_RECORDS = 20, 100


class RefusalError(Exception):
    """An error reply. `code` is what clients branch on."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def invalid_value(message: str) -> RefusalError:
    return RefusalError(400, "InvalidParameterValue", message)


@dataclass(frozen=True)
class Form:
    fields: Mapping[str, str]

    @classmethod
    def of(cls, body: bytes) -> "Form":
        return cls(dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)))

    @property
    def action(self) -> str:
        return self.fields.get("Action", "")

    def text(self, name: str) -> str | None:
        return self.fields.get(name)

    def texts(self, name: str, *, most: int, allowed: frozenset[str] | None = None) -> frozenset[str] | None:
        """The members of a list, or None where the request has no such list."""
        prefix = f"{name}.member."
        found = frozenset(text for field, text in self.fields.items() if field.startswith(prefix))
        if len(found) > most:
            raise invalid_value(f"{name} has {len(found)} members; at most {most} are allowed")
        if allowed is not None and (unknown := found - allowed):
            raise invalid_value(f"Invalid value for {name}: {', '.join(sorted(unknown))}")
        return found or None

    def flag(self, name: str) -> bool:
        return self.fields.get(name, "").lower() == "true"

    def time(self, name: str) -> datetime | None:
        if (text := self.fields.get(name)) is None:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise invalid_value(f"{name} is not a timestamp: {text}") from error
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def max_records(self, usual: int) -> int:
        if (text := self.fields.get("MaxRecords")) is None:
            return usual
        if not text.isdigit() or not FEWEST_RECORDS <= int(text) <= MOST_RECORDS:
            raise invalid_value(f"MaxRecords is {text}; must be between {FEWEST_RECORDS} and {MOST_RECORDS}")
        return int(text)


@dataclass(frozen=True)
class Listing:
    """`records` are sorted by their keys, which are what a marker points behind: stable when others come and go."""

    name: str
    keys: Sequence[str]
    records: Sequence[object]
    render: Callable[..., str]


def listing_page(listing: Listing, form: Form, page_size: int) -> str:
    start = bisect_right(listing.keys, _last_key(form)) if form.text("Marker") else 0
    stop = start + page_size
    rendered = "".join(map(listing.render, listing.records[start:stop]))
    marker = ""
    if stop < len(listing.keys):
        marker = f"<Marker>{urlsafe_b64encode(f'{form.action} {listing.keys[stop - 1]}'.encode()).decode()}</Marker>"
    return f"{marker}<{listing.name}>{rendered}</{listing.name}>"


def _last_key(form: Form) -> str:
    try:
        action, _, key = urlsafe_b64decode(form.fields["Marker"]).decode().partition(" ")
    except ValueError as error:
        raise invalid_value("The marker is not one that this service gave") from error
    if action != form.action:
        raise invalid_value("The marker belongs to another call")
    return key


def result_reply(action: str, namespace: str, result: str) -> Reply:
    request_id = str(uuid4())
    body = (
        f'<{action}Response xmlns="{namespace}"><{action}Result>{result}</{action}Result>'
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{action}Response>"
    )
    return Reply(200, "text/xml", body.encode(), {"x-amzn-RequestId": request_id})


def refusal_reply(refusal: RefusalError, namespace: str) -> Reply:
    request_id = str(uuid4())
    kind = "Sender" if refusal.status < 500 else "Receiver"  # noqa: PLR2004 — HTTP's own border
    body = (
        f'<ErrorResponse xmlns="{namespace}"><Error><Type>{kind}</Type><Code>{refusal.code}</Code>'
        f"<Message>{escape(refusal.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    return Reply(refusal.status, "text/xml", body.encode(), {"x-amzn-RequestId": request_id})

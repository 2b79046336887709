"""What a request to the control port asks for."""

import threading
from collections.abc import Mapping
from typing import Protocol, TypeVar
from urllib.parse import parse_qsl

import msgspec

from sandbox.wire import Reply, Request

Body = TypeVar("Body", bound=msgspec.Struct)
_one_by_one = threading.Lock()


class Part(Protocol):
    """One subject of the control port. `HELP` is its share of the front page."""

    HELP: str

    def answer(self, request: Request) -> Reply | None:
        """None where this is another part's."""


def segments(request: Request) -> list[str]:
    return request.path.strip("/").split("/")


def body(request: Request, kind: type[Body]) -> Body:
    with _one_by_one:  # two threads that read a new type at once would be the end of us
        return msgspec.json.decode(request.body or b"{}", type=kind)


def given(request: Request, kind: type[Body]) -> dict[str, object]:
    """Only the fields that the body has."""
    fields = msgspec.structs.asdict(body(request, kind))
    return {name: value for name, value in fields.items() if value is not msgspec.UNSET}


def query(request: Request) -> Mapping[str, str]:
    return dict(parse_qsl(request.query))


def flag(request: Request, name: str) -> bool:
    return query(request).get(name) == "true"


def choices(meanings: Mapping[str, str]) -> str:
    """The lines of a part's help that say what may be chosen."""
    return "\n".join(f"{'':37}  {word:<15} {meaning}" for word, meaning in meanings.items())

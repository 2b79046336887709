"""A request to the web application, and its answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    """The decoded path, without the query."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """The headers by their names in small letters. A header that is given twice has both values, with a comma."""
    query: str = ""
    """What follows the question mark, as it came."""
    client: str = ""
    """The address that it came from; of IPv6 only the network, because whoever has one has all of its addresses."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Headers
    length: int
    """The length of the body in bytes."""
    pieces: Iterable[bytes]


def retry_after(seconds: int) -> Headers:
    return (("Retry-After", str(seconds)),)


def text_answer(status: int, text: str, headers: Headers = ()) -> Answer:
    body = f"{text}\n".encode()
    return Answer(status, (("Content-Type", "text/plain; charset=utf-8"), *headers), len(body), (body,))

"""A request as the web application sees it, and its answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    """Decoded, without the query."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """By name in small letters. Where one is given twice, both values with a comma between them."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Headers
    length: int
    """Of the body, in bytes."""
    pieces: Iterable[bytes]


def text_answer(status: int, text: str, headers: Headers = ()) -> Answer:
    body = f"{text}\n".encode()
    return Answer(status, (("Content-Type", "text/plain; charset=utf-8"), *headers), len(body), (body,))

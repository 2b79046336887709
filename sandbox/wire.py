"""A request as it arrived and the reply to it, as values: the systems know nothing of sockets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

import msgspec


@dataclass(frozen=True, slots=True)
class Request:
    """`headers` has lower-case names; `origin` is where the request was sent, like 'http://127.0.0.1:9700'."""

    method: str
    origin: str
    raw_path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return unquote(self.raw_path)

    @property
    def url(self) -> str:
        return f"{self.origin}{self.raw_path}" + (f"?{self.query}" if self.query else "")


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def json_reply(
    document: object,
    status: int = 200,
    *,
    content_type: str = "application/json; charset=utf-8",
    headers: Mapping[str, str] | None = None,
) -> Reply:
    return Reply(status, content_type, msgspec.json.encode(document), headers or {})

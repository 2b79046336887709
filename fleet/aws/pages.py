"""Reads every page of an AWS list: each is parsed while the next one is on its way."""

import queue
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from xml.etree import ElementTree as ET

from botocore.exceptions import PaginationError
from botocore.model import OperationModel

if TYPE_CHECKING:
    from mypy_boto3_elasticache import ElastiCacheClient

Value = TypeVar("Value")

_MARKER = re.compile(rb"<Marker>([^<]*)</Marker>")
_NAMESPACE = re.compile(rb' xmlns="[^"]*"')
_OK = 200
_EVENT = "before-parse.elasticache"
_HEAD_START_SECONDS = 0.008
"""Parsing holds the interpreter for milliseconds; in this time the next request, and its neighbours', are sent."""


class _Page(NamedTuple):
    body: bytes
    is_last: bool


_Arrivals = queue.SimpleQueue[_Page | None]


class UnexpectedBodyError(Exception):
    """A page is not what AWS promises; the message says what was wrong with it."""


class _Expected(threading.local):
    """What the thread that asks waits for, and what has arrived for it."""

    is_a_page = False
    body = b""


class AwsPages:
    """
    A list's pages can only be asked for one after another, because each names the next. So the chain of requests
    decides how long a survey takes, and parsing is kept out of it: of a page that arrives botocore gets to see the
    marker only, and the rest is parsed on another thread. botocore's own parser visits every field that its model
    knows, which for a page of replication groups takes longer than a fast network does.

    Only what is asked from here is treated so: any other call of the client, of whichever thread, is left as it is.
    """

    def __init__(self, client: "ElastiCacheClient", count_failure: Callable[[], None]) -> None:
        self._client = client
        self._count_failure = count_failure
        self._expected = _Expected()
        client.meta.events.register(_EVENT, self._put_aside)

    def rows(self, operation: str, key: str, parsed: Callable[[ET.Element], Value], **filters: object) -> list[Value]:
        """
        What `parsed` makes of each element of the list named `key`, in order; no page is asked for twice.

        Tags are without namespace. Raises UnexpectedBodyError, also where `parsed` does, and whatever botocore raises.
        """
        arrivals: _Arrivals = queue.SimpleQueue()
        with ThreadPoolExecutor(1, thread_name_prefix=f"parse-{operation}") as pool:
            values = pool.submit(_parsed_rows, arrivals, key, parsed)
            try:
                self._fetch(operation, filters, arrivals)
            finally:
                arrivals.put(None)
        try:
            return values.result()
        except UnexpectedBodyError:
            self._count_failure()
            raise

    def _fetch(self, operation: str, filters: dict[str, object], arrivals: _Arrivals) -> None:
        marker = None
        asked: set[str | None] = set()
        while marker not in asked:
            asked.add(marker)
            page = self._page(operation, {**filters, "Marker": marker} if marker else filters)
            marker = page.get("Marker")
            arrivals.put(_Page(self._expected.body, is_last=marker is None))
            if marker is None:
                return
        raise PaginationError(message=f"the marker {marker!r} was given twice")

    def _page(self, operation: str, parameters: dict[str, object]) -> dict[str, Any]:
        self._expected.is_a_page = True
        try:
            page: dict[str, Any] = getattr(self._client, operation)(**parameters)
        finally:
            self._expected.is_a_page = False
        return page

    def _put_aside(self, operation_model: OperationModel, response_dict: dict[str, Any], **_: object) -> None:
        """Before botocore parses a page: keep its body, and leave botocore a page with nothing but the marker."""
        if not self._expected.is_a_page or response_dict["status_code"] != _OK:
            return
        body: bytes = response_dict["body"]
        self._expected.body = body
        marker = _MARKER.search(body)
        name = operation_model.name.encode()
        response_dict["body"] = b"<%b><%bResult>%b</%bResult></%b>" % (
            name,
            name,
            marker.group(0) if marker and marker.group(1) else b"",
            name,
            name,
        )


def _parsed_rows(arrivals: _Arrivals, key: str, parsed: Callable[[ET.Element], Value]) -> list[Value]:
    values: list[Value] = []
    while (page := arrivals.get()) is not None:
        if not page.is_last and arrivals.empty():
            time.sleep(_HEAD_START_SECONDS)
        try:
            root = ET.fromstring(_NAMESPACE.sub(b"", page.body, count=1))  # noqa: S314 — as botocore does; expat bounds entities
        except ET.ParseError as error:
            raise UnexpectedBodyError(f"not XML: {error}") from error
        result = root.find(root.tag.removesuffix("Response") + "Result")
        if result is None:
            raise UnexpectedBodyError(f"<{root.tag}> without a result")
        values.extend(parsed(element) for element in result.iterfind(f"{key}/*"))
    return values

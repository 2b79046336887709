"""Reads every page of an AWS list, and parses each page while the next one is on its way."""

import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar
from xml.etree import ElementTree as ET

from botocore.exceptions import BotoCoreError, ClientError, PaginationError
from botocore.model import OperationModel
from botocore.parsers import ResponseParserError

if TYPE_CHECKING:
    from mypy_boto3_elasticache import ElastiCacheClient

Value = TypeVar("Value")

MOST_PAGES = 700
MOST_ROWS = 35_000
"""No account has longer lists in one region: a server that sends more would go on for ever."""
MOST_TAGS = 200_000
"""In one page: the number of elements, not their length, decides how much memory a parsed page takes."""
LONGEST_LIST_SECONDS = 900.0
_MOST_UNPARSED = 4
_MARKER = re.compile(rb"<Marker>([^<]*)</Marker>")
_NAMESPACE = re.compile(rb' xmlns="[^"]*"')
_OK = 200
_EVENT = "before-parse.elasticache"


class UnexpectedBodyError(Exception):
    """A page is not what AWS promises; the message says what was wrong with it."""


class LibraryError(BotoCoreError):
    """
    Stands for errors from below botocore, which botocore lets through and does not document.

    Such as a token file that is missing, a credential process with unexpected output, or an impossible clock.
    """

    fmt = "{what}"


class _Expected(threading.local):
    """Whether this thread waits for a page, and the page's body once it has arrived."""

    is_a_page = False
    body = b""


class AwsPages:
    """
    Keeps parsing out of the chain of requests.

    Pages can only be asked for one after another, because each names the next, so this chain decides how long a survey
    takes. Therefore botocore sees only the marker of each page, and another thread parses the rest, one page at a time.
    botocore's own parser visits every field that its model knows, which for a page of replication groups takes longer
    than a fast network does.

    Other calls of the client are left alone, in whichever thread they happen.
    """

    def __init__(self, client: "ElastiCacheClient", count_failure: Callable[[], None]) -> None:
        self._client = client
        self._count_failure = count_failure
        self._expected = _Expected()
        self._parser = ThreadPoolExecutor(1, thread_name_prefix="parse-pages")
        client.meta.events.register(_EVENT, self._put_aside)

    def rows(self, operation: str, key: str, parsed: Callable[[ET.Element], Value], **filters: object) -> list[Value]:
        """
        The results of `parsed` for each element of the list `key`, in order. Asks for no page twice.

        Removes namespaces from tags. Raises UnexpectedBodyError, also if `parsed` does, and whatever botocore raises.
        """
        values: list[Value] = []
        unparsed: deque[Future[list[Value]]] = deque()
        try:
            for body in self._bodies(operation, filters):
                unparsed.append(self._parser.submit(_parsed_rows, body, key, parsed))
                if len(unparsed) > _MOST_UNPARSED:
                    _take(unparsed, values)
            while unparsed:
                _take(unparsed, values)
        except UnexpectedBodyError:
            self._count_failure()
            raise
        return values

    def _bodies(self, operation: str, filters: dict[str, object]) -> Iterator[bytes]:
        ends_at = time.monotonic() + LONGEST_LIST_SECONDS
        marker = None
        asked: set[str | None] = set()
        while marker not in asked:
            if len(asked) == MOST_PAGES:
                raise UnexpectedBodyError(f"the list has more than {MOST_PAGES:,} pages")
            if time.monotonic() > ends_at:
                raise UnexpectedBodyError(f"the list was not whole after {LONGEST_LIST_SECONDS:.0f} s")
            asked.add(marker)
            marker = self._page(operation, {**filters, "Marker": marker} if marker else filters).get("Marker")
            yield self._expected.body
            if marker is None:
                return
        raise PaginationError(message=f"the marker {marker!r} was given twice")

    def _page(self, operation: str, parameters: dict[str, object]) -> dict[str, Any]:
        self._expected.is_a_page = True
        try:
            page: dict[str, Any] = getattr(self._client, operation)(**parameters)
        except (BotoCoreError, ClientError, ResponseParserError):
            raise
        except Exception as error:
            raise LibraryError(what=f"{type(error).__name__}: {error}") from error
        finally:
            self._expected.is_a_page = False
        return page

    def _put_aside(self, operation_model: OperationModel, response_dict: dict[str, Any], **_: object) -> None:
        """Keeps a page's body before botocore parses it, and leaves botocore a page with only the marker."""
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


def _take(unparsed: deque[Future[list[Value]]], values: list[Value]) -> None:
    values.extend(unparsed.popleft().result())
    if len(values) > MOST_ROWS:
        raise UnexpectedBodyError(f"the list has more than {MOST_ROWS:,} rows")


def _parsed_rows(body: bytes, key: str, parsed: Callable[[ET.Element], Value]) -> list[Value]:
    if body.count(b"<") > MOST_TAGS:
        raise UnexpectedBodyError(f"a page has more than {MOST_TAGS:,} tags")
    try:
        root = ET.fromstring(_NAMESPACE.sub(b"", body, count=1))  # noqa: S314 — botocore does the same; expat limits entities
    except ET.ParseError as error:
        raise UnexpectedBodyError(f"not XML: {error}") from error
    result = root.find(root.tag.removesuffix("Response") + "Result")
    if result is None:
        raise UnexpectedBodyError(f"<{root.tag}> without a result")
    return [parsed(element) for element in result.iterfind(f"{key}/*")]

"""Reads every page of an AWS list, and parses each page while the next one is on its way."""

import contextlib
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar
from xml.etree import ElementTree as ET

from botocore.exceptions import BotoCoreError, ClientError, PaginationError
from botocore.model import OperationModel
from botocore.parsers import ResponseParserError

from fleet.time_limit import TimeLimit

if TYPE_CHECKING:
    from mypy_boto3_elasticache import ElastiCacheClient

Value = TypeVar("Value")

MOST_PAGES = 700
MOST_ROWS = 35_000
"""No account has longer lists in one region: a server that sends more would go on for ever."""
MOST_TAGS = 200_000
"""In one page: the number of elements, not their length, decides how much memory a parsed page takes."""
_MOST_UNPARSED = 4
_MARKER = re.compile(rb"<Marker>([^<]*)</Marker>")
_NAMESPACE = re.compile(rb' xmlns="[^"]*"')
_LONGEST_TAG = 60
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


@contextlib.contextmanager
def wording_errors() -> Iterator[None]:
    """Turns errors that botocore lets through into LibraryError."""
    try:
        yield
    except (BotoCoreError, ClientError, ResponseParserError, UnexpectedBodyError):
        raise
    except (LookupError, AttributeError, TypeError) as error:  # botocore's parser looks for what AWS always sends
        raise LibraryError(what=f"unexpected body: {type(error).__name__}: {error}") from error
    except Exception as error:
        raise LibraryError(what=f"{type(error).__name__}: {error}") from error


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

    def __init__(
        self, client: "ElastiCacheClient", count_failure: Callable[[], None], limit: TimeLimit | None = None
    ) -> None:
        """Without a limit to share, each list has one of its own."""
        self._client = client
        self._limit = limit
        self._count_failure = count_failure
        self._expected = _Expected()
        self._parser = ThreadPoolExecutor(1, thread_name_prefix="parse-pages")
        client.meta.events.register(_EVENT, self._put_aside)

    def rows(
        self,
        operation: str,
        key: str,
        parsed: Callable[[ET.Element], Value],
        on_rows: Callable[[int], None] = lambda _: None,
        **filters: object,
    ) -> list[Value]:
        """
        The different results of `parsed` for the elements of the list `key`, in order. Asks for no page twice.

        Tells `on_rows` how many rows each page has. Removes namespaces from tags. Raises UnexpectedBodyError, also if
        `parsed` or `on_rows` does, and whatever botocore raises.
        """
        call = self._client.meta.method_to_api_mapping[operation]
        values: dict[Value, None] = {}
        unparsed: deque[Future[list[Value]]] = deque()
        try:
            for body in self._bodies(operation, call, filters):
                unparsed.append(self._parser.submit(_parsed_rows, body, call, key, parsed))
                if len(unparsed) > _MOST_UNPARSED:
                    on_rows(_take(unparsed, values))
            while unparsed:
                on_rows(_take(unparsed, values))
        except UnexpectedBodyError:
            self._count_failure()
            raise
        return list(values)

    def _bodies(self, operation: str, call: str, filters: dict[str, object]) -> Iterator[bytes]:
        limit = self._limit or TimeLimit()
        marker = None
        asked: set[str | None] = set()
        while marker not in asked:
            if len(asked) == MOST_PAGES:
                raise UnexpectedBodyError(f"the list has more than {MOST_PAGES:,} pages")
            limit.refuse_if_over(self._client.meta.service_model.service_name, call)
            asked.add(marker)
            marker = self._page(operation, {**filters, "Marker": marker} if marker else filters).get("Marker")
            yield self._expected.body
            if marker is None:
                return
        raise PaginationError(message=f"the marker {marker!r} was given twice")

    def _page(self, operation: str, parameters: dict[str, object]) -> dict[str, Any]:
        self._expected.is_a_page = True
        try:
            with wording_errors():
                page: dict[str, Any] = getattr(self._client, operation)(**parameters)
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


def _take(unparsed: deque[Future[list[Value]]], values: dict[Value, None]) -> int:
    """How many rows there were. None stands for a row that is left out; there may be pages of nothing else."""
    rows = unparsed.popleft().result()
    is_circle = bool(rows) and None not in rows and all(row in values for row in rows)
    values.update(dict.fromkeys(rows))
    if is_circle:
        raise UnexpectedBodyError("a page has no row that was not on an earlier one: its pages go round in a circle")
    if len(values) > MOST_ROWS:
        raise UnexpectedBodyError(f"the list has more than {MOST_ROWS:,} rows")
    return len(rows)


def _parsed_rows(body: bytes, call: str, key: str, parsed: Callable[[ET.Element], Value]) -> list[Value]:
    """AWS sends an empty list as that. An answer without one, or to another call, is not taken for an empty list."""
    if body.count(b"<") > MOST_TAGS:
        raise UnexpectedBodyError(f"a page has more than {MOST_TAGS:,} tags")
    try:
        root = ET.fromstring(_NAMESPACE.sub(b"", body, count=1))  # noqa: S314 — botocore does the same; expat limits entities
    except ET.ParseError as error:
        raise UnexpectedBodyError(f"not XML: {error}") from error
    if root.tag != f"{call}Response":
        raise UnexpectedBodyError(f"<{root.tag[:_LONGEST_TAG]}> instead of <{call}Response>")
    if bool(root.findtext(f"{call}Result/Marker")) != _has_marker(body):
        raise UnexpectedBodyError("the marker of its next page is not written as AWS writes it")
    if (found := root.find(f"{call}Result/{key}")) is None:
        raise UnexpectedBodyError(f"<{call}Response> without {key}")
    return [parsed(element) for element in found]


def _has_marker(body: bytes) -> bool:
    """As the chain of requests sees it, which does not parse."""
    marker = _MARKER.search(body)
    return marker is not None and bool(marker.group(1))

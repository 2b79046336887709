"""Reads every page of an AWS list: each is parsed while the next one is on its way."""

import queue
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

import tenacity
from botocore.exceptions import PaginationError
from botocore.model import OperationModel
from botocore.parsers import ResponseParserFactory

from fleet.aws_timestamps import timestamp

if TYPE_CHECKING:
    from mypy_boto3_elasticache import ElastiCacheClient

Value = TypeVar("Value")
Row = dict[str, Any]

_MARKER = re.compile(rb"<Marker>([^<]*)</Marker>")
_OK = 200
_ATTEMPTS = 4
_EVENT = "before-parse.elasticache"


class IncompleteBodyError(Exception):
    """The connection ended before the body did; botocore takes what arrived for the whole."""


class AwsPages:
    """
    A list's pages can only be asked for one after another, because each names the next. So the chain of requests
    decides how long a survey takes, and parsing, as slow as a fast network, is kept out of it: of a page that
    arrives only the marker is looked at, and the rest is parsed by botocore's own parser on another thread.
    """

    def __init__(self, client: "ElastiCacheClient") -> None:
        self._client = client
        self._arrived = threading.local()
        client.meta.events.register(_EVENT, self._put_aside)
        factory = ResponseParserFactory()
        factory.set_parser_defaults(timestamp_parser=timestamp)
        self._parser = factory.create_parser("query")

    def rows(self, operation: str, key: str, parsed: Callable[[Row], Value], **filters: object) -> list[Value]:
        """
        Every row of every page, in order; no page is asked for twice.

        Raises KeyError where a page lacks its list or `parsed` misses a field, ValueError for a value of the wrong
        form, IncompleteBodyError, ResponseParserError, and whatever else botocore raises.
        """
        model = self._client.meta.service_model.operation_model(self._client.meta.method_to_api_mapping[operation])
        bodies: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        with ThreadPoolExecutor(1, thread_name_prefix=f"parse-{operation}") as pool:
            values = pool.submit(self._parsed_rows, bodies, model, key, parsed)
            try:
                self._fetch(operation, filters, bodies)
            finally:
                bodies.put(None)
        return values.result()

    def _fetch(self, operation: str, filters: dict[str, object], bodies: "queue.SimpleQueue[bytes | None]") -> None:
        marker = None
        asked: set[str | None] = set()
        while marker not in asked:
            asked.add(marker)
            page = self._page(operation, {**filters, "Marker": marker} if marker else filters)
            bodies.put(self._arrived.body)
            if (marker := page.get("Marker")) is None:
                return
        raise PaginationError(message=f"the marker {marker!r} was given twice")

    @tenacity.retry(
        retry=tenacity.retry_if_exception_type(IncompleteBodyError),
        stop=tenacity.stop_after_attempt(_ATTEMPTS),
        wait=tenacity.wait_exponential_jitter(multiplier=0.25, max=2, jitter=0.5),
        reraise=True,
    )
    def _page(self, operation: str, parameters: dict[str, object]) -> dict[str, Any]:
        page: dict[str, Any] = getattr(self._client, operation)(**parameters)
        return page

    def _put_aside(self, operation_model: OperationModel, response_dict: dict[str, Any], **_: object) -> None:
        """Before botocore parses a page: keep its body, and leave botocore a page with nothing but the marker."""
        if response_dict["status_code"] != _OK:
            return
        body: bytes = response_dict["body"]
        promised_length = response_dict["headers"].get("content-length", str(len(body)))
        if promised_length != str(len(body)):
            raise IncompleteBodyError(f"{len(body)} of {promised_length} bytes arrived")
        self._arrived.body = body
        marker = _MARKER.search(body)
        name = operation_model.name.encode()
        response_dict["body"] = b"<%b><%bResult>%b</%bResult></%b>" % (
            name,
            name,
            marker.group(0) if marker and marker.group(1) else b"",
            name,
            name,
        )

    def _parsed_rows(
        self,
        bodies: "queue.SimpleQueue[bytes | None]",
        model: OperationModel,
        key: str,
        parsed: Callable[[Row], Value],
    ) -> list[Value]:
        values: list[Value] = []
        while (body := bodies.get()) is not None:
            reply = {"status_code": _OK, "headers": {}, "body": body}
            page = self._parser.parse(reply, model.output_shape)  # type: ignore[arg-type] # every list has one
            values.extend(parsed(row) for row in page[key])
        return values

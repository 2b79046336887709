"""Accepts AWS's answers only if they arrive whole, in time, and no larger than we can hold."""

import time
from collections.abc import Iterator
from typing import Any

from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
    AWSPreparedRequest,
    AWSResponse,
)
from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError, ConnectionClosedError, ReadTimeoutError
from botocore.httpsession import URLLib3Session
from urllib3.exceptions import HTTPError
from urllib3.exceptions import ReadTimeoutError as Urllib3ReadTimeoutError
from urllib3.response import HTTPResponse

from fleet.answer_dates import note_answer
from fleet.calls import Followed, call_within
from fleet.patience import patience
from fleet.surrogates import with_whole_characters

LARGEST_ANSWER_BYTES = 8 * 2**20
"""A page of a hundred groups takes a quarter of a megabyte, and a page of a hundred large clusters two."""
_MOST_AT_ONCE_BYTES = 2**18
_OK, _REDIRECTS = 200, 300


class UnusableAnswerError(BotoCoreError):
    """The answer is too large, too slow, or not in any form of AWS's. It is not retried: the next would be like it."""

    fmt = "{what}"


def bound_answers(client: BaseClient) -> None:
    """Limits the client's answers from now on. Reaches into botocore, which has no hook before it reads an answer."""
    endpoint = client._endpoint  # type: ignore[attr-defined] # noqa: SLF001 — see above
    seconds = _answer_seconds(client.meta.config.read_timeout)  # type: ignore[attr-defined] # which the stubs forget
    endpoint.http_session = BoundedSession(endpoint.http_session, seconds, is_xml=_speaks_xml(client))


def _speaks_xml(client: BaseClient) -> bool:
    return client.meta.service_model.resolved_protocol in {"query", "ec2", "rest-xml"}


def _answer_seconds(read_timeout_seconds: float | None) -> float:
    """Changes at AWS have a longer read timeout than lists, and may then take as long as a whole."""
    return max(patience().aws_answer_seconds, read_timeout_seconds or 0.0)


class BoundedSession:
    """Takes the place of botocore's HTTP session, and reads bodies itself."""

    def __init__(self, session: URLLib3Session, answer_seconds: float, *, is_xml: bool) -> None:
        session._pool_classes_by_scheme.update(http=_Pool, https=_TlsPool)  # type: ignore[attr-defined] # noqa: SLF001 — as above
        self._session = session
        self._is_xml = is_xml
        self._answer_seconds = answer_seconds

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        asked_at = time.time()
        request.stream_output = True
        try:
            response, body = self._whole_answer(request)
        except RuntimeError as error:  # no thread can be started
            raise ConnectionClosedError(endpoint_url=request.url, error=error) from error
        if response.status_code < _REDIRECTS and response.status_code != _OK:
            # botocore takes each of them for success, and an answer without a body for an empty list.
            raise UnusableAnswerError(what=f"HTTP {response.status_code} instead of 200")
        if self._is_xml and (b"<!ENTITY" in body or b"\0" in body):
            # AWS sends neither. Entities can make a page of any size, and UTF-16's zero bytes would hide them here.
            raise UnusableAnswerError(what="the answer is not plain XML: it declares entities, or has bytes of zero")
        promised_length = response.headers.get("Content-Length", str(len(body)))
        if promised_length != str(len(body)):
            # botocore would take the part that has arrived for the whole.
            cause = f"{len(body)} of {promised_length} bytes arrived"
            raise ConnectionClosedError(endpoint_url=request.url, error=cause)
        note_answer(response.headers, asked_at)
        body = body if self._is_xml else with_whole_characters(body)
        return AWSResponse(response.url, response.status_code, response.headers, _Arrived(body))  # type: ignore[arg-type] # any mapping will do

    def close(self) -> None:
        self._session.close()

    def _whole_answer(self, request: AWSPreparedRequest) -> tuple[AWSResponse, bytes]:
        too_slow = UnusableAnswerError(what=f"the answer was not whole after {self._answer_seconds:.0f} s")
        with call_within(self._answer_seconds) as call:
            try:
                response = self._session.send(request)
                body = _body(response.raw)
            except UnusableAnswerError:
                raise
            except (BotoCoreError, HTTPError, OSError) as error:
                if call.is_over:
                    raise too_slow from error
                if isinstance(error, BotoCoreError):
                    raise
                if isinstance(error, Urllib3ReadTimeoutError):
                    raise ReadTimeoutError(endpoint_url=request.url, error=error) from error
                raise ConnectionClosedError(endpoint_url=request.url, error=error) from error
            if call.is_over:
                raise too_slow
        return response, body


def _body(raw: HTTPResponse) -> bytes:
    try:
        return b"".join(_parts(raw))
    except BaseException:
        raw.close()
        raise


def _parts(raw: HTTPResponse) -> Iterator[bytes]:
    length = 0
    while part := raw.read1(_MOST_AT_ONCE_BYTES):
        length += len(part)
        if length > LARGEST_ANSWER_BYTES:
            raise UnusableAnswerError(what=f"the answer is larger than {LARGEST_ANSWER_BYTES // 2**20} MiB")
        yield part


class _Arrived:
    """Hands botocore a body that we have read already."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Iterator[bytes]:
        yield self._body


class _FollowedConnection(Followed, AWSHTTPConnection):  # type: ignore[misc] # the two agree on what sock is, the stubs do not
    pass


class _FollowedTlsConnection(Followed, AWSHTTPSConnection):  # type: ignore[misc] # as above
    pass


class _FollowsNothing:
    """Leaves redirects alone. Otherwise urllib3 reads where they lead to, and keeps the connection if it cannot."""

    def urlopen(self, *args: Any, **kwargs: Any) -> HTTPResponse:  # noqa: ANN401 — as urllib3 has it
        response: HTTPResponse = super().urlopen(*args, **{**kwargs, "redirect": False})  # type: ignore[misc] # of the pool beside it
        return response


class _Pool(_FollowsNothing, AWSHTTPConnectionPool):
    ConnectionCls = _FollowedConnection


class _TlsPool(_FollowsNothing, AWSHTTPSConnectionPool):
    ConnectionCls = _FollowedTlsConnection

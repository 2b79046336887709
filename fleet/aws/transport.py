"""Accepts AWS's answers only if they arrive whole, in time, and no larger than we can hold."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

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

LONGEST_ANSWER_SECONDS = 30.0
"""From the request to the last byte of the answer. The read timeout is not enough: every byte starts it anew."""
LARGEST_ANSWER_BYTES = 8 * 2**20
"""A page of a hundred groups takes a quarter of a megabyte, and a page of a hundred large clusters two."""
_MOST_AT_ONCE_BYTES = 2**18


class ExcessiveAnswerError(BotoCoreError):
    """The answer is too large or too slow. It is not retried, because the next answer would be like it."""

    fmt = "{what}"


def bound_answers(client: BaseClient) -> None:
    """Limits the client's answers from now on. Reaches into botocore, which has no hook before it reads an answer."""
    endpoint = client._endpoint  # type: ignore[attr-defined] # noqa: SLF001 — see above
    session: URLLib3Session = endpoint.http_session
    session._pool_classes_by_scheme.update(http=_Pool, https=_TlsPool)  # type: ignore[attr-defined] # noqa: SLF001 — see above
    endpoint.http_session = _BoundedSession(session)


class _BoundedSession:
    """Takes the place of botocore's HTTP session, and reads bodies itself."""

    def __init__(self, session: URLLib3Session) -> None:
        self._session = session

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        deadline = time.monotonic() + LONGEST_ANSWER_SECONDS
        asked_at = time.time()
        request.stream_output = True
        try:
            response = self._session.send(request)
            body = _body(response.raw, deadline)
        except Urllib3ReadTimeoutError as error:
            raise ReadTimeoutError(endpoint_url=request.url, error=error) from error
        except (BotoCoreError, HTTPError) as error:
            if isinstance(error, ExcessiveAnswerError):
                raise
            if time.monotonic() > deadline:
                raise _too_slow() from error
            if isinstance(error, BotoCoreError):
                raise
            raise ConnectionClosedError(endpoint_url=request.url, error=error) from error
        if b"<!ENTITY" in body or b"\0" in body:
            # AWS sends neither. Entities can make a page of any size, and UTF-16's zero bytes would hide them here.
            raise ExcessiveAnswerError(what="the answer is not plain XML: it declares entities, or has bytes of zero")
        promised_length = response.headers.get("Content-Length", str(len(body)))
        if promised_length != str(len(body)):
            # botocore would take the part that has arrived for the whole.
            cause = f"{len(body)} of {promised_length} bytes arrived"
            raise ConnectionClosedError(endpoint_url=request.url, error=cause)
        note_answer(response.headers, asked_at)
        return AWSResponse(response.url, response.status_code, response.headers, _Arrived(body))  # type: ignore[arg-type] # any mapping will do

    def close(self) -> None:
        self._session.close()


class _Arrived:
    """Hands botocore a body that we have read already."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Iterator[bytes]:
        yield self._body


def _body(raw: HTTPResponse, deadline: float) -> bytes:
    try:
        return b"".join(_parts(raw, deadline))
    except BaseException:
        raw.close()
        raise


def _parts(raw: HTTPResponse, deadline: float) -> Iterator[bytes]:
    length = 0
    while part := raw.read1(_MOST_AT_ONCE_BYTES):
        length += len(part)
        if length > LARGEST_ANSWER_BYTES:
            raise ExcessiveAnswerError(what=f"the answer is larger than {LARGEST_ANSWER_BYTES // 2**20} MiB")
        if time.monotonic() > deadline:
            raise _too_slow()
        yield part
    if time.monotonic() > deadline:
        raise _too_slow()


def _too_slow() -> ExcessiveAnswerError:
    return ExcessiveAnswerError(what=f"the answer was not whole after {LONGEST_ANSWER_SECONDS:.0f} s")


class _HangsUp:
    """Limits the time for headers, which can arrive so slowly, byte by byte, that no read timeout ever ends them."""

    sock: socket.socket

    def getresponse(self) -> HTTPResponse:
        timer = threading.Timer(LONGEST_ANSWER_SECONDS, _hang_up, (self.sock,))
        timer.daemon = True
        timer.start()
        try:
            response: HTTPResponse = super().getresponse()  # type: ignore[misc] # of the connection beside it
        finally:
            timer.cancel()
        return response


class _Connection(_HangsUp, AWSHTTPConnection):  # type: ignore[misc] # the two agree on what sock is, the stubs do not
    pass


class _TlsConnection(_HangsUp, AWSHTTPSConnection):  # type: ignore[misc] # as above
    pass


class _Pool(AWSHTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(AWSHTTPSConnectionPool):
    ConnectionCls = _TlsConnection


def _hang_up(connected: socket.socket) -> None:
    """Wakes up the thread that waits for the next byte, also when the connection is encrypted."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connected, socket.SHUT_RDWR)

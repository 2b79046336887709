"""What AWS answers arrives whole, in time and no larger than we can hold, or it counts as no answer."""

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

LONGEST_ANSWER_SECONDS = 30.0
"""From the request to the last byte of the answer. The read timeout alone starts anew with every byte that drips in."""
LARGEST_ANSWER_BYTES = 8 * 2**20
"""A page of a hundred groups is a quarter of a megabyte; one of a hundred large clusters two."""
_MOST_AT_ONCE_BYTES = 2**18


class ExcessiveAnswerError(BotoCoreError):
    """Not for another attempt: the next answer would be like it."""

    fmt = "{what}"


def bound_answers(client: BaseClient) -> None:
    """From now on the client's answers are bounded. botocore has no hook between a request and its parsed answer."""
    endpoint = client._endpoint  # type: ignore[attr-defined] # noqa: SLF001 — see above
    session: URLLib3Session = endpoint.http_session
    session._pool_classes_by_scheme.update(http=_Pool, https=_TlsPool)  # type: ignore[attr-defined] # noqa: SLF001 — see above
    endpoint.http_session = _BoundedSession(session)


class _BoundedSession:
    """Stands where botocore has its HTTP session, and reads bodies itself."""

    def __init__(self, session: URLLib3Session) -> None:
        self._session = session

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        deadline = time.monotonic() + LONGEST_ANSWER_SECONDS
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
            # Neither is in what AWS sends. Entities make a page of any size; bytes of zero would hide them, as UTF-16.
            raise ExcessiveAnswerError(what="the answer is not plain XML: it declares entities, or has bytes of zero")
        promised_length = response.headers.get("Content-Length", str(len(body)))
        if promised_length != str(len(body)):
            # botocore takes what has arrived for the whole.
            cause = f"{len(body)} of {promised_length} bytes arrived"
            raise ConnectionClosedError(endpoint_url=request.url, error=cause)
        return AWSResponse(response.url, response.status_code, response.headers, _Arrived(body))  # type: ignore[arg-type] # any mapping will do

    def close(self) -> None:
        self._session.close()


class _Arrived:
    """A body that has been read, for botocore to read."""

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
    """Headers that drip keep the read timeout from ending a request, and are read before anybody else has a say."""

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
    """Whoever waits for the next byte wakes up, whether or not it would have been an encrypted one."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connected, socket.SHUT_RDWR)

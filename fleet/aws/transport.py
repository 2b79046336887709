"""What AWS answers arrives whole, in time and no larger than we can hold, or it counts as no answer."""

import time
from collections.abc import Iterator

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError, ConnectionClosedError, HTTPClientError, ReadTimeoutError
from botocore.httpsession import URLLib3Session
from urllib3.exceptions import HTTPError, ProtocolError
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
    """From now on the client's answers are bounded. botocore has no hook between the headers and the body of one."""
    endpoint = client._endpoint  # type: ignore[attr-defined] # noqa: SLF001 — see above
    endpoint.http_session = _BoundedSession(endpoint.http_session)


class _BoundedSession:
    """Stands where botocore has its HTTP session, and reads bodies itself."""

    def __init__(self, session: URLLib3Session) -> None:
        self._session = session

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        deadline = time.monotonic() + LONGEST_ANSWER_SECONDS
        request.stream_output = True
        response = self._session.send(request)
        try:
            body = _body(response.raw, deadline)
        except Urllib3ReadTimeoutError as error:
            raise ReadTimeoutError(endpoint_url=request.url, error=error) from error
        except ProtocolError as error:
            raise ConnectionClosedError(endpoint_url=request.url, error=error) from error
        except HTTPError as error:
            raise HTTPClientError(error=error) from error
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
    parts: list[bytes] = []
    length = 0
    while part := raw.read1(_MOST_AT_ONCE_BYTES):
        parts.append(part)
        length += len(part)
        if length > LARGEST_ANSWER_BYTES:
            raw.close()
            raise ExcessiveAnswerError(what=f"the answer is larger than {LARGEST_ANSWER_BYTES // 2**20} MiB")
        if time.monotonic() > deadline:
            raw.close()
            raise ExcessiveAnswerError(what=f"the answer was not whole after {LONGEST_ANSWER_SECONDS:.0f} s")
    return b"".join(parts)

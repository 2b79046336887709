"""Asks a remote system for JSON over HTTP, with time limits and few retries, and obeys its `Retry-After`."""

import functools
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import msgspec
import requests
import tenacity
from requests.auth import AuthBase

from fleet.errors import RemoteError, TooLargeError
from fleet.http_session import GuardedSession, time_limits
from fleet.known_types import known
from fleet.patience import patience
from fleet.printable import one_line
from fleet.remote_body import TooLargeBodyError
from fleet.remote_words import plain_cause, refusal, unexpected_body
from fleet.retry_after import retry_after_seconds
from fleet.tally import Tally
from fleet.time_limit import TimeLimit
from fleet.unreadable import UNREADABLE

log = logging.getLogger(__name__)

ATTEMPTS = 4
ATTEMPTS_WITHOUT_ANSWER = 2
"""A system that did not answer in time gets only one more chance, because each attempt takes long."""
LONGEST_PAUSE_SECONDS = 30
"""If a system asks for a longer pause, the call fails, and later calls fail without asking until the pause is over."""

_LEAST_SECONDS = 0.1
_OK = 200
_RETRIED_STATUSES = frozenset({429, 500, 502, 503, 504})
_BACK_OFF = tenacity.wait_exponential_jitter(multiplier=0.25, max=8, jitter=0.5)

Promised = TypeVar("Promised")


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    url: str
    call: str
    """The request's name in messages and logs, without any query or secret."""
    auth: AuthBase
    """Always given, so that requests does not look for a password in the user's `.netrc` instead."""
    params: tuple[tuple[str, str], ...] = ()
    form: tuple[tuple[str, str], ...] = ()


class NoAuth(AuthBase):
    """For requests that anybody may make."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class StatusError(RemoteError):
    """The system answered with a status other than success that is not worth another attempt."""

    def __init__(self, system: str, call: str, cause: str, status: int) -> None:
        super().__init__(system, call, cause)
        self.status = status


class _TransientError(Exception):
    """Another attempt may succeed; `retry_after_seconds` is what the system asked for, if it did."""

    def __init__(self, cause: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(cause)
        self.retry_after_seconds = retry_after_seconds


class _NoAnswerError(_TransientError):
    """The answer did not arrive completely within the time limit."""


class RemoteHttp:
    """Connections to one system, reused from call to call. Only one thread may use it at a time."""

    def __init__(
        self,
        system: str,
        tally: Tally,
        sleep: Callable[[float], None] = time.sleep,
        limit: TimeLimit | None = None,
    ) -> None:
        """`limit` is for this call and others together."""
        self._limit = limit
        self._system = system
        self._tally = tally
        self._session = GuardedSession()
        self._session.headers["Accept"] = "application/json"
        self._sleep = sleep
        self._left_alone_until = 0.0

    def ask(self, request: Request, promised: type[Promised]) -> Promised:
        """The answer's body as the promised type. Raises RemoteError, naming the system, the call and the cause."""
        seconds = patience().call_seconds
        if self._limit is not None:
            self._limit.refuse_if_over(self._system, request.call)
            seconds = min(seconds, self._limit.seconds_left)
        if (pause := self._left_alone_until - time.monotonic()) > 0:
            raise RemoteError(
                self._system, request.call, f"not asked: it wants to be left alone for {pause:.0f} s more"
            )
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_TransientError),
            stop=functools.partial(_is_enough, seconds),
            wait=_pause_seconds,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            response: requests.Response = retrying(self._attempt, request, time.monotonic() + seconds)
        except _TransientError as error:
            self._leave_alone(error.retry_after_seconds or 0.0)
            raise RemoteError(self._system, request.call, str(error)) from error
        try:
            return msgspec.json.decode(response.content, type=known(promised))
        except UNREADABLE as error:
            self._tally.count_failure(self._system)
            raise RemoteError(self._system, request.call, unexpected_body(response, error)) from error

    def _leave_alone(self, seconds: float) -> None:
        self._left_alone_until = time.monotonic() + seconds

    def _attempt(self, request: Request, deadline: float) -> requests.Response:
        self._tally.count_request(self._system)
        try:
            return self._response(request, max(_LEAST_SECONDS, deadline - time.monotonic()))
        except (_TransientError, RemoteError) as error:
            self._tally.count_failure(self._system)
            log.debug(
                "remote request failed",
                extra={"system": self._system, "call": request.call, "cause": one_line(str(error))},
            )
            raise

    def _response(self, request: Request, seconds_left: float) -> requests.Response:
        try:
            response = self._session.request(
                request.method,
                request.url,
                params=request.params,
                data=request.form or None,
                auth=request.auth,
                timeout=time_limits(seconds_left),
            )
        except requests.Timeout as error:
            raise _NoAnswerError(plain_cause(error)) from error
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
            raise _TransientError(plain_cause(error)) from error
        except TooLargeBodyError as error:
            raise TooLargeError(self._system, request.call, f"unexpected body: {error}") from error
        except requests.RequestException as error:
            raise RemoteError(self._system, request.call, plain_cause(error)) from error
        if response.status_code in _RETRIED_STATUSES:
            retry_after = retry_after_seconds(response.headers.get("Retry-After"))
            if retry_after is not None and retry_after > LONGEST_PAUSE_SECONDS:
                self._leave_alone(retry_after)
                cause = f"{refusal(response)}, and asks to be left alone for {retry_after:.0f} s"
                raise StatusError(self._system, request.call, cause, response.status_code)
            raise _TransientError(refusal(response), retry_after)
        is_read = request.method == "GET"
        if response.status_code != _OK if is_read else not 200 <= response.status_code < 300:  # noqa: PLR2004 — success
            raise StatusError(self._system, request.call, refusal(response), response.status_code)
        return response


def _is_enough(seconds: float, state: tenacity.RetryCallState) -> bool:
    error = state.outcome.exception() if state.outcome else None
    most = ATTEMPTS_WITHOUT_ANSWER if isinstance(error, _NoAnswerError) else ATTEMPTS
    return state.attempt_number >= most or (state.seconds_since_start or 0.0) + state.upcoming_sleep > seconds


def _pause_seconds(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after_seconds if isinstance(error, _TransientError) else None
    return max(_BACK_OFF(state) * patience().pause_factor, asked or 0.0)

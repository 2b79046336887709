"""Decides how long to wait when AWS asks us to be slower, and when to stop asking altogether."""

import logging
import random
import time
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import BotoCoreError

from fleet.patience import patience
from fleet.retry_after import retry_after_seconds
from fleet.time_limit import TimeLimit

log = logging.getLogger(__name__)

ATTEMPTS = 4
"""At a call that fails; one that is throttled has not failed."""
LONGEST_SILENCE_SECONDS = 45.0
"""Throttling is waited out for as long as AWS answers any of the client's calls; then for this long, and no longer."""
_LONGEST_THROTTLED_PAUSE_SECONDS = 5.0
_LONGEST_ASKED_PAUSE_SECONDS = 30.0
_TOO_MANY_REQUESTS = 429
_SERVER_ERRORS = 500
THROTTLING_CODES = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "TooManyRequestsException",
    }
)


class LeftAloneError(BotoCoreError):
    """AWS asked us not to ask again for some time."""

    fmt = "{what}"


class Throttling:
    """
    Slows one client down when AWS throttles it. Its methods handle botocore's events.

    botocore's own bounds are meant for failures. Throttling is no failure: it asks us to be slower. Calls that are made
    side by side take the few answers there are from one another, so that only all of them together show whether AWS
    answers at all.
    """

    def __init__(self, limit: TimeLimit | None) -> None:
        """Nothing is waited out past the limit."""
        self._limit = limit
        self._left_alone_until = 0.0
        self._answered_at = 0.0

    def before_send(self, **_: object) -> None:
        """Raises LeftAloneError if AWS asked us not to ask yet."""
        if (pause := self._left_alone_until - time.monotonic()) > 0:
            raise LeftAloneError(what=f"not asked: it wants to be left alone for {pause:.0f} s more")

    def needs_retry(
        self,
        response: tuple[AWSResponse, dict[str, Any]] | None,
        attempts: int,
        request_dict: dict[str, Any],
        **_: object,
    ) -> float | None:
        """Returns the seconds to wait before another attempt, or None to let others decide. Raises LeftAloneError."""
        if response is None:
            return None
        answer, parsed = response
        now = time.monotonic()
        if "Error" not in parsed:
            self._answered_at = now
            return None
        asked_seconds = retry_after_seconds(answer.headers.get("Retry-After"))
        is_throttled = parsed["Error"].get("Code") in THROTTLING_CODES or answer.status_code == _TOO_MANY_REQUESTS
        if not is_throttled and (asked_seconds is None or answer.status_code < _SERVER_ERRORS):
            return None
        if asked_seconds is not None and asked_seconds > _LONGEST_ASKED_PAUSE_SECONDS:
            self._left_alone_until = now + asked_seconds
            cause = f"HTTP {answer.status_code}, and asks to be left alone for {asked_seconds:.0f} s"
            raise LeftAloneError(what=cause)
        throttled_at = request_dict["context"].setdefault("throttled_at", now)
        if is_hopeless(now, throttled_at, self._answered_at) if is_throttled else attempts >= ATTEMPTS:
            return None
        pause = pause_seconds(attempts, asked_seconds or 0.0)
        if self._limit is not None and pause > self._limit.seconds_left:
            return None
        log.debug("throttled", extra={"attempt": attempts, "pause_seconds": round(pause, 2)})
        return pause


def is_hopeless(now: float, throttled_at: float, answered_at: float) -> bool:
    """Of a call that is throttled since one moment, where AWS last answered any of the client at the other."""
    return now - max(throttled_at, answered_at) > LONGEST_SILENCE_SECONDS


def pause_seconds(attempts: int, at_least: float = 0.0) -> float:
    """The pause after so many attempts at one call."""
    ceiling = min(_LONGEST_THROTTLED_PAUSE_SECONDS, 0.2 * 2**attempts)
    return max(random.uniform(ceiling / 2, ceiling) * patience().pause_factor, at_least)  # noqa: S311 — jitter, not a secret

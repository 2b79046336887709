"""Decides how long to wait when AWS asks us to be slower, and when to stop asking altogether."""

import logging
import random
import time
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import BotoCoreError

from fleet.retry_after import retry_after_seconds

log = logging.getLogger(__name__)

ATTEMPTS = 4
"""For a call that fails; a throttled call does not count as failed."""
THROTTLED_ATTEMPTS = 20
LONGEST_WAIT_SECONDS = 120.0
"""All pauses for one page together."""
_LONGEST_THROTTLED_PAUSE_SECONDS = 5.0
_LONGEST_ASKED_PAUSE_SECONDS = 30.0
_TOO_MANY_REQUESTS = 429
_SERVER_ERRORS = 500
_CODES = frozenset(
    {"Throttling", "ThrottlingException", "RequestLimitExceeded", "RequestThrottled", "TooManyRequestsException"}
)


class LeftAloneError(BotoCoreError):
    """AWS asked us not to ask again for some time."""

    fmt = "{what}"


class Throttling:
    """
    Slows one client down when AWS throttles it. Its methods handle botocore's events.

    botocore's own limits are meant for failures. Throttling is not a failure: it asks us to be slower for a while.
    """

    def __init__(self) -> None:
        self._left_alone_until = 0.0

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
        """Returns the seconds to wait before another attempt, or None to let botocore decide. Raises LeftAloneError."""
        if response is None:
            return None
        answer, parsed = response
        asked_seconds = retry_after_seconds(answer.headers.get("Retry-After"))
        is_throttled = parsed.get("Error", {}).get("Code") in _CODES or answer.status_code == _TOO_MANY_REQUESTS
        if not is_throttled and (asked_seconds is None or answer.status_code < _SERVER_ERRORS):
            return None
        if asked_seconds is not None and asked_seconds > _LONGEST_ASKED_PAUSE_SECONDS:
            self._left_alone_until = time.monotonic() + asked_seconds
            cause = f"HTTP {answer.status_code}, and asks to be left alone for {asked_seconds:.0f} s"
            raise LeftAloneError(what=cause)
        if attempts >= (THROTTLED_ATTEMPTS if is_throttled else ATTEMPTS):
            return None
        pause = pause_seconds(attempts, asked_seconds or 0.0)
        waited = request_dict["context"].get("throttled_seconds", 0.0) + pause
        if waited > LONGEST_WAIT_SECONDS:
            return None
        request_dict["context"]["throttled_seconds"] = waited
        log.debug("throttled", extra={"attempt": attempts, "pause_seconds": round(pause, 2)})
        return pause


def pause_seconds(attempts: int, at_least: float = 0.0) -> float:
    """The pause after so many attempts at one call."""
    ceiling = min(_LONGEST_THROTTLED_PAUSE_SECONDS, 0.2 * 2**attempts)
    return max(random.uniform(ceiling / 2, ceiling), at_least)  # noqa: S311 — jitter, not a secret

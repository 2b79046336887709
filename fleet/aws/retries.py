"""Decides whether a call to AWS that failed is worth another attempt. Throttling is `fleet.aws.throttling`'s."""

import functools
import time
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.exceptions import ConnectionError as BotocoreConnectionError
from botocore.exceptions import HTTPClientError, ReadTimeoutError

from fleet.aws.throttling import ATTEMPTS, THROTTLING_CODES, pause_seconds
from fleet.patience import patience

_ATTEMPTS_WITHOUT_ANSWER = 2
"""A system that did not answer in time gets only one more chance, because each attempt takes long."""
_WORTH_IT = frozenset({500, 502, 503, 504})
_BEGAN_AT = "call_began_at"


def retry_failures(client: BaseClient, most_attempts: int = ATTEMPTS) -> None:
    """
    Makes the client repeat calls that fail. The client's own retries have to be off.

    botocore's would go on for as long as their number allows, however long each of them takes.
    """
    service = event_name(client)
    client.meta.events.register(f"before-call.{service}", _begin)
    client.meta.events.register(f"needs-retry.{service}", functools.partial(_seconds_to_wait, most_attempts))  # type: ignore[arg-type] # the stubs forget that this event is answered


def event_name(client: BaseClient) -> str:
    """What botocore calls the client's service in the names of events."""
    return str(client.meta.service_model.service_id.hyphenize())


def _begin(context: dict[str, Any], **_: object) -> None:
    context[_BEGAN_AT] = time.monotonic()


def _seconds_to_wait(
    most_attempts: int,
    response: tuple[AWSResponse, dict[str, Any]] | None,
    attempts: int,
    caught_exception: Exception | None,
    request_dict: dict[str, Any],
    **_: object,
) -> float | None:
    """Answers botocore's event: None for no further attempt."""
    is_silence = isinstance(caught_exception, ReadTimeoutError)
    pause = pause_seconds(attempts)
    limits = patience()
    ends_at = request_dict["context"][_BEGAN_AT] + limits.call_seconds
    is_too_late = time.monotonic() + pause + limits.aws_read_seconds > ends_at
    is_last = attempts >= (_ATTEMPTS_WITHOUT_ANSWER if is_silence else most_attempts)
    return pause if _is_transient(response, caught_exception) and not is_last and not is_too_late else None


def _is_transient(response: tuple[AWSResponse, dict[str, Any]] | None, error: Exception | None) -> bool:
    if response is None:
        return isinstance(error, BotocoreConnectionError | HTTPClientError)
    answer, parsed = response
    return answer.status_code in _WORTH_IT and parsed.get("Error", {}).get("Code") not in THROTTLING_CODES

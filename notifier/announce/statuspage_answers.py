"""Interprets Statuspage's answers: what was refused, what may have been done, and in which words to say so."""

import msgspec
import requests
import urllib3.exceptions

from fleet.errors import RemoteError
from fleet.printable import one_line
from fleet.remote_words import plain_cause, refusal
from fleet.unreadable import UNREADABLE

SYSTEM = "statuspage"
SLOWER = frozenset({420, 429})
"""Both mean: not done, ask less often."""
NOT_FOUND = 404
_UNAUTHORIZED, _FORBIDDEN, _SERVER_ERRORS, _GATEWAY_TIMEOUT = 401, 403, 500, 504
_MOST_CHARACTERS = 300
_REMEDIES = {
    _UNAUTHORIZED: "check STATUSPAGE_API_KEY: it may be mistyped or revoked",
    _FORBIDDEN: "STATUSPAGE_API_KEY may not do this on the page of STATUSPAGE_PAGE_ID: use a key of its team",
    NOT_FOUND: "check STATUSPAGE_PAGE_ID and STATUSPAGE_BASE_URL",
}


class StatuspageRefusedError(RemoteError):
    """It was certainly not done: refused, or never received."""

    def __init__(self, call: str, cause: str, status: int | None = None) -> None:
        super().__init__(SYSTEM, call, cause)
        self.status = status


class OutcomeUnknownError(RemoteError):
    """It may have been done. Look before asking again."""

    def __init__(self, call: str, cause: str, *, is_answered: bool) -> None:
        super().__init__(SYSTEM, call, cause)
        self.is_answered = is_answered
        """False if Statuspage may still be working on it."""


def unsuccessful(response: requests.Response, call: str) -> RemoteError:
    """For any status but success and those of SLOWER."""
    status = response.status_code
    words = words_of(response)
    if status >= _SERVER_ERRORS:
        return OutcomeUnknownError(call, words, is_answered=status != _GATEWAY_TIMEOUT)
    remedy = _REMEDIES.get(status)
    return StatuspageRefusedError(call, f"{words}; {remedy}" if remedy else words, status)


def unanswered(error: requests.RequestException, call: str) -> RemoteError:
    cause = plain_cause(error)
    if _never_left(error):
        return StatuspageRefusedError(call, cause)
    return OutcomeUnknownError(call, cause, is_answered=False)


def words_of(response: requests.Response) -> str:
    """The specification promises `message`; clients have seen `error`, with a text or a list. Never the body itself."""
    status = f"HTTP {response.status_code}"
    if response.is_redirect:
        return refusal(response)
    try:
        body = msgspec.json.decode(response.content)
    except UNREADABLE:
        body = None
    said = body if isinstance(body, list) else []
    if isinstance(body, dict):
        said = [body.get("message"), body.get("error"), body.get("errors")]
    texts = list(dict.fromkeys(text for part in said for text in _texts(part)))
    if not texts:
        return one_line(f"{status} {response.reason or ''}".strip(), _MOST_CHARACTERS)
    return one_line(f"{status}: {'; '.join(texts)}", _MOST_CHARACTERS)


def _texts(part: object) -> list[str]:
    """Of a text, a list of them, or an object with one or more for each field, as Rails writes it."""
    match part:
        case str() if part.strip():
            return [part.strip()]
        case list():
            return [text for each in part for text in _texts(each)]
        case dict():
            return [f"{name} {text}" for name, value in part.items() for text in _texts(value)]
    return []


def _never_left(error: requests.RequestException) -> bool:
    """True if no connection was made at all, so that Statuspage cannot have seen the request."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    if not isinstance(error, requests.ConnectionError):
        return isinstance(error, requests.exceptions.InvalidURL)
    reason = getattr(error.args[0], "reason", None) if error.args else None
    is_certificate = "CERTIFICATE_VERIFY_FAILED" in str(reason)
    return is_certificate or isinstance(reason, urllib3.exceptions.NewConnectionError)

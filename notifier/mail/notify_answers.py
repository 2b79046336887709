"""Interprets GOV.UK Notify's answers: the outcome of one mail is a value, a refusal of all mails is an error."""

from dataclasses import dataclass

import requests
import urllib3.exceptions
from notifications_python_client.errors import HTTPError

from fleet.errors import RemoteError
from fleet.printable import one_line
from fleet.remote_words import plain_cause

SYSTEM = "notify"
SEND = "POST /v2/notifications/email"

_SUCCESSES, _REDIRECTS, _BAD_REQUEST, _UNAUTHORIZED, _FORBIDDEN, _TOO_MANY = 200, 300, 400, 401, 403, 429
_SERVER_ERRORS = 500
_MOST_CHARACTERS = 500
_SLOWER = "RateLimitError"
"""The one kind of 429 that passes within the minute; what another service calls its daily limit is anybody's guess."""
_TODAY = "TooManyRequestsError"

# Notify asks programs not to depend on its wording, but only the wording tells a refused recipient from a setting that
# is wrong for all recipients. Wording that is not recognised counts as being about one recipient. If that guess is
# wrong, some more mails are refused and recorded as refused, but nobody misses a mail.
_WRONG_FOR_ALL = {
    "team-only api key": "use a live key, or add the recipients to the guest list",
    "trial mode": "ask GOV.UK Notify to make the service live",
    "email_reply_to": "check NOTIFY_REPLY_TO_ID: it has to be a reply-to address of the service of this key, or none",
    "template": "check NOTIFY_TEMPLATE_ID: it has to be an email template of the service of this key",
    "personalisation": "the Notify template may have the placeholders contents and maintenance_window_date only",
    "not allowed to send": "allow the service to send emails, in its settings at GOV.UK Notify",
    "invalid json": "report this as a fault of this program",
    "additional properties": "report this as a fault of this program",
}


@dataclass(frozen=True, slots=True)
class Accepted:
    """Notify answered 201, which means for us that the mail is sent."""

    notification_id: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Notify will not send this mail to this address."""

    reason: str


@dataclass(frozen=True, slots=True)
class RateLimited:
    """Notify refused the mail, because there were too many in this minute. It was not sent."""


@dataclass(frozen=True, slots=True)
class NotReached:
    """The request never reached Notify. The mail was not sent."""

    cause: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """
    The mail may have been sent or not. Look up its reference before sending it again.

    Also if Notify did answer: it may have accepted a mail before something failed, and may list it later.
    """

    cause: str


Answer = Accepted | Rejected | RateLimited | NotReached | Unclear


class NotifyRefusedError(RemoteError):
    """Notify would refuse every further request too, so going on is pointless."""


class DailyLimitError(NotifyRefusedError):
    """The service has reached its limit of mails, in most cases for today."""


class NotifyUnavailableError(RemoteError):
    """A look-up failed for a reason that may go away."""


class NotifyNotFoundError(NotifyUnavailableError):
    """Notify does not have what was looked up, or not for this key's service."""


def answer(error: HTTPError) -> Answer:
    """Raises NotifyRefusedError."""
    if error.response is None:
        cause = _plain_cause(error)
        return NotReached(cause) if _never_left(error) else Unclear(cause)
    status = error.status_code
    if _SUCCESSES <= status < _REDIRECTS:
        return Unclear(f"HTTP {status} instead of 201")
    if status == _BAD_REQUEST:
        words = words_of(error)
        if any(marker in words.lower() for marker in _WRONG_FOR_ALL):
            raise refused(error, SEND)
        return Rejected(words)
    if status == _TOO_MANY:
        if not is_used_up(error):
            return RateLimited()
        raise used_up(error, SEND)
    if status >= _SERVER_ERRORS:
        return Unclear(words_of(error))
    raise refused(error, SEND)


def is_used_up(error: HTTPError) -> bool:
    """True for a 429 that does not pass within the minute: a limit for a day, a year, or of another service."""
    return error.response is not None and error.status_code == _TOO_MANY and _SLOWER not in _kinds(error)


def used_up(error: HTTPError, call: str) -> DailyLimitError:
    unless = "" if _TODAY in _kinds(error) else ", unless the service says otherwise"
    return DailyLimitError(SYSTEM, call, f"{words_of(error)}; the limit ends at midnight UTC: go on after that{unless}")


def refused(error: HTTPError, call: str) -> NotifyRefusedError:
    words = words_of(error)
    if error.status_code in (_UNAUTHORIZED, _FORBIDDEN):
        is_clock = "clock" in words.lower()
        remedy = (
            "set this machine's clock right: it may be at most 30 seconds off"
            if is_clock
            else "check NOTIFY_API_KEY: it may be mistyped, revoked, or of another service"
        )
    else:
        markers = (remedy for marker, remedy in _WRONG_FOR_ALL.items() if marker in words.lower())
        remedy = next(markers, "check NOTIFY_BASE_URL")
    return NotifyRefusedError(SYSTEM, call, f"{words}; {remedy}")


def _errors(error: HTTPError) -> list[dict[str, str]]:
    """The errors in a body as Notify documents it; empty for any other body, such as a proxy's page."""
    message: object = error.message
    return [entry for entry in message if isinstance(entry, dict)] if isinstance(message, list) else []


def _kinds(error: HTTPError) -> set[str]:
    return {str(entry.get("error", "")) for entry in _errors(error)}


def is_redirect(error: HTTPError) -> bool:
    return error.response is not None and _REDIRECTS <= error.status_code < _BAD_REQUEST


def words_of(error: HTTPError) -> str:
    if error.response is None:
        return _plain_cause(error)
    if is_redirect(error):
        return f"HTTP {error.status_code}: it redirects, which is not followed"
    said = one_line("; ".join(str(entry.get("message", "")) for entry in _errors(error)), _MOST_CHARACTERS)
    return f"HTTP {error.status_code}: {said}" if said else f"HTTP {error.status_code}"


def _never_left(error: HTTPError) -> bool:
    """True if no connection was made at all, so that Notify cannot have seen the mail."""
    cause = error.__cause__
    if isinstance(cause, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    if not isinstance(cause, requests.ConnectionError) or not cause.args:
        return isinstance(cause, requests.exceptions.InvalidURL)
    reason = getattr(cause.args[0], "reason", None)
    is_certificate = "CERTIFICATE_VERIFY_FAILED" in str(reason)
    return is_certificate or isinstance(reason, urllib3.exceptions.NewConnectionError)


def _plain_cause(error: HTTPError) -> str:
    cause = error.__cause__
    return plain_cause(cause) if isinstance(cause, requests.RequestException) else type(error).__name__

"""Says in few words what went wrong with a request, if possible in the remote system's own words."""

import msgspec
import requests

from fleet.http_session import OverdueError, UnsendableError
from fleet.known_types import known
from fleet.patience import patience
from fleet.printable import one_line
from fleet.unreadable import UNREADABLE, why_unreadable

_MOST_CHARACTERS = 300
"""The most that we quote of a system's message, which is enough for every honest one."""


class _CloudFoundryError(msgspec.Struct):
    title: str = ""
    detail: str = ""


class _ErrorBody(msgspec.Struct):
    """The error bodies of Cloud Foundry (`errors`) and of UAA (`error`, `error_description`)."""

    errors: list[_CloudFoundryError] = []
    error: str = ""
    error_description: str = ""


def refusal(response: requests.Response) -> str:
    """The status, and the message in the body if it has one of the known forms; never the body itself."""
    status = f"HTTP {response.status_code}"
    if response.is_redirect:
        location = one_line(response.headers["Location"].partition("?")[0], _MOST_CHARACTERS)
        return f"{status}: redirects to {location}, which is not followed"
    try:
        body = msgspec.json.decode(response.content, type=known(_ErrorBody))
    except UNREADABLE:
        body = _ErrorBody()
    words = f"{status} {response.reason or ''}"
    said = (body.errors[0].title, body.errors[0].detail) if body.errors else (body.error, body.error_description)
    if said_words := ": ".join(part.strip() for part in said if part.strip()):
        words = f"{status}: {said_words}"
    return one_line(words.strip(), _MOST_CHARACTERS)


def unexpected_body(response: requests.Response, error: Exception) -> str:
    """Says what kind of body an unreadable answer has, and where it differs from what is promised."""
    content_type = one_line(response.headers.get("Content-Type", "no content type"), _MOST_CHARACTERS)
    why = one_line(why_unreadable(error), _MOST_CHARACTERS)
    return f"unexpected body ({content_type}): {why}"


def plain_cause(error: requests.RequestException) -> str:
    """The innermost error's words, which requests and urllib3 wrap in the names of their own objects."""
    if isinstance(error, OverdueError):
        return str(error)
    if isinstance(error, requests.ConnectTimeout):
        return f"no connection within {patience().connect_seconds:.0f} s"
    if isinstance(error, requests.Timeout):
        return f"no answer within {patience().read_seconds:.0f} s"
    innermost: BaseException = error
    while (cause := innermost.__cause__ or innermost.__context__) is not None:
        innermost = cause
    if isinstance(error, UnsendableError | ValueError) and not isinstance(innermost, OSError):
        # The error's own words would quote a proxy's address with its password.
        return f"it cannot be asked ({type(innermost).__name__}): check its address, and the proxy's in HTTPS_PROXY"
    return one_line(str(innermost) or type(innermost).__name__, _MOST_CHARACTERS)

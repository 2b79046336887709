"""What GitHub's refusals mean, each as one line with the remedy."""

from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
import requests

from fleet.errors import RemoteError
from fleet.known_types import known
from fleet.printable import one_line
from fleet.unreadable import UNREADABLE

SYSTEM = "github"
AGAIN = "run the same command again"
_MOST_CHARACTERS = 300
_REDIRECTS, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _GONE = 300, 401, 403, 404, 410
_UNPROCESSABLE, _TOO_MANY, _SERVER_ERRORS = 422, 429, 500
_LIMITS = ("rate limit", "abuse detection", "too many requests")


class GitHubError(RemoteError):
    """GitHub could not be asked, or refused us. The message is for people, and names the remedy."""

    def __init__(self, call: str, message: str) -> None:
        super().__init__(SYSTEM, call, message)
        self.args = (self.cause,)


class UnclearError(GitHubError):
    """A change may have been made or not."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a request was about."""

    repository: str
    number: int | None = None
    """None for the list of issues."""

    @property
    def in_words(self) -> str:
        return self.repository if self.number is None else f"issue #{self.number} in {self.repository}"


class _Body(msgspec.Struct):
    message: str = ""
    errors: object = None


def refusal(response: requests.Response, call: str, target: Target) -> GitHubError:
    """For any status but success."""
    status, said = response.status_code, _said(response)
    if _is_limit(response, said.message):
        return GitHubError(call, f"GitHub's limit of requests is reached: {AGAIN} {_when(response)}")
    quoted = f" (HTTP {status}: {_in_words(said)})" if _in_words(said) else f" (HTTP {status})"
    if _REDIRECTS <= status < 400:  # noqa: PLR2004 — HTTP's own number
        return GitHubError(call, _moved(response, target))
    if status == _FORBIDDEN:
        return GitHubError(call, _forbidden(response.content, said.message, quoted, target))
    if status == _GONE:
        return GitHubError(call, _gone(said.message, quoted, target))
    if status >= _SERVER_ERRORS:
        return UnclearError(call, f"GitHub failed{quoted}: {AGAIN}")
    remedies = {
        _UNAUTHORIZED: f"GITHUB_TOKEN is not accepted{quoted}: it may be mistyped, expired or revoked; set a valid one",
        _NOT_FOUND: _not_found(quoted, target),
        _UNPROCESSABLE: _unprocessable(said, quoted, target),
    }
    return GitHubError(call, remedies.get(status, f"GitHub refuses{quoted}: check GITHUB_API_URL"))


def _is_limit(response: requests.Response, message: str) -> bool:
    """A 403 is one where its headers or its message say so; else a right is missing."""
    if response.status_code == _TOO_MANY:
        return True
    if response.status_code != _FORBIDDEN:
        return False
    words = message.lower()
    if any(sign in words for sign in _LIMITS) or "retry-after" in response.headers:
        return True
    return response.headers.get("x-ratelimit-remaining", "").strip() == "0" and "not accessible" not in words


def _when(response: requests.Response) -> str:
    seconds = response.headers.get("retry-after", "").strip()
    if seconds.isascii() and seconds.isdigit() and len(seconds) < 6:  # noqa: PLR2004 — a day has 86,400
        return f"in {seconds} s"
    reset = response.headers.get("x-ratelimit-reset", "").strip()
    is_used_up = response.headers.get("x-ratelimit-remaining", "").strip() == "0"
    if is_used_up and reset.isascii() and reset.isdigit() and len(reset) < 11:  # noqa: PLR2004 — this century and the next
        return f"after {datetime.fromtimestamp(int(reset), UTC):%H:%M on %-d %B %Y} UTC"
    return "in a few minutes"


def _moved(response: requests.Response, target: Target) -> str:
    location = one_line(response.headers.get("Location", "").partition("?")[0], _MOST_CHARACTERS)
    where = f" to {location}" if location else ""
    if target.number is not None:
        return (
            f"{target.in_words} was moved{where}, which is not followed: set GITHUB_REPOSITORY to the repository's new"
            " name, or give the number of another issue with --issue"
        )
    return (
        f"{target.repository} was renamed or transferred{where}, which is not followed: set GITHUB_REPOSITORY to its"
        " new name"
    )


def _forbidden(content: bytes, message: str, quoted: str, target: Target) -> str:
    words = message.lower()
    if "archived" in words:
        return f"{target.repository} is archived and cannot be written{quoted}: choose another GITHUB_REPOSITORY"
    if "lock" in words and "block" not in words:
        return f"{target.in_words} is locked{quoted}: unlock it, or give another one's number with --issue"
    if "saml" in words or "sso" in words.split():
        return f"GITHUB_TOKEN is not authorised for the organisation's single sign-on{quoted}: authorise it there"
    if not message and content.lstrip().startswith(b"<"):
        return f"something in front of GitHub refuses{quoted}: check GITHUB_API_URL, and the proxy in HTTPS_PROXY"
    if "ip address" in words or "ip allow list" in words:
        return f"GitHub does not let this machine in{quoted}: ask the organisation's owners"
    return f"GITHUB_TOKEN may not write issues in {target.repository}: give it the repository permission Issues (write)"


def _not_found(quoted: str, target: Target) -> str:
    if target.number is not None:
        return (
            f"{target.in_words} is not there, or GITHUB_TOKEN may not see it{quoted}: check GITHUB_REPOSITORY and the"
            " token's repositories, or give another issue's number with --issue"
        )
    return (
        f"{target.repository} is not there, or GITHUB_TOKEN may not see it{quoted}: check GITHUB_REPOSITORY, and give"
        " the token access to that repository"
    )


def _gone(message: str, quoted: str, target: Target) -> str:
    is_off = "disabled" in message.lower() or "turned off" in message.lower()
    if target.number is not None and not is_off:
        return f"{target.in_words} was deleted{quoted}: give another one's number with --issue"
    return (
        f"issues are turned off in {target.repository}{quoted}: turn them on in its settings, or choose another"
        " GITHUB_REPOSITORY"
    )


def _unprocessable(said: _Body, quoted: str, target: Target) -> str:
    if "too long" in _in_words(said).lower():
        return f"the text of {target.in_words} is too long{quoted}: shorten what people wrote there"
    return f"GitHub does not take the text of {target.in_words}{quoted}: report this as a fault of this program"


def _said(response: requests.Response) -> _Body:
    try:
        return msgspec.json.decode(response.content, type=known(_Body))
    except UNREADABLE:
        return _Body()


def _in_words(said: _Body) -> str:
    """GitHub's message and, where it names them, what is wrong with which field."""
    errors = said.errors if isinstance(said.errors, list) else []
    details = []
    for error in errors:
        if isinstance(error, dict):
            parts = [error.get(name) for name in ("field", "code", "message")]
            details.append(" ".join(str(part) for part in parts if part))
        else:
            details.append(str(error))
    return one_line(": ".join(filter(None, [said.message, "; ".join(details)])), _MOST_CHARACTERS)

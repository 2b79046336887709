"""GitHub's issues of one repository, over REST. Follows no redirect, and asks for a change once."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
import requests
from requests.auth import AuthBase

from fleet import __version__
from fleet.errors import ConfigurationError
from fleet.http_session import GuardedSession, time_limits
from fleet.known_types import known
from fleet.patience import patience, pause
from fleet.printable import one_line
from fleet.remote_words import plain_cause, unexpected_body
from fleet.unreadable import UNREADABLE
from notifier.announce.github_answers import AGAIN, GitHubError, Target, UnclearError, refusal

DEFAULT_API_URL = "https://api.github.com"
_REPOSITORY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,99}/(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,100}")
_TOKEN = re.compile(r"[!-~]{1,1000}")
_NEXT = re.compile(r'<([^<>]*)>\s*;[^<]*\brel\s*=\s*"?[^",<]*\bnext\b', re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[!-~]{1,500}")
_PER_PAGE, _MOST_PAGES = "100", 1000
_ATTEMPTS_TO_READ = 3
_LEAST_SECONDS = 0.1
_OK, _CREATED = 200, 201

Promised = TypeVar("Promised")


@dataclass(frozen=True)
class GitHubSettings:
    token: str = field(repr=False)
    repository: str
    """Such as `team/platform`."""
    api_url: str = DEFAULT_API_URL

    def __post_init__(self) -> None:
        """Raises ConfigurationError for values that GitHub would refuse in any case."""
        if not _TOKEN.fullmatch(self.token):
            raise ConfigurationError("GITHUB_TOKEN: no token has spaces or other than ASCII; its value is not shown")
        if not _REPOSITORY.fullmatch(self.repository):
            shown = f" '{one_line(self.repository, 200)}'" if "/" in self.repository else ""
            raise ConfigurationError(f"GITHUB_REPOSITORY{shown}: write it as OWNER/NAME, such as team/platform")

    def issue_url(self, number: int) -> str:
        """Where people read it, where GitHub does not say."""
        site = self.api_url.removesuffix("/api/v3")
        site = "https://github.com" if site == DEFAULT_API_URL else site
        return f"{site}/{self.repository}/issues/{number}"


class Issue(msgspec.Struct, frozen=True):
    """As GitHub has it, as far as it concerns us."""

    number: int
    body: str | None
    """None where it is empty. An answer without one is refused: what people wrote would be overwritten."""
    html_url: object = None
    state: str = "open"
    pull_request: object = None

    @property
    def is_issue(self) -> bool:
        """Pull requests are in the list of issues, and have numbers of the same row."""
        return self.pull_request is None

    @property
    def url(self) -> str | None:
        """Where people read it; None where GitHub says no address that could be shown as it is."""
        text = self.html_url
        return text if isinstance(text, str) and _ADDRESS.fullmatch(text) else None


class Created(msgspec.Struct, frozen=True):
    """What has to be known of an issue that was just made."""

    number: int


class _Permissions(msgspec.Struct, frozen=True):
    push: bool = False


class Repository(msgspec.Struct, frozen=True):
    """As GitHub has it, as far as it matters to whoever writes issues."""

    full_name: str
    has_issues: bool = True
    archived: bool = False
    permissions: _Permissions | None = None
    """The role of the token's owner."""

    @property
    def may_push(self) -> bool | None:
        """None if GitHub does not say."""
        return None if self.permissions is None else self.permissions.push


class GitHub:
    """Each method raises GitHubError; one that changes something raises UnclearError where it may have or not."""

    def __init__(self, settings: GitHubSettings, pause: Callable[[float], None] = pause) -> None:
        self.settings = settings
        self.pause = pause
        self._ends_at = 0.0
        self._issues = f"{settings.api_url}/repos/{settings.repository}/issues"
        self._session = GuardedSession()
        self._session.headers.update(
            {
                "Accept": "application/vnd.github+json",
                "X-GitHub-Api-Version": "2022-11-28",
                "User-Agent": f"elasticache-update-notifier/{__version__}",
            }
        )

    def repository(self) -> Repository:
        url = f"{self.settings.api_url}/repos/{self.settings.repository}"
        return _decoded(self._read(url, Target(self.settings.repository)), Repository, "GET repository")

    def issue(self, number: int) -> Issue:
        response = self._read(f"{self._issues}/{number}", Target(self.settings.repository, number))
        return _decoded(response, Issue, f"GET issue #{number}")

    def issues(self) -> Iterator[Issue]:
        """Every one, open and closed, the newest first, from all pages."""
        query = f"state=all&sort=created&direction=desc&per_page={_PER_PAGE}"
        asked: set[str] = set()
        while query:
            if query in asked:
                raise GitHubError(
                    "GET issues", f"the list of issues of {self.settings.repository} goes round in a circle; {AGAIN}"
                )
            if len(asked) == _MOST_PAGES:
                raise GitHubError(
                    "GET issues", f"{self.settings.repository} has more than {_MOST_PAGES} pages of issues"
                )
            asked.add(query)
            response = self._read(f"{self._issues}?{query}", Target(self.settings.repository))
            yield from (issue for issue in _decoded(response, list[Issue], "GET issues") if issue.is_issue)
            query = _next_query(response.headers.get("Link", ""))

    def create(self, title: str, body: str) -> Created:
        target = Target(self.settings.repository)
        response = self._change("POST", self._issues, {"title": title, "body": body}, target, _CREATED)
        try:
            return _decoded(response, Created, "POST issues")
        except GitHubError as error:
            raise UnclearError("POST issues", str(error)) from error

    def write(self, number: int, body: str) -> None:
        """Changes its text only: title, state and labels are people's."""
        target = Target(self.settings.repository, number)
        self._change("PATCH", f"{self._issues}/{number}", {"body": body}, target, _OK)

    def close(self, number: int, body: str) -> None:
        """One of our own that is not needed."""
        document = {"body": body, "state": "closed", "state_reason": "not_planned"}
        target = Target(self.settings.repository, number)
        self._change("PATCH", f"{self._issues}/{number}", document, target, _OK)

    def _read(self, url: str, target: Target) -> requests.Response:
        """An attempt that failed on GitHub's side, or on the way, is made again, while there is time."""
        self._ends_at = time.monotonic() + patience().call_seconds
        for attempt in range(1, _ATTEMPTS_TO_READ):
            try:
                return self._answered("GET", url, None, target, _OK)
            except UnclearError:
                if time.monotonic() + attempt >= self._ends_at:
                    raise
                self.pause(float(attempt))
        return self._answered("GET", url, None, target, _OK)

    def _change(self, method: str, url: str, document: object, target: Target, success: int) -> requests.Response:
        self._ends_at = time.monotonic() + patience().call_seconds
        return self._answered(method, url, msgspec.json.encode(document), target, success)

    def _answered(
        self, method: str, url: str, content: bytes | None, target: Target, success: int
    ) -> requests.Response:
        call = f"{method} {url.partition('?')[0]}"
        try:
            response = self._session.request(
                method,
                url,
                data=content,
                headers={"Content-Type": "application/json"} if content is not None else None,
                auth=_Bearer(self.settings.token),
                timeout=time_limits(max(_LEAST_SECONDS, self._ends_at - time.monotonic())),
            )
        except requests.Timeout as error:
            kind = GitHubError if method == "GET" else UnclearError  # another attempt would take as long
            raise kind(call, f"GitHub does not answer: {plain_cause(error)}; {AGAIN}") from error
        except requests.RequestException as error:
            raise UnclearError(call, f"GitHub could not be asked: {plain_cause(error)}; {AGAIN}") from error
        if response.status_code == success:
            return response
        if 200 <= response.status_code < 300:  # noqa: PLR2004 — other successes, which are not documented
            raise UnclearError(call, f"HTTP {response.status_code} instead of {success}: check GITHUB_API_URL")
        raise refusal(response, call, target)


@dataclass(frozen=True, slots=True)
class _Bearer(AuthBase):
    token: str = field(repr=False)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


def _decoded(response: requests.Response, promised: type[Promised], call: str) -> Promised:
    try:
        return msgspec.json.decode(response.content, type=known(promised))
    except UNREADABLE as error:
        raise GitHubError(call, f"{unexpected_body(response, error)}; check GITHUB_API_URL") from error


def _next_query(link: str) -> str:
    """Only the query of the link is used, so that the token goes nowhere else; empty where there is no next page."""
    match = _NEXT.search(link)
    return urlsplit(match[1]).query if match else ""

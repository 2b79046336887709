"""GitHub's REST API as far as it is about the issues of one repository; the issues, for people, on the same port."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qsl
from uuid import uuid4

from sandbox.credentials import GITHUB_LOGIN, GITHUB_TOKEN
from sandbox.github import errors, people, rendering
from sandbox.github.errors import RefusalError, not_found
from sandbox.github.fields import check_new, fields_of
from sandbox.github.limits import Limits, Settings
from sandbox.github.listing import listed, page_of
from sandbox.github.tracker import REPOSITORY_ID, Tracker
from sandbox.wire import Reply, Request, json_reply

API = frozenset({"repos", "repositories", "user"})
READING_METHODS = frozenset({"GET", "HEAD"})


class GitHub:
    """`tracker` is what is true. `clock` is the platform's, `machine` the one that askers go by, in epoch seconds."""

    name = "github"

    def __init__(self, clock: Callable[[], float], machine: Callable[[], float]) -> None:
        self.settings = Settings()
        self.redirect_status = 301
        self.tracker = Tracker(clock)
        self.limits = Limits()
        self._machine = machine

    def change(self, **settings: object) -> None:
        """As in `change(requests_per_hour=10, limit_status=429)`."""
        self.settings = replace(self.settings, **settings)  # type: ignore[arg-type]  # as the fields' own types

    def call(self, request: Request) -> str:
        """Like 'POST issues', 'PATCH issues/{number}', 'GET repository', 'GET user'."""
        match _segments(request):
            case ["user"]:
                return f"{request.method} user"
            case ["repos", _, _, *rest] | ["repositories", _, *rest]:
                named = ["{number}" if part.isdigit() else part for part in rest]
                return f"{request.method} {'/'.join(named) or 'repository'}"
        return f"{request.method} {request.path}"

    def answer(self, request: Request) -> Reply:
        segments = _segments(request)
        if segments[0] not in API:
            return people.answer(self.tracker, request)
        if not request.headers.get("user-agent"):
            return errors.without_user_agent()
        try:
            reply = self._answer(request, segments)
        except RefusalError as refusal:
            reply = refusal.reply
        usual = {**self.limits.headers(self.settings), "X-GitHub-Request-Id": uuid4().hex.upper()[:20]}
        return replace(reply, headers={**usual, **reply.headers})

    def throttled(self, retry_after: str) -> Reply:
        return errors.over_secondary_limit(self.settings.limit_status, retry_after).reply

    def failed(self, status: int) -> Reply:
        return errors.failed(status)

    def unauthorized(self) -> Reply:
        return errors.bad_credentials().reply

    def _answer(self, request: Request, segments: list[str]) -> Reply:
        _authenticate(request)
        is_write = request.method not in READING_METHODS
        self.limits.take(self.settings, self._machine(), is_write=is_write)
        if segments == ["user"] and request.method == "GET":
            return json_reply(rendering.user(GITHUB_LOGIN, request.origin))
        repository = self.tracker.repository
        match segments:
            case ["repos", owner, name, *rest]:
                full_name = f"{owner}/{name}".lower()
            case ["repositories", number, *rest] if number == str(REPOSITORY_ID):
                full_name = repository.full_name.lower()
            case _:
                raise not_found()
        if repository.rights == "none":
            raise not_found()
        if full_name in {former.lower() for former in repository.former_names}:
            url = "/".join([request.origin, "repositories", str(REPOSITORY_ID), *rest])
            return errors.moved(self.redirect_status, f"{url}?{request.query}" if request.query else url)
        if full_name != repository.full_name.lower():
            raise not_found()
        if rest == [] and request.method == "GET":
            return json_reply(rendering.repository(repository, request.origin))
        if rest[:1] != ["issues"]:
            raise not_found()
        self._check_rights(is_write=is_write)
        return self._issues(request, rest[1:])

    def _check_rights(self, *, is_write: bool) -> None:
        repository = self.tracker.repository
        if is_write and repository.rights == "read":
            raise errors.not_accessible()
        if is_write and repository.is_archived:
            raise errors.archived()
        if not repository.has_issues:
            raise errors.issues_disabled()

    def _issues(self, request: Request, rest: list[str]) -> Reply:
        tracker = self.tracker
        match request.method, rest:
            case "GET", []:
                asked = dict(parse_qsl(request.query))
                url = f"{request.origin}/repositories/{REPOSITORY_ID}/issues"
                page, links = page_of(listed(tracker.issues.values(), asked), asked, url)
                documents = [rendering.issue(issue, tracker.repository, request.origin) for issue in page]
                return json_reply(documents, headers=links)
            case "POST", []:
                given = fields_of(request.body)
                check_new(given)
                return self._created(request, given)
            case method, [number] if number.isdigit() and method in {"GET", "PATCH"}:
                return self._issue(request, int(number))
        raise not_found()

    def _created(self, request: Request, given: dict[str, object]) -> Reply:
        """An issue is open when it is new, whatever is asked for."""
        body = given.get("body")
        details = {name: given[name] for name in self._kept({"labels", "assignees"}) if name in given}
        issue = self.tracker.create(str(given["title"]), None if body is None else str(body), GITHUB_LOGIN, **details)
        document = rendering.issue(issue, self.tracker.repository, request.origin)
        return json_reply(document, 201, headers={"Location": str(document["url"])})

    def _issue(self, request: Request, number: int) -> Reply:
        tracker = self.tracker
        if number in tracker.deleted:
            raise errors.issue_deleted()
        if number in tracker.transferred:
            return errors.moved(self.redirect_status, f"{request.origin}{tracker.transferred[number]}")
        if number not in tracker.issues:
            raise not_found()
        issue = tracker.issues[number]
        if request.method == "PATCH":
            if issue.is_locked and tracker.repository.rights != "push":
                raise errors.issue_locked()
            given = fields_of(request.body)
            kept = {"title", "body", "state", "state_reason", *self._kept({"labels", "assignees"})}
            issue = tracker.update(number, {name: value for name, value in given.items() if name in kept})
        return json_reply(rendering.issue(issue, tracker.repository, request.origin))

    def _kept(self, names: set[str]) -> set[str]:
        """What only those can set who may push; of others it is dropped without a word."""
        return names if self.tracker.repository.rights == "push" else set()


def _segments(request: Request) -> list[str]:
    """Paths are the same on an Enterprise Server, behind /api/v3."""
    return request.path.removeprefix("/api/v3").strip("/").split("/")


def _authenticate(request: Request) -> None:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if not token:
        raise errors.unauthenticated()
    if kind.lower() not in {"bearer", "token"} or token.strip() != GITHUB_TOKEN:
        raise errors.bad_credentials()

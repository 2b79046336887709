"""One repository's issues, pull requests among them, everything that was written into them, and who was mailed."""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from sandbox.credentials import GITHUB_LOGIN, GITHUB_REPOSITORY
from sandbox.world import UnknownError, known

REPOSITORY_ID = 1296269
WATCHERS = "the repository's watchers"
PEOPLE = "somebody-else"
_MENTION = re.compile(r"(?<![\w/`])@([A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)")


@dataclass(frozen=True)
class Version:
    """What an issue was like after somebody had written it. `by` is a login."""

    by: str
    at: datetime
    title: str
    body: str | None
    state: str


@dataclass(frozen=True)
class Issue:
    number: int
    author: str
    title: str
    body: str | None
    created_at: datetime
    updated_at: datetime
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    state: str = "open"
    state_reason: str | None = None
    closed_at: datetime | None = None
    is_pull_request: bool = False
    is_locked: bool = False
    versions: tuple[Version, ...] = ()

    def written(self, by: str) -> "Issue":
        version = Version(by, self.updated_at, self.title, self.body, self.state)
        return replace(self, versions=(*self.versions, version))


@dataclass(frozen=True)
class Notice:
    """A mail that GitHub would have sent: to the watchers of a new issue, or to somebody who is newly mentioned."""

    to: str
    number: int
    by: str
    at: datetime


@dataclass(frozen=True)
class Repository:
    """`rights` are the token's, one of RIGHTS. `former_names` still lead to it."""

    full_name: str = GITHUB_REPOSITORY
    is_private: bool = True
    is_archived: bool = False
    has_issues: bool = True
    rights: str = "push"
    former_names: tuple[str, ...] = field(default=())


RIGHTS = {
    "push": "everything",
    "issues": "write issues, but labels and assignees are dropped silently",
    "read": "read: writing is refused with 403",
    "none": "nothing: 404, as if there were no such repository",
}


class Tracker:
    """`clock` answers seconds since the epoch."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.lock = threading.RLock()
        self.repository = Repository()
        self.issues: dict[int, Issue] = {}
        self.deleted: set[int] = set()
        self.transferred: dict[int, str] = {}
        self.notices: list[Notice] = []
        self._clock = clock
        self._fill()

    def change(self, **changes: object) -> None:
        """As in `change(rights="issues", has_issues=False)`; another `full_name` renames the repository."""
        with self.lock:
            changed = replace(self.repository, **changes)  # type: ignore[arg-type]  # as the fields' own types
            if changed.rights not in RIGHTS:
                raise UnknownError(f"no rights '{changed.rights}'; there are {', '.join(RIGHTS)}")
            if changed.full_name != self.repository.full_name:
                former = (*self.repository.former_names, self.repository.full_name)
                changed = replace(changed, former_names=tuple(name for name in former if name != changed.full_name))
            self.repository = changed

    def create(self, title: str, body: str | None, by: str, **details: object) -> Issue:
        """`details` are other fields of `Issue`."""
        with self.lock:
            now = self._now()
            number = max([0, *self.issues, *self.deleted, *self.transferred]) + 1
            issue = Issue(number, by, title, body, now, now, **details)  # type: ignore[arg-type]  # as above
            self.issues[number] = issue.written(by)
            self.notices.append(Notice(WATCHERS, number, by, now))
            self._tell_mentioned(number, by, None, body)
            return self.issues[number]

    def update(self, number: int, changes: Mapping[str, object], by: str = GITHUB_LOGIN) -> Issue:
        """`changes` are fields of `Issue`; closing it and opening it again follow from its state."""
        with self.lock:
            before, now = known(self.issues, number, "issue"), self._now()
            issue = replace(before, updated_at=now, **changes)  # type: ignore[arg-type]  # as above
            if issue.state != before.state:
                is_closed = issue.state == "closed"
                reason = changes.get("state_reason") or ("completed" if is_closed else "reopened")
                issue = replace(issue, closed_at=now if is_closed else None, state_reason=str(reason))
            self.issues[number] = issue.written(by)
            self._tell_mentioned(number, by, before.body, issue.body)
            return self.issues[number]

    def delete(self, number: int) -> None:
        with self.lock:
            known(self.issues, number, "issue")
            del self.issues[number]
            self.deleted.add(number)

    def transfer(self, number: int, path: str) -> None:
        """It is an issue of another repository from now on, at this path of the API, and the old number leads there."""
        with self.lock:
            known(self.issues, number, "issue")
            del self.issues[number]
            self.transferred[number] = path

    def _tell_mentioned(self, number: int, by: str, before: str | None, after: str | None) -> None:
        for login in sorted(_mentioned(after) - _mentioned(before)):
            self.notices.append(Notice(f"@{login}", number, by, self._now()))

    def _fill(self) -> None:
        """What people have left there over the years: issues, pull requests, some of them closed."""
        for number in range(1, 7):
            moment = self._now() - timedelta(days=70 - 10 * number)
            issue = Issue(number, PEOPLE, f"Something of long ago, {number}", "Nothing of ours.", moment, moment)
            if number % 3 == 0:
                issue = replace(issue, is_pull_request=True)
            if number % 2 == 0:
                issue = replace(issue, state="closed", state_reason="completed", closed_at=moment)
            self.issues[number] = issue.written(PEOPLE)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(int(self._clock()), UTC)


def _mentioned(body: str | None) -> set[str]:
    return {login.lower() for login in _MENTION.findall(body or "")}

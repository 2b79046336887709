"""GitHub: the repository, its limits, and what people write into its issues."""

from dataclasses import asdict, dataclass
from typing import Annotated

import msgspec

from sandbox.control.asked import body, choices, given, segments
from sandbox.github.api import GitHub
from sandbox.github.tracker import PEOPLE, RIGHTS
from sandbox.wire import Reply, Request, json_reply

Unset = msgspec.UnsetType
Count = Annotated[int, msgspec.Meta(ge=0)]


class GitHubChanges(msgspec.Struct, forbid_unknown_fields=True):
    requests_per_hour: Count | Unset = msgspec.UNSET
    points_per_minute: Count | Unset = msgspec.UNSET
    writes_per_minute: Count | Unset = msgspec.UNSET
    writes_per_hour: Count | Unset = msgspec.UNSET
    limit_status: int | Unset = msgspec.UNSET
    tells_when: bool | Unset = msgspec.UNSET


class RepositoryChanges(msgspec.Struct, forbid_unknown_fields=True):
    full_name: str | Unset = msgspec.UNSET
    is_private: bool | Unset = msgspec.UNSET
    is_archived: bool | Unset = msgspec.UNSET
    has_issues: bool | Unset = msgspec.UNSET
    rights: str | Unset = msgspec.UNSET


class Redirect(msgspec.Struct, forbid_unknown_fields=True):
    status: int


class NewIssue(msgspec.Struct, forbid_unknown_fields=True):
    title: str
    body: str | None = None
    is_pull_request: bool = False
    count: Annotated[int, msgspec.Meta(ge=1)] = 1


class Edit(msgspec.Struct, forbid_unknown_fields=True):
    title: str | Unset = msgspec.UNSET
    body: str | Unset | None = msgspec.UNSET
    state: str | Unset = msgspec.UNSET
    is_locked: bool | Unset = msgspec.UNSET


class Transfer(msgspec.Struct, forbid_unknown_fields=True):
    path: str


@dataclass(frozen=True)
class GitHubPart:
    HELP = f"""
    GET    /github                     the repository, its issues with all that was ever written into them, and mails
                                       that GitHub would have sent; limits and settings
    PATCH  /github                     {{"requests_per_hour": 5000, "points_per_minute": 900, "writes_per_minute": 80,
                                       "writes_per_hour": 500}}: limits; {{"limit_status": 429, "tells_when": false}}:
                                       over one; usually 403, and Retry-After from the secondary ones
    PATCH  /github/repository          {{"full_name": "new/name"}}: the old name leads there
                                       {{"has_issues": false, "is_archived": true, "is_private": false}}
                                       {{"rights": ...}}, what the token may:
{choices(RIGHTS)}
    PUT    /github/redirect            {{"status": 308}}: what an old name is answered with, 301 unless changed
    POST   /github/issues              {{"title": ..., "body": ..., "is_pull_request": true, "count": 150}}: somebody
                                       else's
    PATCH  /github/issues/NUMBER       {{"title": ..., "body": ..., "state": "closed", "is_locked": true}}: somebody
                                       edits it; only who may push can change what is locked
    PUT    /github/issues/NUMBER/transfer {{"path": "/repositories/2/issues/3"}}: it is in another repository now
    DELETE /github/issues/NUMBER       somebody deletes it
    DELETE /github/notices             forget the mails that would have been sent
    DELETE /github/usage               nobody has asked for anything yet
                                       People read the issues at GITHUB_API_URL, in a browser
"""

    github: GitHub

    def answer(self, request: Request) -> Reply | None:
        return self._issues(request) or self._settings(request)

    def _settings(self, request: Request) -> Reply | None:
        github = self.github
        match request.method, segments(request):
            case "GET", ["github"]:
                return json_reply(self._state())
            case "PATCH", ["github"]:
                github.change(**given(request, GitHubChanges))
                return json_reply(github.settings)
            case "PATCH", ["github", "repository"]:
                github.tracker.change(**given(request, RepositoryChanges))
                return json_reply(github.tracker.repository)
            case "PUT", ["github", "redirect"]:
                github.redirect_status = body(request, Redirect).status
                return json_reply({})
            case "DELETE", ["github", "usage"]:
                github.limits.forget()
                return json_reply({})
        return None

    def _issues(self, request: Request) -> Reply | None:
        tracker = self.github.tracker
        match request.method, segments(request):
            case "POST", ["github", "issues"]:
                new = body(request, NewIssue)
                made = [
                    tracker.create(new.title, new.body, PEOPLE, is_pull_request=new.is_pull_request)
                    for _ in range(new.count)
                ]
                return json_reply({"numbers": [issue.number for issue in made]}, 201)
            case "PATCH", ["github", "issues", number] if number.isdigit():
                return json_reply(tracker.update(int(number), given(request, Edit), PEOPLE))
            case "PUT", ["github", "issues", number, "transfer"] if number.isdigit():
                tracker.transfer(int(number), body(request, Transfer).path)
                return json_reply({})
            case "DELETE", ["github", "issues", number] if number.isdigit():
                tracker.delete(int(number))
                return json_reply({})
            case "DELETE", ["github", "notices"]:
                tracker.notices.clear()
                return json_reply({})
        return None

    def _state(self) -> dict[str, object]:
        tracker = self.github.tracker
        return {
            "settings": asdict(self.github.settings),
            "repository": tracker.repository,
            "issues": list(tracker.issues.values()),
            "deleted": sorted(tracker.deleted),
            "notices": tracker.notices,
        }

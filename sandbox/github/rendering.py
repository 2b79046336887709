"""How GitHub writes down a repository, an issue and whose they are."""

from datetime import datetime

from sandbox.credentials import GITHUB_LOGIN
from sandbox.github.tracker import REPOSITORY_ID, Issue, Repository

Json = dict[str, object]


def user(login: str, origin: str) -> Json:
    return {
        "login": login,
        "id": 1 if login == GITHUB_LOGIN else 2,
        "node_id": "MDQ6VXNlcjE=",
        "url": f"{origin}/users/{login}",
        "html_url": f"{origin}/{login}",
        "type": "User",
        "site_admin": False,
    }


def repository(repository: Repository, origin: str) -> Json:
    owner, _, name = repository.full_name.partition("/")
    can_push = repository.rights == "push"
    return {
        "id": REPOSITORY_ID,
        "node_id": "MDEwOlJlcG9zaXRvcnkxMjk2MjY5",
        "name": name,
        "full_name": repository.full_name,
        "private": repository.is_private,
        "visibility": "private" if repository.is_private else "public",
        "owner": user(owner, origin),
        "html_url": f"{origin}/{repository.full_name}",
        "url": f"{origin}/repos/{repository.full_name}",
        "issues_url": f"{origin}/repos/{repository.full_name}/issues{{/number}}",
        "has_issues": repository.has_issues,
        "archived": repository.is_archived,
        "disabled": False,
        "default_branch": "main",
        "permissions": {"admin": False, "maintain": False, "push": can_push, "triage": can_push, "pull": True},
    }


def issue(issue: Issue, repository: Repository, origin: str) -> Json:
    api = f"{origin}/repos/{repository.full_name}"
    site = f"{origin}/{repository.full_name}/{'pull' if issue.is_pull_request else 'issues'}/{issue.number}"
    assignees = [user(login, origin) for login in issue.assignees]
    document: Json = {
        "url": f"{api}/issues/{issue.number}",
        "repository_url": api,
        "labels_url": f"{api}/issues/{issue.number}/labels{{/name}}",
        "comments_url": f"{api}/issues/{issue.number}/comments",
        "events_url": f"{api}/issues/{issue.number}/events",
        "html_url": site,
        "id": 1_000_000 + issue.number,
        "node_id": f"I_{issue.number}",
        "number": issue.number,
        "title": issue.title,
        "user": user(issue.author, origin),
        "labels": [_label(name, number, api) for number, name in enumerate(issue.labels, 1)],
        "state": issue.state,
        "state_reason": issue.state_reason,
        "locked": issue.is_locked,
        "assignee": assignees[0] if assignees else None,
        "assignees": assignees,
        "milestone": None,
        "comments": 0,
        "created_at": _time(issue.created_at),
        "updated_at": _time(issue.updated_at),
        "closed_at": _time(issue.closed_at),
        "author_association": "MEMBER",
        "active_lock_reason": None,
        "body": issue.body,
    }
    if issue.is_pull_request:
        document["pull_request"] = {"url": f"{api}/pulls/{issue.number}", "html_url": site, "merged_at": None}
    return document


def _label(name: str, number: int, api: str) -> Json:
    return {"id": number, "url": f"{api}/labels/{name}", "name": name, "color": "ededed", "default": False}


def _time(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None

"""GitHub's issues over REST, as an unmodified HTTP client sees them."""

from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any

import pytest
import requests

from sandbox import Sandbox
from sandbox.credentials import GITHUB_LOGIN, GITHUB_TOKEN

Start = Callable[..., Sandbox]
Ask = Callable[..., requests.Response]
REPOSITORY = "/repos/sandbox/platform"


def client(sandbox: Sandbox) -> Ask:
    """Asks with the token, unless it is told to send other headers."""

    def asked(method: str, path: str, body: object = None, **more: Any) -> requests.Response:  # noqa: ANN401 — of requests
        url = path if path.startswith("http") else sandbox.environment["GITHUB_API_URL"] + path
        headers = {"Authorization": f"Bearer {GITHUB_TOKEN}", "Accept": "application/vnd.github+json"}
        return requests.request(
            method, url, **{"headers": headers, "json": body, "timeout": 5, "allow_redirects": False, **more}
        )

    return asked


@pytest.fixture
def mine(start: Start) -> Sandbox:
    return start(instances=1)


@pytest.fixture
def ask(mine: Sandbox) -> Ask:
    return client(mine)


def test_an_issue_is_created_read_and_changed(ask: Ask) -> None:
    """Its number is the next; the body is replaced as a whole; closing it says when and why."""
    created = ask("POST", f"{REPOSITORY}/issues", {"title": "Window", "body": "text", "labels": ["redis"]})
    issue = created.json()
    assert (created.status_code, issue["number"], issue["state"], issue["user"]["login"]) == (
        201,
        7,
        "open",
        GITHUB_LOGIN,
    )
    assert created.headers["Location"] == issue["url"]
    assert [label["name"] for label in issue["labels"]] == ["redis"]
    assert ask("GET", issue["url"]).json() == issue
    closed = ask("PATCH", f"{REPOSITORY}/issues/7", {"body": "new", "state": "closed", "state_reason": "not_planned"})
    changed = closed.json()
    assert (changed["title"], changed["body"], changed["state"]) == ("Window", "new", "closed")
    assert (changed["state_reason"], bool(changed["closed_at"])) == ("not_planned", True)
    assert ask("PATCH", f"{REPOSITORY}/issues/7", {"state": "open"}).json()["closed_at"] is None


def test_the_list_has_pull_requests_too(ask: Ask) -> None:
    """As GitHub's has: they are told by a key. Open ones first come, newest first, unless something else is asked."""
    issues = ask("GET", f"{REPOSITORY}/issues", params={"state": "all"}).json()
    assert [issue["number"] for issue in issues] == [6, 5, 4, 3, 2, 1]
    assert [issue["number"] for issue in issues if "pull_request" in issue] == [6, 3]
    assert [i["number"] for i in ask("GET", f"{REPOSITORY}/issues").json()] == [5, 3, 1]


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({"state": "closed"}, [6, 4, 2]),
        ({"state": "all", "creator": "Sandbox-Operator"}, [7]),
        ({"state": "all", "direction": "asc", "per_page": 2}, [1, 2]),
        ({"labels": "redis,urgent"}, [7]),
        ({"labels": "redis,other"}, []),
        ({"state": "all", "sort": "updated", "per_page": 1}, [1]),
        ({"since": "2020-01-01T00:00:00Z", "per_page": 1}, [7]),
        ({"since": "2199-01-01T00:00:00Z"}, []),
    ],
)
def test_the_list_is_filtered_and_sorted(mine: Sandbox, ask: Ask, asked: dict[str, Any], numbers: list[int]) -> None:
    """By state, who created it, labels and time."""
    ask("POST", f"{REPOSITORY}/issues", {"title": "Ours", "labels": ["redis", "urgent"]})
    mine.clock.advance(60)
    ask("PATCH", f"{REPOSITORY}/issues/1", {"body": "changed"})
    assert [i["number"] for i in ask("GET", f"{REPOSITORY}/issues", params=asked).json()] == numbers


def test_pages_are_linked(mine: Sandbox, ask: Ask) -> None:
    """Thirty unless more are asked for, a hundred at most; the links keep what was asked."""
    url = mine.environment["SANDBOX_CONTROL_URL"] + "/github/issues"
    requests.post(url, json={"title": "theirs", "count": 244}, timeout=5)
    reply = ask("GET", f"{REPOSITORY}/issues", params={"state": "all", "per_page": 500})
    sizes = [len(reply.json())]
    while next_page := reply.links.get("next"):
        assert "state=all" in next_page["url"]
        reply = ask("GET", next_page["url"])
        sizes.append(len(reply.json()))
    assert sizes == [100, 100, 50]
    assert reply.links.keys() == {"prev", "first"}
    assert len(ask("GET", f"{REPOSITORY}/issues").json()) == 30


def test_who_one_is_and_what_one_may(ask: Ask) -> None:
    """What a check of a set-up reads."""
    assert ask("GET", "/user").json()["login"] == GITHUB_LOGIN
    repository = ask("GET", REPOSITORY).json()
    assert (repository["full_name"], repository["has_issues"], repository["private"]) == (
        "sandbox/platform",
        True,
        True,
    )
    assert repository["permissions"]["push"] is True
    assert ask("GET", f"/api/v3{REPOSITORY}").status_code == 200


@pytest.mark.parametrize(
    ("headers", "status", "message"),
    [
        ({}, 401, "Requires authentication"),
        ({"Authorization": "Bearer wrong"}, 401, "Bad credentials"),
        ({"Authorization": f"token {GITHUB_TOKEN}"}, 200, "sandbox/platform"),
    ],
)
def test_a_token_is_wanted(ask: Ask, headers: dict[str, str], status: int, message: str) -> None:
    """In either scheme."""
    reply = ask("GET", REPOSITORY, headers=headers)
    assert (reply.status_code, message in reply.text) == (status, True)


def test_a_user_agent_is_compulsory(mine: Sandbox) -> None:
    """The refusal comes from in front of the API and is no JSON."""
    connection = HTTPConnection(mine.environment["GITHUB_API_URL"].removeprefix("http://"))
    connection.request("GET", REPOSITORY, headers={"Authorization": f"Bearer {GITHUB_TOKEN}"})
    reply = connection.getresponse()
    assert (reply.status, reply.headers["Content-Type"]) == (403, "text/html")
    assert b"make sure your request has a User-Agent header" in reply.read()
    connection.close()


@pytest.mark.parametrize(
    ("body", "status", "field", "message"),
    [
        ({"title": "x", "body": "x" * 65_537}, 422, "body", "body is too long (maximum is 65536 characters)"),
        ({"title": "x" * 257}, 422, "title", "title is too long (maximum is 256 characters)"),
        ({"title": " "}, 422, "title", "missing_field"),
        ({"body": "x"}, 422, None, '"title" wasn\'t supplied.'),
        ({"title": "x", "labels": "redis"}, 422, None, "redis is not an array."),
        ({"title": "x", "body": 5}, 422, None, "5 is not a string or null."),
        (["x"], 422, None, "is not an object."),
    ],
)
def test_what_makes_no_sense_is_refused(ask: Ask, body: object, status: int, field: str | None, message: str) -> None:
    """With the field, where GitHub names it; nothing is created."""
    reply = ask("POST", f"{REPOSITORY}/issues", body)
    document = reply.json()
    assert (reply.status_code, document["status"]) == (status, str(status))
    assert message in f"{document['message']}{document.get('errors', [{}])[0]}"
    assert document.get("errors", [{}])[0].get("field") == field
    assert ask("GET", f"{REPOSITORY}/issues/7").status_code == 404


def test_a_change_is_checked_too(ask: Ask) -> None:
    """The longest body passes; one more character does not, nor a state that there is not."""
    assert ask("PATCH", f"{REPOSITORY}/issues/1", {"body": "x" * 65_536}).status_code == 200
    assert ask("PATCH", f"{REPOSITORY}/issues/1", {"body": "x" * 65_537}).status_code == 422
    assert ask("PATCH", f"{REPOSITORY}/issues/1", {"state": "done"}).status_code == 422
    assert ask("PATCH", f"{REPOSITORY}/issues/1", {"state_reason": "why not"}).status_code == 422
    assert ask("POST", f"{REPOSITORY}/issues", data="{").status_code == 400


@pytest.mark.parametrize(
    ("rights", "reading", "writing"), [("push", 200, 201), ("issues", 200, 201), ("read", 200, 403), ("none", 404, 404)]
)
def test_rights_decide_what_may_be_done(mine: Sandbox, ask: Ask, rights: str, reading: int, writing: int) -> None:
    """Who may see nothing is told that there is nothing."""
    mine.github.tracker.change(rights=rights)
    assert ask("GET", f"{REPOSITORY}/issues").status_code == reading
    assert ask("POST", f"{REPOSITORY}/issues", {"title": "x"}).status_code == writing


def test_a_missing_right_is_told_from_a_limit(mine: Sandbox, ask: Ask) -> None:
    """Both are 403: here requests remain, and what the token would need is named."""
    mine.github.tracker.change(rights="read")
    refused = ask("PATCH", f"{REPOSITORY}/issues/1", {"body": "x"})
    assert refused.json()["message"] == "Resource not accessible by personal access token"
    assert refused.headers["X-Accepted-GitHub-Permissions"] == "issues=write"
    assert int(refused.headers["X-RateLimit-Remaining"]) > 0


def test_labels_vanish_without_a_word_where_one_may_not_push(mine: Sandbox, ask: Ask) -> None:
    """Assignees too; also when they are changed later."""
    mine.github.tracker.change(rights="issues")
    issue = ask("POST", f"{REPOSITORY}/issues", {"title": "x", "labels": ["a"], "assignees": ["b"]}).json()
    assert (issue["labels"], issue["assignees"], issue["title"]) == ([], [], "x")
    assert ask("PATCH", f"{REPOSITORY}/issues/7", {"labels": ["a"]}).json()["labels"] == []
    mine.github.tracker.change(rights="push")
    assert len(ask("PATCH", f"{REPOSITORY}/issues/7", {"labels": ["a"], "assignees": ["b"]}).json()["labels"]) == 1


def test_what_is_gone_is_gone(mine: Sandbox, ask: Ask) -> None:
    """An issue that was deleted, issues that are turned off, a repository that is archived, one that never was."""
    mine.github.tracker.delete(1)
    deleted = ask("PATCH", f"{REPOSITORY}/issues/1", {"body": "x"})
    assert (deleted.status_code, deleted.json()["message"]) == (410, "This issue was deleted")
    mine.github.tracker.change(is_archived=True)
    assert ask("POST", f"{REPOSITORY}/issues", {"title": "x"}).status_code == 403
    mine.github.tracker.change(is_archived=False, has_issues=False)
    for reply in (ask("GET", f"{REPOSITORY}/issues"), ask("POST", f"{REPOSITORY}/issues", {"title": "x"})):
        assert (reply.status_code, "disabled" in reply.json()["message"]) == (410, True)
    assert ask("GET", REPOSITORY).json()["has_issues"] is False
    assert ask("GET", "/repos/sandbox/other/issues").status_code == 404


def test_an_old_name_leads_to_the_new_one(mine: Sandbox, ask: Ask) -> None:
    """By the repository's number, with 301, or whatever else GitHub may choose."""
    mine.github.tracker.change(full_name="sandbox/renamed")
    moved = ask("GET", f"{REPOSITORY}/issues?state=all")
    assert moved.status_code == 301
    assert moved.json()["url"] == moved.headers["Location"]
    assert len(ask("GET", moved.headers["Location"]).json()) == 6
    mine.github.redirect_status = 308
    followed = ask("POST", f"{REPOSITORY}/issues", {"title": "x"}, allow_redirects=True)
    assert (followed.status_code, "sandbox/renamed" in followed.json()["html_url"]) == (201, True)
    assert ask("GET", "/repos/sandbox/renamed").json()["full_name"] == "sandbox/renamed"


def test_an_issue_that_was_transferred_leads_away(mine: Sandbox, ask: Ask) -> None:
    """Also where somebody wants to change it; it is in no list any more, and its number is not given again."""
    requests.put(
        f"{mine.environment['SANDBOX_CONTROL_URL']}/github/issues/1/transfer",
        json={"path": "/repositories/2/issues/3"},
        timeout=5,
    )
    for reply in (ask("GET", f"{REPOSITORY}/issues/1"), ask("PATCH", f"{REPOSITORY}/issues/1", {"body": "x"})):
        assert (reply.status_code, reply.headers["Location"].removeprefix(mine.environment["GITHUB_API_URL"])) == (
            301,
            "/repositories/2/issues/3",
        )
    assert 1 not in [issue["number"] for issue in ask("GET", f"{REPOSITORY}/issues?state=all").json()]


@pytest.mark.parametrize(("rights", "status"), [("push", 200), ("issues", 403)])
def test_a_locked_issue_is_changed_by_who_may_push(mine: Sandbox, ask: Ask, rights: str, status: int) -> None:
    control = f"{mine.environment['SANDBOX_CONTROL_URL']}/github/issues/1"
    requests.patch(control, json={"is_locked": True}, timeout=5)
    mine.github.tracker.change(rights=rights)
    assert ask("GET", f"{REPOSITORY}/issues/1").json()["locked"] is True
    assert ask("PATCH", f"{REPOSITORY}/issues/1", {"body": "x"}).status_code == status


@pytest.mark.parametrize("status", [403, 429])
def test_requests_an_hour_are_limited(start: Start, status: int) -> None:
    """Told by what remains, which is nothing, and by when the hour is over, by the machine's clock."""
    now = 1_781_600_000.0
    sandbox = start(machine=lambda: now, instances=1)
    sandbox.github.change(requests_per_hour=2, limit_status=status)
    ask = client(sandbox)
    assert [ask("GET", "/user").headers["X-RateLimit-Remaining"] for _ in range(2)] == ["1", "0"]
    refused = ask("GET", "/user")
    assert (refused.status_code, "API rate limit exceeded" in refused.json()["message"]) == (status, True)
    assert (refused.headers["X-RateLimit-Remaining"], "Retry-After" in refused.headers) == ("0", False)
    assert int(refused.headers["X-RateLimit-Reset"]) == now + 3600
    now += 3600
    assert ask("GET", "/user").status_code == 200


@pytest.mark.parametrize("tells_when", [True, False])
def test_writing_is_limited_more_than_reading(start: Start, tells_when: bool) -> None:  # noqa: FBT001 — a parameter
    """A secondary limit says when to come back, or nothing at all; requests of the hour remain."""
    now = 1_781_600_000.0
    sandbox = start(machine=lambda: now, instances=1)
    sandbox.github.change(writes_per_minute=1, tells_when=tells_when)
    ask = client(sandbox)
    assert ask("POST", f"{REPOSITORY}/issues", {"title": "x"}).status_code == 201
    refused = ask("PATCH", f"{REPOSITORY}/issues/7", {"title": "y"})
    assert (refused.status_code, "secondary rate limit" in refused.json()["message"]) == (403, True)
    assert refused.headers.get("Retry-After") == ("60" if tells_when else None)
    assert int(refused.headers["X-RateLimit-Remaining"]) > 0
    assert ask("GET", "/user").status_code == 200
    now += 60
    assert ask("PATCH", f"{REPOSITORY}/issues/7", {"title": "y"}).status_code == 200


def test_points_are_limited(start: Start) -> None:
    """A write costs five times as much as a read."""
    sandbox = start(machine=lambda: 1_781_600_000.0, instances=1)
    sandbox.github.change(points_per_minute=6)
    ask = client(sandbox)
    assert ask("POST", f"{REPOSITORY}/issues", {"title": "x"}).status_code == 201
    assert [ask("GET", "/user").status_code for _ in range(2)] == [200, 403]


@pytest.mark.parametrize(
    ("fault", "status", "text"),
    [
        ("throttle:retry_after=7", 403, "secondary rate limit"),
        ("status:500", 500, "Server Error"),
        ("status:502", 502, "Unicorn"),
        ("expired", 401, "Bad credentials"),
        ("html", 200, "down for maintenance"),
    ],
)
def test_it_fails_in_its_own_words(mine: Sandbox, ask: Ask, fault: str, status: int, text: str) -> None:
    """Where one call is to fail, it is named with its method."""
    with mine.faults.during(f"github/PATCH issues/{{number}}:{fault}"):
        reply = ask("PATCH", f"{REPOSITORY}/issues/1", {"body": "x"})
        assert ask("GET", f"{REPOSITORY}/issues/1").status_code == 200
    assert (reply.status_code, text in reply.text) == (status, True)


@pytest.mark.parametrize("fault", ["accepted-then-dropped", "accepted-then-half", "accepted-then-hang"])
def test_an_answer_can_be_lost_after_the_issue_was_created(mine: Sandbox, ask: Ask, fault: str) -> None:
    """Whoever repeats it has two."""
    mine.faults.add(f"github:{fault},next=1")
    for _ in range(2):
        try:
            ask("POST", f"{REPOSITORY}/issues", {"title": "once"}, timeout=0.5)
        except requests.RequestException:
            continue
    titles = [issue["title"] for issue in ask("GET", f"{REPOSITORY}/issues").json()]
    assert titles.count("once") == 2


def test_requests_are_written_down_by_what_they_are_about(mine: Sandbox, ask: Ask) -> None:
    """With their bodies and without the token."""
    ask("POST", f"{REPOSITORY}/issues", {"title": "x"})
    ask("GET", f"{REPOSITORY}/issues/7")
    ask("GET", f"{REPOSITORY}/issues")
    ask("GET", REPOSITORY)
    ask("GET", "/user")
    entries = mine.journal.entries("github")
    assert [entry.call for entry in entries] == [
        "POST issues",
        "GET issues/{number}",
        "GET issues",
        "GET repository",
        "GET user",
    ]
    assert (entries[0].body, GITHUB_TOKEN in str(entries)) == ('{"title": "x"}', False)


def test_who_is_mailed_is_written_down(mine: Sandbox, ask: Ask) -> None:
    """Watchers of a new issue, and whoever is newly mentioned; not by code, addresses or a change of the text."""
    ask("POST", f"{REPOSITORY}/issues", {"title": "x", "body": "hello @first, mail a@second.example, `@third`"})
    ask("PATCH", f"{REPOSITORY}/issues/7", {"body": "hello @first, and nobody else"})
    ask("PATCH", f"{REPOSITORY}/issues/7", {"body": "hello @first and @fourth"})
    assert [(notice.to, notice.number) for notice in mine.github.tracker.notices] == [
        ("the repository's watchers", 7),
        ("@first", 7),
        ("@fourth", 7),
    ]


def test_people_write_into_issues_by_hand(mine: Sandbox, ask: Ask) -> None:
    """Through the control port, which also tells all that was ever written."""
    control = mine.environment["SANDBOX_CONTROL_URL"] + "/github"
    ask("POST", f"{REPOSITORY}/issues", {"title": "ours", "body": "ours"})
    requests.patch(f"{control}/issues/7", json={"body": "ours and theirs", "state": "closed"}, timeout=5)
    assert ask("GET", f"{REPOSITORY}/issues/7").json()["body"] == "ours and theirs"
    [issue] = [issue for issue in requests.get(control, timeout=5).json()["issues"] if issue["number"] == 7]
    assert [(version["by"], version["body"], version["state"]) for version in issue["versions"]] == [
        (GITHUB_LOGIN, "ours", "open"),
        ("somebody-else", "ours and theirs", "closed"),
    ]
    requests.delete(f"{control}/issues/7", timeout=5)
    assert ask("GET", f"{REPOSITORY}/issues/7").status_code == 410
    assert requests.delete(f"{control}/issues/7", timeout=5).status_code == 404


def test_the_control_port_changes_repository_and_limits(mine: Sandbox) -> None:
    """And names mistakes."""
    control = mine.environment["SANDBOX_CONTROL_URL"] + "/github"

    def patch(path: str, body: object) -> requests.Response:
        return requests.patch(control + path, json=body, timeout=5)

    assert patch("/repository", {"full_name": "a/b", "rights": "read"}).json()["former_names"] == ["sandbox/platform"]
    assert patch("", {"writes_per_hour": 3, "tells_when": False}).json()["writes_per_hour"] == 3
    assert patch("/repository", {"rights": "all"}).json()["error"].startswith("no rights 'all'; there are push, ")
    requests.put(f"{control}/redirect", json={"status": 307}, timeout=5)
    assert mine.github.redirect_status == 307
    assert requests.delete(f"{control}/usage", timeout=5).status_code == 200
    requests.delete(f"{control}/notices", timeout=5)
    assert mine.github.tracker.notices == []


def test_people_read_issues_in_a_browser(mine: Sandbox, ask: Ask) -> None:
    """Where the issue's own address leads; comments are hidden and boxes can be seen; nothing in it is run."""
    body = "<!-- mark -->\n- [x] told\n- [ ] applied\n\n| a | b |\n|---|---|\n| 1 | <script>2</script> |\n"
    issue = ask("POST", f"{REPOSITORY}/issues", {"title": "<Window>", "body": body}).json()
    page = requests.get(issue["html_url"], timeout=5)
    article = page.text.partition("<article>")[2].partition("</article>")[0]
    assert "mark" not in article
    assert "☑ told" in article
    assert "☐ applied" in article
    assert "<td>1</td>" in article
    assert "<script>" not in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "&lt;Window&gt;" in requests.get(mine.environment["GITHUB_API_URL"], timeout=5).text
    assert requests.get(issue["html_url"].replace("/7", "/99"), timeout=5).status_code == 404

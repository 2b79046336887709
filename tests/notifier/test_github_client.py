"""GitHub's answers as one line each, with the remedy; its pages; and where the token goes."""

import json
from collections.abc import Callable

import pytest

from fleet.errors import ConfigurationError
from notifier.announce.github import GitHub, GitHubSettings
from notifier.announce.github_answers import GitHubError, UnclearError
from tests.scripted_server import Answer, ScriptedServer, scripted_server

TOKEN = "github_pat_11ABCDEFG0123456789"
REPOSITORY = "team/platform"
RIGHT = "GITHUB_TOKEN may not write issues in team/platform: give it the repository permission Issues (write)"
HTML = b"<html><title>Unicorn!</title></html>"
Call = Callable[[GitHub], object]


def read(github: GitHub) -> object:
    return github.issue(7)


def write(github: GitHub) -> object:
    github.write(7, "text")
    return None


def create(github: GitHub) -> object:
    return github.create("title", "text")


def search(github: GitHub) -> object:
    return list(github.issues())


def said(status: int, message: str = "", headers: dict[str, str] | None = None, **more: object) -> Answer:
    return Answer(json.dumps({"message": message, **more}).encode(), status, headers or {})


def github_at(server: ScriptedServer, path: str = "") -> GitHub:
    return GitHub(GitHubSettings(TOKEN, REPOSITORY, server.url + path), pause=lambda _: None)


LIMIT = "GitHub's limit of requests is reached: run the same command again"
RESET = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1781600400"}
LEFT = {"X-RateLimit-Remaining": "4999"}


@pytest.mark.parametrize(
    ("call", "answer", "line"),
    [
        (
            write,
            said(401, "Bad credentials"),
            (
                "GITHUB_TOKEN is not accepted (HTTP 401: Bad credentials): it may be mistyped, expired or revoked; set a"
                " valid one"
            ),
        ),
        (write, said(403, "Resource not accessible by personal access token", LEFT), RIGHT),
        (create, said(403, "Resource not accessible by integration", RESET), RIGHT),
        (search, said(403), RIGHT),
        (write, said(403, "API rate limit exceeded for user ID 1.", RESET), f"{LIMIT} after 09:00 on 16 June 2026 UTC"),
        (write, said(429, "", RESET), f"{LIMIT} after 09:00 on 16 June 2026 UTC"),
        (write, said(403, "Forbidden", RESET), f"{LIMIT} after 09:00 on 16 June 2026 UTC"),
        (
            write,
            said(403, "You have exceeded a secondary rate limit.", LEFT | {"Retry-After": "60"}),
            f"{LIMIT} in 60 s",
        ),
        (write, said(403, "Slow down", LEFT | {"Retry-After": "60"}), f"{LIMIT} in 60 s"),
        (write, said(403, "You have exceeded a secondary rate limit.", LEFT), f"{LIMIT} in a few minutes"),
        (
            write,
            said(429, "", {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "soon"}),
            f"{LIMIT} in a few minutes",
        ),
        (
            write,
            said(403, "Repository was archived so is read-only.", LEFT),
            (
                "team/platform is archived and cannot be written (HTTP 403: Repository was archived so is read-only.):"
                " choose another GITHUB_REPOSITORY"
            ),
        ),
        (
            write,
            said(403, "This issue is locked", LEFT),
            (
                "issue #7 in team/platform is locked (HTTP 403: This issue is locked): unlock it, or give another one's"
                " number with --issue"
            ),
        ),
        (
            write,
            said(403, "Resource protected by organization SAML enforcement.", LEFT),
            (
                "GITHUB_TOKEN is not authorised for the organisation's single sign-on (HTTP 403: Resource protected by"
                " organization SAML enforcement.): authorise it there"
            ),
        ),
        (
            write,
            Answer(HTML, 403),
            "something in front of GitHub refuses (HTTP 403): check GITHUB_API_URL, and the proxy in HTTPS_PROXY",
        ),
        (
            search,
            said(404, "Not Found"),
            (
                "team/platform is not there, or GITHUB_TOKEN may not see it (HTTP 404: Not Found): check GITHUB_REPOSITORY,"
                " and give the token access to that repository"
            ),
        ),
        (
            read,
            said(404, "Not Found"),
            (
                "issue #7 in team/platform is not there, or GITHUB_TOKEN may not see it (HTTP 404: Not Found): check"
                " GITHUB_REPOSITORY and the token's repositories, or give another issue's number with --issue"
            ),
        ),
        (
            read,
            said(410, "This issue was deleted"),
            (
                "issue #7 in team/platform was deleted (HTTP 410: This issue was deleted): give another one's number with"
                " --issue"
            ),
        ),
        (
            search,
            said(410, "Issues has been disabled in this repository."),
            (
                "issues are turned off in team/platform (HTTP 410: Issues has been disabled in this repository.): turn them"
                " on in its settings, or choose another GITHUB_REPOSITORY"
            ),
        ),
        (
            read,
            said(410, "Issues are disabled for this repo"),
            (
                "issues are turned off in team/platform (HTTP 410: Issues are disabled for this repo): turn them on in its"
                " settings, or choose another GITHUB_REPOSITORY"
            ),
        ),
        (
            create,
            said(422, "Validation Failed", errors=[{"field": "body", "code": "custom", "message": "body is too long"}]),
            (
                "the text of team/platform is too long (HTTP 422: Validation Failed: body custom body is too long): shorten"
                " what people wrote there"
            ),
        ),
        (
            create,
            said(422, "Validation Failed", errors=["odd"]),
            (
                "GitHub does not take the text of team/platform (HTTP 422: Validation Failed: odd): report this as a fault"
                " of this program"
            ),
        ),
        (
            search,
            said(301, "Moved Permanently", {"Location": "https://api.github.com/repositories/1/issues?page=1"}),
            (
                "team/platform was renamed or transferred to https://api.github.com/repositories/1/issues, which is not"
                " followed: set GITHUB_REPOSITORY to its new name"
            ),
        ),
        (
            read,
            said(301, "Moved Permanently", {"Location": "https://api.github.com/repositories/2/issues/3"}),
            (
                "issue #7 in team/platform was moved to https://api.github.com/repositories/2/issues/3, which is not"
                " followed: set GITHUB_REPOSITORY to the repository's new name, or give the number of another issue with"
                " --issue"
            ),
        ),
        (
            create,
            said(307),
            "team/platform was renamed or transferred, which is not followed: set GITHUB_REPOSITORY to its new name",
        ),
        (write, said(500, "Server Error"), "GitHub failed (HTTP 500: Server Error): run the same command again"),
        (read, Answer(HTML, 502), "GitHub failed (HTTP 502): run the same command again"),
        (read, said(418, "teapot"), "GitHub refuses (HTTP 418: teapot): check GITHUB_API_URL"),
        (
            read,
            Answer(HTML, 200, {"Content-Type": "text/html"}),
            "unexpected body (text/html): JSON is malformed: invalid character (byte 0); check GITHUB_API_URL",
        ),
        (create, Answer(b"{}", 200), "HTTP 200 instead of 201: check GITHUB_API_URL"),
    ],
)
def test_each_refusal_is_one_line_with_the_remedy(call: Call, answer: Answer, line: str) -> None:
    """A missing right is told from a limit, a deleted issue from a repository without issues."""
    with scripted_server(answer) as server, pytest.raises(GitHubError) as refused:
        call(github_at(server))
    assert str(refused.value) == line
    assert TOKEN not in str(refused.value)


@pytest.mark.parametrize("call", [write, create])
@pytest.mark.parametrize(
    "answer", [Answer(is_dropped=True), Answer(promised_length=500), said(500), said(502), Answer(b"", 204)]
)
def test_a_change_without_a_clear_answer_may_have_been_made(call: Call, answer: Answer) -> None:
    """It is asked for once: whoever wants to know looks."""
    with scripted_server(answer) as server:
        with pytest.raises(UnclearError):
            call(github_at(server))
        assert len(server.heard) == 1


def test_an_issue_whose_receipt_cannot_be_read_may_have_been_created() -> None:
    with scripted_server(Answer(b'{"number": "seven"}', 201)) as server, pytest.raises(UnclearError):
        create(github_at(server))


@pytest.mark.parametrize("answer", [Answer(is_dropped=True), said(503)])
def test_a_reading_that_failed_is_tried_again(answer: Answer) -> None:
    with scripted_server(answer, answer, Answer(b'{"number": 7, "body": null}')) as server:
        assert github_at(server).issue(7).body is None
        assert len(server.heard) == 3


@pytest.mark.parametrize("path", ["", "/api/v3"])
def test_requests_are_what_github_asks_for(path: str) -> None:
    """Also on an Enterprise Server. The token is in the header alone, and only the text is changed."""
    with scripted_server(Answer(b'{"number": 7}')) as server:
        write(github_at(server, path))
    [heard] = server.heard
    assert (heard.method, heard.path) == ("PATCH", f"{path}/repos/team/platform/issues/7")
    assert json.loads(heard.body) == {"body": "text"}
    assert heard.headers["Authorization"] == f"Bearer {TOKEN}"
    assert heard.headers["Accept"] == "application/vnd.github+json"
    assert heard.headers["X-GitHub-Api-Version"] == "2022-11-28"
    assert heard.headers["User-Agent"].startswith("elasticache-update-notifier/")


def test_all_pages_are_read_and_pull_requests_left_out() -> None:
    """Open and closed. Of a link only the query is used, so that the token goes nowhere else."""
    pages = [
        b'[{"number": 3, "body": ""}, {"number": 2, "body": "", "pull_request": {"url": "x"}}]',
        b'[{"number": 1, "body": null, "pull_request": null}]',
    ]
    link = {
        "Link": '<https://elsewhere.example/x?after=abc&per_page=2>; rel="next", <https://e.example/?p=9>; rel="last"'
    }
    with scripted_server(
        Answer(pages[0], 200, link), Answer(pages[1], 200, {"Link": '<https://e/?p=1>; rel="prev"'})
    ) as server:
        assert [issue.number for issue in github_at(server).issues()] == [3, 1]
    assert [heard.path.partition("?")[2] for heard in server.heard] == [
        "state=all&sort=created&direction=desc&per_page=100",
        "after=abc&per_page=2",
    ]


def test_links_that_go_round_in_a_circle_are_no_list() -> None:
    """The story may be on the page that was left out, and would be created a second time."""
    with scripted_server(Answer(b"[]", 200, {"Link": '<https://e/?page=2>; rel="next"'})) as server:
        with pytest.raises(GitHubError, match="goes round in a circle"):
            list(github_at(server).issues())
        assert len(server.heard) == 2


@pytest.mark.parametrize(
    ("repository", "shown"),
    [
        ("platform", ""),
        ("https://github.com/team/platform", " 'https://github.com/team/platform'"),
        ("team/platform/issues", " 'team/platform/issues'"),
        ("team/..", " 'team/..'"),
        ("team/plat form", " 'team/plat form'"),
        ("team/", " 'team/'"),
        (TOKEN, ""),
        ("team/platform\n", ""),
    ],
)
def test_a_repository_is_owner_and_name(repository: str, shown: str) -> None:
    """What has no slash is not shown, as it may be the token."""
    with pytest.raises(ConfigurationError, match="write it as OWNER/NAME") as refused:
        GitHubSettings(TOKEN, repository)
    assert shown in str(refused.value)
    assert TOKEN not in str(refused.value)


@pytest.mark.parametrize("token", ["two words", "new\nline", "tökén", ""])
def test_a_token_that_is_none_is_not_sent(token: str) -> None:
    with pytest.raises(ConfigurationError, match="its value is not shown") as refused:
        GitHubSettings(token, REPOSITORY)
    assert not token or token not in str(refused.value)
    assert TOKEN not in repr(GitHubSettings(TOKEN, REPOSITORY))


@pytest.mark.parametrize(
    ("api_url", "url"),
    [
        ("https://api.github.com", "https://github.com/team/platform/issues/7"),
        ("https://git.example.org/api/v3", "https://git.example.org/team/platform/issues/7"),
        ("http://127.0.0.1:9", "http://127.0.0.1:9/team/platform/issues/7"),
    ],
)
def test_people_read_an_issue_at_the_servers_own_address(api_url: str, url: str) -> None:
    assert GitHubSettings(TOKEN, REPOSITORY, api_url).issue_url(7) == url


@pytest.mark.parametrize("call", [read, search])
def test_an_answer_without_a_body_is_no_empty_issue(call: Call) -> None:
    """Else people's words would be overwritten, or a story that is there made a second time."""
    document = b'{"number": 7, "title": "Our story"}'
    answer = Answer(document if call is read else b"[" + document + b"]")
    with (
        scripted_server(answer) as server,
        pytest.raises(GitHubError, match=r"unexpected body .* missing required field `body`"),
    ):
        call(github_at(server))


@pytest.mark.parametrize(
    "html_url", ["https://x/\x1b[2J", "javascript:alert(1)", "https://x/ y", 7, None, "https://x/\u202e"]
)
def test_an_address_that_is_not_plain_is_not_shown(html_url: object) -> None:
    document = json.dumps({"number": 7, "body": None, "html_url": html_url}).encode()
    with scripted_server(Answer(document)) as server:
        assert github_at(server).issue(7).url is None


def test_an_enterprise_server_has_its_api_below_a_path() -> None:
    link = {"Link": '<https://ghe.example.org/api/v3/repositories/7/issues?page=2>; rel="next"'}
    with scripted_server(Answer(b'[{"number": 2, "body": null}]', 200, link), Answer(b"[]")) as server:
        github = github_at(server, "/api/v3")
        assert [issue.number for issue in github.issues()] == [2]
        assert {heard.path.partition("?")[0] for heard in server.heard} == {"/api/v3/repos/team/platform/issues"}
        assert github.settings.issue_url(7) == f"{server.url}/team/platform/issues/7"

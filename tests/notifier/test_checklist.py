"""`checklist` as operators run it, against the sandbox."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from markdown_it import MarkdownIt

from ledger.issues import NOT_KNOWN, issue_record
from ledger.ledger import Ledger
from sandbox.server import Options, Sandbox
from tests.notifier_here import Here
from tests.notifier_program import WINDOW, WINDOW_DATE, Program, kill_when, program

REPOSITORY = "sandbox/platform"
RUN = ("checklist", *WINDOW)
POST = (*RUN, "--post")
OURS = 7
NAMES = ["chosen", "told", "status_page", "deferrals", "applied", "left_over"]
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")


@pytest.fixture
def ready(here: Here, sandbox: Sandbox) -> Here:
    here.set({**sandbox.environment, "OPERATOR": "ada"})
    return here


def states(here: Here, *arguments: str) -> dict[str, str]:
    ended = here.run(*RUN, "--format", "json", *arguments)
    assert ended.status == 0, ended.err
    return {step["name"]: step["state"] for step in ended.document["steps"]}


def body(sandbox: Sandbox) -> str:
    return str(sandbox.github.tracker.issues[OURS].body)


def test_a_window_that_nobody_knows_is_shown_all_the_same(ready: Here) -> None:
    assert states(ready) == {
        "chosen": "open",
        "told": "open",
        "status_page": "open",
        "deferrals": "open",
        "applied": "open",
        "left_over": "open",
    }


def test_it_follows_what_is_done(ready: Here) -> None:
    """With who did it; a cancelled window is not refused."""
    ready.email()
    ready.run("status", *WINDOW)
    ended = ready.run(*RUN, "--format", "json")
    document = ended.document
    assert list(document) == ["version", "region", "window", "made_at", "survey_problem", "issue", "steps"]
    assert document["issue"] is None
    steps = {step["name"]: step for step in document["steps"]}
    assert list(steps) == NAMES
    assert steps["chosen"].keys() == {"name", "state", "detail", "at", "by", "items"}
    assert (steps["chosen"]["state"], steps["chosen"]["by"], steps["told"]["by"]) == ("done", "ada", "ada")
    assert datetime.fromisoformat(steps["told"]["at"]) > datetime.now(UTC) - timedelta(minutes=5)
    assert steps["told"]["state"] == "partly"
    assert {item["text"] for item in steps["told"]["items"]} == {"nobody in this org was told"}
    ready.run("cancel", "--yes", *WINDOW)
    cancelled = ready.run(*RUN)
    assert cancelled.status == 0
    assert "was cancelled; choose another one" in cancelled.out


def test_nobodys_address_is_printed_posted_or_logged(ready: Here, sandbox: Sandbox) -> None:
    """Not those of the mails, and none that somebody wrote into a reason."""
    ready.email()
    org = next(iter(sandbox.world.truth.organizations.values())).name
    until = (WINDOW_DATE + timedelta(days=30)).isoformat()
    reason = ("--reason", "as jo@example.org asked", "--region", "Ireland")
    ready.run("defer", "add", "--org", org, "--until", until, *reason)
    addresses = {mail.email_address for mail in sandbox.notify.mails}
    assert addresses
    for arguments in (RUN, (*RUN, "--format", "json"), (*POST, "--log-level", "debug")):
        ended = ready.run(*arguments)
        assert ended.status == 0
        said = f"{ended.out} {ended.err}"
        assert not any(address in said for address in addresses)
        assert not _ADDRESS.search(said)
    assert "as (an address) asked" in ready.run(*RUN).out
    assert not _ADDRESS.search(body(sandbox))


def test_without_a_survey_the_ledgers_half_is_printed(ready: Here, sandbox: Sandbox) -> None:
    """And nothing is posted: an earlier part of the issue knows more."""
    ready.email()
    with sandbox.faults.during("cloudfoundry:status:500"):
        ended = ready.run(*POST)
        as_json = ready.run(*RUN, "--format", "json")
    assert ended.status == as_json.status == 3
    assert "There is no survey, so this is only what the ledger knows: cloudfoundry: " in ended.out
    assert "Tenants told" in ended.out
    assert "the issue was not changed, because there is no survey" in ended.err
    assert ended.err.splitlines()[-1].startswith("elasticache-update-notifier checklist: cloudfoundry: ")
    assert as_json.document["survey_problem"].startswith("cloudfoundry: ")
    assert [step["name"] for step in as_json.document["steps"]] == NAMES
    assert sandbox.journal.entries("github") == []


def test_it_is_posted_once_and_then_changed(ready: Here, sandbox: Sandbox) -> None:
    created = ready.run(*POST, "--format", "json")
    url = f"{sandbox.environment['GITHUB_API_URL']}/sandbox/platform/issues/7"
    assert created.err.splitlines()[-1] == f"issue #7 created: {url}"
    assert created.document["issue"] == {"url": url, "number": OURS}
    ready.email()
    assert f"issue #7 changed: {url}" in ready.run(*POST).err
    assert len(sandbox.github.tracker.issues) == OURS
    issue = sandbox.github.tracker.issues[OURS]
    assert issue.title == f"ElastiCache updates: {WINDOW_DATE:%A} {WINDOW_DATE.day} {WINDOW_DATE:%B %Y}"
    assert "[x] **Window chosen**" in body(sandbox)
    assert ready.run(*RUN, "--format", "json").document["issue"] == {"url": url, "number": OURS}


def test_what_people_write_survives(ready: Here, sandbox: Sandbox) -> None:
    ready.run(*POST)
    edited = f"Above\r\n\r\n{body(sandbox)}\r\n\r\n- [x] below\r\n"
    sandbox.github.tracker.update(OURS, {"body": edited}, "somebody")
    ready.email()
    ready.run(*POST)
    assert body(sandbox).startswith("Above\r\n\r\n<!-- ")
    assert body(sandbox).endswith(" -->\r\n\r\n- [x] below\r\n")
    assert body(sandbox) != edited


def test_an_empty_issue_of_the_teams_own_is_taken(ready: Here, sandbox: Sandbox) -> None:
    sandbox.github.tracker.create("Our story", None, "somebody")
    sandbox.github.tracker.create("Another", None, "somebody")
    assert ready.run(*POST, "--issue", "7").status == 0
    assert body(sandbox).startswith("<!-- elasticache-updates ")


def test_names_of_tenants_mention_nobody_and_link_to_nothing(ready: Here, sandbox: Sandbox) -> None:
    """As GitHub shows it: no link, no HTML but the marks, no mention, no reference, no control character."""
    names = [
        "@everybody",
        "#1",
        "team/platform#1",
        "GH-1",
        "<img src=x>",
        "[a](https://evil.example)",
        "- [x] a",
        "1. a",
    ]
    names += ["```", "<!-- x", "\x1b[31m", "=1+1", "    code", "www.evil.example"]
    for instance, name in zip(list(sandbox.world.truth.service_instances.values()), names * 9, strict=False):
        sandbox.tenants.rename_instance(instance.guid, name)
    ready.email()
    sandbox.github.tracker.notices.clear()
    assert ready.run(*POST).status == 0
    posted = re.sub(r"^<!-- elasticache-updates .* -->$", "", body(sandbox), flags=re.MULTILINE)
    html = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(posted)
    assert set(re.findall(r"</?([a-z0-9]+)", html)) <= {"h2", "ul", "li", "strong", "p"}
    text = re.sub(r"<[^>]*>", "", html)
    assert not re.search(r"(?<!\w)@\w|#\w|GH-\d|\x1b|://|\w\.evil", text)
    assert [notice.to for notice in sandbox.github.tracker.notices] == ["the repository's watchers"]


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        ("expired", "GITHUB_TOKEN is not accepted (HTTP 401: Bad credentials): it may be mistyped"),
        ("throttle:retry_after=60", "GitHub's limit of requests is reached: run the same command again in 60 s"),
        ("status:502", "GitHub failed (HTTP 502): run the same command again"),
        ("html", "unexpected body (text/html"),
        ("down", "GitHub could not be asked: "),
    ],
)
def test_the_text_is_printed_whatever_github_says(ready: Here, sandbox: Sandbox, fault: str, line: str) -> None:
    with sandbox.faults.during(f"github:{fault}"):
        ended = ready.run(*POST)
        as_json = ready.run(*POST, "--format", "json")
    assert ended.status == as_json.status == 3
    assert "**Updates applied**" in ended.out
    assert [step["name"] for step in as_json.document["steps"]] == NAMES
    said = ended.err.splitlines()[-1]
    assert said.startswith(f"elasticache-update-notifier checklist: {line}")
    assert sandbox.environment["GITHUB_TOKEN"] not in ended.err


def test_a_missing_right_is_said_word_for_word(ready: Here, sandbox: Sandbox) -> None:
    sandbox.github.tracker.change(rights="read")
    ended = ready.run(*POST)
    assert ended.status == 3
    assert ended.err.splitlines()[-1] == (
        "elasticache-update-notifier checklist: GITHUB_TOKEN may not write issues in sandbox/platform: give it the"
        " repository permission Issues (write)"
    )


@pytest.mark.parametrize(
    ("variables", "arguments", "line"),
    [
        ({"GITHUB_TOKEN": None}, ("--post",), "GITHUB_TOKEN is not set: set it, or GITHUB_TOKEN_FILE"),
        ({"GITHUB_REPOSITORY": None}, ("--post",), "GITHUB_REPOSITORY is not set: write it as OWNER/NAME"),
        ({"GITHUB_REPOSITORY": "platform"}, ("--post",), "GITHUB_REPOSITORY: write it as OWNER/NAME"),
        ({"GITHUB_API_URL": "api.github.com"}, ("--post",), "GITHUB_API_URL 'api.github.com': it does not begin with"),
        ({}, ("--issue", "7"), "--issue: it would change nothing without --post; leave it out"),
        ({}, ("--post", "--issue", "0"), "Invalid value for '--issue': 0 is not in the range x>=1."),
        ({}, ("--post", "--issue", "3"), "--issue 3: it is a pull request of sandbox/platform"),
        ({"GITHUB_TOKEN": "two words"}, ("--post",), "GITHUB_TOKEN: no token has spaces"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    ready: Here, sandbox: Sandbox, variables: dict[str, str | None], arguments: tuple[str, ...], line: str
) -> None:
    ready.set(variables)
    ended = ready.run(*RUN, *arguments)
    assert ended.status == 2
    assert ended.err.splitlines()[-1].startswith(f"elasticache-update-notifier checklist: {line}")
    assert not [entry for entry in sandbox.journal.entries("github") if entry.method != "GET"]


def test_settings_of_github_do_not_matter_without_a_post(ready: Here) -> None:
    ready.set({"GITHUB_TOKEN": None, "GITHUB_REPOSITORY": None})
    assert ready.run(*RUN).status == 0


def test_the_token_may_come_from_a_file(ready: Here, sandbox: Sandbox) -> None:
    (ready.folder / "token").write_text(f"{sandbox.environment['GITHUB_TOKEN']}\n")
    ready.set({"GITHUB_TOKEN": None, "GITHUB_TOKEN_FILE": str(ready.folder / "token")})
    assert ready.run(*POST).status == 0
    services = {"user-provided": [{"name": "s", "credentials": {"github_token": sandbox.environment["GITHUB_TOKEN"]}}]}
    ready.set({"GITHUB_TOKEN_FILE": None, "VCAP_SERVICES": json.dumps(services)})
    assert ready.run(*POST).status == 0


def test_a_long_list_is_cut_with_a_count(here: Here) -> None:
    """Not through a mark, so that the next run finds its part."""
    with Sandbox(Options(instances=1200)) as sandbox:
        here.set(sandbox.environment)
        here.run(*POST)
        assert len(body(sandbox)) <= 65_536
        assert re.search(r"  - and \d+ more\n", body(sandbox))
        assert body(sandbox).endswith(" end -->")
        assert "more" not in here.run(*RUN).out.replace("more than", "")
        here.run(*POST)
        assert body(sandbox).count("<!-- elasticache-updates ") == 2
        assert len(sandbox.github.tracker.issues) == OURS


@pytest.fixture
def processes(sandbox: Sandbox, sqlite_url: str) -> Program:
    return program(sandbox, sqlite_url, OPERATOR="ada")


def test_two_regions_at_once_lose_nothing(sandbox: Sandbox, processes: Program, sqlite_url: str) -> None:
    """Two processes with one ledger: one issue, both parts."""
    with Sandbox(Options(region="eu-west-2")) as london:
        other = program(london, sqlite_url, OPERATOR="bo").with_environment(
            GITHUB_API_URL=sandbox.environment["GITHUB_API_URL"]
        )
        window = ("--region", "London", *WINDOW[2:])
        started = [processes.start(*POST), other.start("checklist", *window, "--post")]
        ended = [(process.communicate(timeout=110)[1], process.returncode) for process in started]
    assert [status for _, status in ended] == [0, 0], ended
    assert len(sandbox.github.tracker.issues) == OURS
    assert all(f" {region} " in body(sandbox) for region in ("eu-west-1", "eu-west-2"))
    assert body(sandbox).count("**Updates applied**") == 2


@pytest.mark.parametrize(
    ("requests", "fault"),
    [(1, "latency:0.4"), (2, "latency:0.4"), (3, "latency:0.4"), (4, "latency:0.4"), (2, "accepted-then-hang")],
)
def test_a_run_that_is_killed_at_any_request_leaves_one_issue(
    sandbox: Sandbox, processes: Program, sqlite_url: str, requests: int, fault: str
) -> None:
    """Before GitHub has begun with it, and when only the answer is missing."""
    with sandbox.faults.during(f"github:{fault}"):
        process = processes.start(*POST)
        assert kill_when(process, lambda: len(sandbox.journal.entries("github")) >= requests, then_seconds=0.1)
    again = processes.run(*POST)
    assert again.status == 0, again.err
    ours = [issue for issue in sandbox.github.tracker.issues.values() if "elasticache-updates" in str(issue.body)]
    assert len(ours) == 1
    with Ledger(sqlite_url) as ledger:
        record = issue_record(ledger, REPOSITORY, WINDOW_DATE)
    assert record is not None
    assert record.number == ours[0].number != NOT_KNOWN

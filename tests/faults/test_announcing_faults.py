"""The notifier × every fault of the status page and of GitHub: one incident, one issue, whatever was not answered."""

import pytest

from notifier.announce import github, statuspage
from tests.faults.notifier_struck import faulty, said
from tests.faults.own_faults import Row
from tests.faults.platform import Platform
from tests.faults.table import AT_EVERY_MOMENT_KINDS, LEAVE_OPEN_KINDS, RUNS
from tests.notifier.status_page import Ticking
from tests.notifier_here import Here
from tests.notifier_program import WINDOW

SCHEDULE = ("schedule", *WINDOW)
POST = ("checklist", "--post", *WINDOW)
FEW_PAGES = 20
CHANGING = ("POST", "PATCH", "DELETE")


def moments(row: Row) -> list[tuple[str, bool]]:
    """At which requests it strikes, and whether they are carried out all the same."""
    if row.survives or row.kind in ("refused", "endless pages", "repeated page"):
        return [("", False)]
    if row.kind not in AT_EVERY_MOMENT_KINDS:
        return [("POST", False), *([("POST", True)] if row.kind in LEAVE_OPEN_KINDS else [])]
    is_open = [(method, True) for method in CHANGING] if row.kind in LEAVE_OPEN_KINDS else []
    return [("", False), *((method, False) for method in CHANGING), *is_open]


def strikes(program: str, system: str, *, is_with_delete: bool) -> list[tuple[Row, str, bool]]:
    return [
        (row, method, is_done)
        for row in RUNS[program]
        if row.system == system
        for method, is_done in moments(row)
        if is_with_delete or method in ("", "POST") or (method == "PATCH" and row.kind == "HTML")
    ]


def named(value: object) -> str:
    if isinstance(value, bool):
        return "carried out" if value else "not carried out"
    return value.name if isinstance(value, Row) else str(value) or "all"


SCHEDULES = strikes("schedule", "statuspage", is_with_delete=True)
POSTS = strikes("checklist --post", "github", is_with_delete=False)
CANCELS = [
    strike
    for row in RUNS["cancel"]
    if row.system == "statuspage"
    for strike in [(row, "", False), *([(row, "DELETE", True)] if row.kind in LEAVE_OPEN_KINDS else [])]
]
PATH = {"": (), "POST": (), "PATCH": ("--complete",), "DELETE": ("--cancel",)}


@pytest.fixture
def team(told_notifier: Here, monkeypatch: pytest.MonkeyPatch) -> Here:
    """Nobody waits for the status page, whose requests are a second apart."""
    time = Ticking()
    monkeypatch.setattr("notifier.options.statuspage.pause", time.pause)
    monkeypatch.setattr("notifier.options.statuspage.clock", time.clock)
    monkeypatch.setattr(statuspage, "_MOST_PAGES", FEW_PAGES)
    monkeypatch.setattr(github, "_MOST_PAGES", FEW_PAGES)
    return told_notifier


def possible(row: Row, *, is_done: bool) -> set[int]:
    """What hangs may leave no time to look what became of it."""
    if row.survives or is_done:
        return {0, 3} if row.hangs else {0}
    return {3}


def statuses(platform: Platform) -> list[str]:
    return [str(incident["status"]) for id_, incident in platform.page.incidents.items() if id_ != "odd"]


@pytest.mark.parametrize(("row", "method", "is_done"), SCHEDULES, ids=named)
def test_schedule_makes_one_incident_and_ends_it_once(
    row: Row,
    method: str,
    is_done: bool,  # noqa: FBT001 — a parameter
    team: Here,
    platform: Platform,
) -> None:
    command = (*SCHEDULE, *PATH[method])
    if method in ("PATCH", "DELETE"):
        assert team.run(*SCHEDULE).status == 0
    with faulty(platform, row, team, method, is_carried_out=is_done):
        ended = team.run(*command)
    assert "Traceback" not in ended.err
    assert ended.status in possible(row, is_done=is_done), ended.err
    if ended.status == 3:
        assert "statuspage: " in said(ended.err, "schedule", "statuspage")
        assert ended.out == ""
    again = team.run(*command)
    assert again.status == 0, again.err
    assert (statuses(platform), platform.page.created) == (
        {"PATCH": ["completed"], "DELETE": []}.get(method, ["scheduled"]),
        1,
    )


@pytest.mark.parametrize(("row", "method", "is_done"), CANCELS, ids=named)
def test_cancel_takes_the_incident_off_the_page_in_the_end(
    row: Row,
    method: str,
    is_done: bool,  # noqa: FBT001 — a parameter
    team: Here,
    platform: Platform,
) -> None:
    """The mails have left by then, and are not sent again."""
    assert team.run(*SCHEDULE).status == 0
    before = set(platform.inbox.accepted)
    with faulty(platform, row, team, method, is_carried_out=is_done):
        ended = team.run("cancel", "--yes", *WINDOW)
    assert "Traceback" not in ended.err
    assert ended.status in possible(row, is_done=is_done), ended.out
    assert ("Left on the status page: " in ended.out) is (ended.status == 3)
    again = team.run("cancel", "--yes", *WINDOW)
    assert again.status == 0, again.out
    assert statuses(platform) == []
    assert [count for reference, count in platform.inbox.accepted.items() if reference not in before] == [1, 1]


@pytest.mark.parametrize(("row", "method", "is_done"), POSTS, ids=named)
def test_checklist_makes_one_issue(
    row: Row,
    method: str,
    is_done: bool,  # noqa: FBT001 — a parameter
    team: Here,
    platform: Platform,
) -> None:
    """What was to be posted is printed all the same."""
    if method == "PATCH":
        assert team.run(*POST).status == 0
        platform.tracker.issues[1]["body"] = "what people wrote"
    with faulty(platform, row, team, method, is_carried_out=is_done):
        ended = team.run(*POST)
    assert "Traceback" not in ended.err
    assert "told" in ended.out
    assert ended.status in possible(row, is_done=is_done), ended.err
    if ended.status == 3:
        assert said(ended.err, "checklist", "")
    again = team.run(*POST)
    assert again.status == 0, again.err
    (issue,) = (issue for number, issue in platform.tracker.issues.items() if number)
    assert issue["body"].count("**told**") == again.out.count("**told**")
    assert ("what people wrote" in issue["body"]) is (method == "PATCH")

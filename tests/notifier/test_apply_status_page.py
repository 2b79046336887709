"""`apply --status-page`: the incident goes along with the window, silently, and whatever fails there stops nothing."""

import json
from collections.abc import Iterator, Sequence

import pytest

from notifier.apply.announcing import Announcing
from notifier.apply.options import ApplyOptions
from sandbox.applying import APPLY
from sandbox.generate.updates import Backlog
from sandbox.server import Options, Sandbox
from tests.notifier.apply.fleet_of import Row
from tests.notifier.apply.fleet_of import told as told_of
from tests.notifier.apply.simulated_aws import simulated
from tests.notifier.apply.window_run import WindowRun
from tests.notifier.status_page import only_incident, require_silence
from tests.notifier_here import Here
from tests.notifier_program import WINDOW

RUN = ("apply", "--yes", *WINDOW, "--outside-window", "a test", "--poll-interval", "1")


@pytest.fixture
def platform() -> Iterator[Sandbox]:
    with Sandbox(Options(instances=8, update_seconds=0.2, backlog=Backlog(share=1, each=1))) as running:
        yield running


@pytest.fixture
def told(here: Here, platform: Sandbox, sqlite_url: str) -> Here:
    here.set({**platform.environment, "LEDGER_URL": sqlite_url})
    here.email()
    assert here.run("schedule", *WINDOW).status == 0
    return here


def begun(platform: Sandbox) -> int:
    return sum(a.call == APPLY and a.refused is None for a in platform.applying.attempts)


def test_the_incident_goes_along_silently(told: Here, platform: Sandbox) -> None:
    ended = told.run(*RUN, "--status-page")
    assert begun(platform) > 1
    assert only_incident(platform).status == "completed"
    for status in ("in_progress", "verifying", "completed"):
        assert f"moved to {status}, silently" in ended.err
    require_silence(platform)
    again = told.run(*RUN, "--status-page")
    assert "moved to" not in again.err


def test_it_is_over_only_with_the_last_of_it(told: Here, platform: Sandbox) -> None:
    """All but one org, and then that org: whoever follows the page reads that it is over once it is."""
    groups = json.loads(told.run(*RUN, "--dry-run", "--format", "json").out)["groups"]
    org = next(group["instance"]["org_guid"] for group in groups if group["outcome"] == "planned")
    told.run(*RUN, "--status-page", "--exclude-org", org)
    assert only_incident(platform).status == "in_progress"
    told.run(*RUN, "--status-page", "--only-org", org)
    assert only_incident(platform).status == "completed"


def test_without_the_flag_it_is_left_alone(told: Here, platform: Sandbox) -> None:
    told.run(*RUN)
    assert only_incident(platform).status == "scheduled"


def test_a_page_that_fails_changes_nothing_but_a_line(told: Here, platform: Sandbox) -> None:
    platform.faults.add("statuspage:status:500")
    ended = told.run(*RUN, "--status-page")
    assert "status page: not moved to in_progress" in ended.err
    assert begun(platform) > 1
    assert "complete (" in ended.out


def test_without_a_key_it_says_what_to_do_by_hand(told: Here, platform: Sandbox) -> None:
    told.set({"STATUSPAGE_API_KEY": None})
    ended = told.run(*RUN, "--status-page")
    assert "STATUSPAGE_API_KEY is not set; move the incident to completed by hand" in ended.err
    assert begun(platform) > 1


def test_flags_of_the_page_need_it(told: Here) -> None:
    ended = told.run(*RUN, "--statuspage-page-id", "x")
    assert (ended.status, "--statuspage-page-id: it would change nothing without --status-page" in ended.err) == (
        2,
        True,
    )


class Page:
    def __init__(self, error: Exception | None = None) -> None:
        self.stages: list[str] = []
        self._error = error

    def in_progress(self) -> Sequence[str]:
        return self._moved("in_progress")

    def verifying(self) -> Sequence[str]:
        return self._moved("verifying")

    def completed(self) -> Sequence[str]:
        return self._moved("completed")

    def _moved(self, stage: str) -> Sequence[str]:
        self.stages.append(stage)
        if self._error is not None:
            raise self._error
        return [f"moved to {stage}"]


def announced(window: WindowRun, page: Page, *, is_whole: bool = True) -> list[str]:
    said: list[str] = []
    announcing = Announcing(page, said.append)
    conducted = window.run()
    for picture in window.pictures:
        announcing.take(picture)
    announcing.finish(conducted, is_whole=is_whole)
    return said


@pytest.mark.parametrize(
    ("fate", "options", "is_whole", "expected"),
    [
        ("completes", ApplyOptions(canaries=0), True, ["in_progress", "verifying", "completed"]),
        ("completes", ApplyOptions(canaries=0), False, ["in_progress"]),
        ("stops", ApplyOptions(canaries=0, max_failures=1), True, ["in_progress", "verifying"]),
        ("stops", ApplyOptions(canaries=1), True, ["in_progress"]),
        ("sticks", ApplyOptions(canaries=0, max_failures=9), True, ["in_progress"]),
    ],
)
def test_how_far_the_incident_goes(fate: str, options: ApplyOptions, *, is_whole: bool, expected: list[str]) -> None:
    """Not completed where something failed; not verifying while something is under way, or waits for another run."""
    rows = (Row("guid-10"), Row("guid-11", nodes=2))
    aws = simulated(*rows)
    for group in aws.groups.values():
        group.fate = fate
    page = Page()
    announced(WindowRun(aws, options), page, is_whole=is_whole)
    assert page.stages == expected


@pytest.mark.parametrize("status", ["snapshotting", "modifying"])
def test_it_is_not_over_while_a_group_waits_for_the_next_run(status: str) -> None:
    page = Page()
    announced(WindowRun(simulated(Row("guid-10"), Row("guid-11", group_status=status))), page)
    assert page.stages == ["in_progress"]


def test_what_nobody_was_told_of_and_what_aws_does_by_itself_keeps_it_from_nothing() -> None:
    page = Page()
    rows = Row("guid-10"), Row("guid-11", status="scheduled"), Row("guid-12")
    announced(WindowRun(simulated(*rows), told=told_of(rows[0])), page)
    assert page.stages == ["in_progress", "verifying", "completed"]


def test_where_nothing_has_begun_nothing_is_said() -> None:
    page = Page()
    assert announced(WindowRun(simulated(Row("guid-10", group_status="snapshotting"))), page) == []
    assert page.stages == []


def test_whatever_the_page_raises_is_a_line() -> None:
    said = announced(WindowRun(simulated(Row("guid-10"))), Page(ValueError("odd")))
    assert said == ["status page: odd"] * 3

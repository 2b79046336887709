"""What one listing makes of one update: begun, at its end, failed in one of four ways, or not known yet."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fleet.inventory import UpdateAction
from notifier.apply.listed import LISTINGS_UNTIL_BEGUN, LISTINGS_UNTIL_GONE, after_listing
from notifier.apply.steps import Reason, subject
from notifier.apply.task import Phase, Task
from tests.notifier.apply.fleet_of import BEGIN, UPDATE, Row

ROW = Row("guid-1")
SUBJECT = subject(ROW.group_id, ROW.group, UPDATE, ROW.instance)
PLANNED = after_listing(Task(SUBJECT), ROW.action, BEGIN)
UNSETTLED = PLANNED.asked(BEGIN)
UNDER_WAY = UNSETTLED.accepted("waiting-to-start")
STOPPING = replace(UNDER_WAY, stop_is_asked=True)
SOON, LATE = BEGIN + timedelta(minutes=1), BEGIN + timedelta(minutes=21)


def listed(status: str, *, has_changed: bool = True, update_status: str = "available") -> UpdateAction:
    at = SOON if has_changed else ROW.action.status_modified_at
    return replace(ROW.action, status=status, status_modified_at=at, service_update_status=update_status)


@pytest.mark.parametrize(
    ("task", "status", "expected"),
    [
        (UNDER_WAY, "waiting-to-start", Phase.UNDER_WAY),
        (UNDER_WAY, "complete", Phase.COMPLETE),
        (UNDER_WAY, "stopped", Phase.FAILED),  # nobody asked for it
        (UNDER_WAY, "not-applied", Phase.FAILED),
        (UNDER_WAY, "not-applicable", Phase.FAILED),
        (STOPPING, "stopping", Phase.UNDER_WAY),
        (STOPPING, "stopped", Phase.STOPPED),
        (STOPPING, "complete", Phase.COMPLETE),  # its last node was under way
        (UNSETTLED, "in-progress", Phase.UNDER_WAY),
        (UNSETTLED, "complete", Phase.COMPLETE),
        (UNSETTLED, "not-applied", Phase.FAILED),  # begun, and come to nothing, between two listings
    ],
)
def test_what_aws_lists_decides(task: Task, status: str, expected: Phase) -> None:
    found = after_listing(task, listed(status), SOON)
    assert (found.phase, found.aws_says) == (expected, status)


@pytest.mark.parametrize(
    ("task", "listings", "before", "after"),
    [
        (UNSETTLED, LISTINGS_UNTIL_BEGUN, Phase.UNSETTLED, Phase.PLANNED),
        (UNDER_WAY, LISTINGS_UNTIL_BEGUN, Phase.UNDER_WAY, Phase.FAILED),
    ],
)
def test_a_listing_may_be_late(task: Task, listings: int, before: Phase, after: Phase) -> None:
    """As long as AWS lists what it listed before, it is asked a few times; what was not heard may be tried again."""
    for _ in range(listings - 1):
        task = after_listing(task, listed("not-applied", has_changed=False), SOON)
        assert task.phase is before
    assert after_listing(task, listed("not-applied", has_changed=False), SOON).phase is after


@pytest.mark.parametrize(("task", "expected"), [(UNDER_WAY, Phase.FAILED), (PLANNED, Phase.SKIPPED)])
def test_what_is_gone_is_gone_once_it_is_missed_twice(task: Task, expected: Phase) -> None:
    for _ in range(LISTINGS_UNTIL_GONE - 1):
        task = after_listing(task, None, SOON)
        assert task.phase not in (Phase.FAILED, Phase.SKIPPED)
    found = after_listing(task, None, SOON)
    assert (found.phase, found.aws_says) == (expected, "gone")


def test_what_does_not_end_has_failed_at_twice_its_estimate() -> None:
    """It takes its place until AWS is done with it, and is complete after all if it ever is."""
    in_time = after_listing(UNDER_WAY, listed("in-progress"), BEGIN + timedelta(minutes=20))
    assert in_time.phase is Phase.UNDER_WAY
    stuck = after_listing(in_time, listed("in-progress"), LATE)
    assert (stuck.phase, stuck.takes_a_place, stuck.aws_says, stuck.ended_at) == (
        Phase.FAILED,
        True,
        "in-progress",
        LATE,
    )
    still = after_listing(stuck, listed("in-progress"), LATE + timedelta(minutes=5))
    assert (still.phase, still.ended_at) == (Phase.FAILED, LATE)
    assert after_listing(still, listed("complete"), LATE).phase is Phase.COMPLETE
    given_up = after_listing(still, listed("stopped"), LATE)
    assert (given_up.phase, given_up.takes_a_place) == (Phase.FAILED, False)


@pytest.mark.parametrize(
    ("action", "reason", "aws_says"),
    [
        (listed("not-applied", update_status="cancelled"), Reason.UPDATE_GONE, "cancelled"),
        (listed("not-applied", update_status="expired"), Reason.UPDATE_GONE, "expired"),
        (listed("not-applicable"), Reason.UPDATE_GONE, "not-applicable"),  # another one has taken its place
        (listed("in-progress"), Reason.UNDER_WAY, "in-progress"),
        (listed("scheduling"), Reason.UNDER_WAY, "scheduling"),
    ],
)
def test_what_waits_for_its_turn_may_be_overtaken(action: UpdateAction, reason: Reason, aws_says: str) -> None:
    found = after_listing(PLANNED, action, SOON)
    assert (found.phase, found.reason, found.aws_says) == (Phase.SKIPPED, reason, aws_says)


def test_an_update_that_expires_meanwhile_is_followed_to_its_end() -> None:
    found = after_listing(UNDER_WAY, listed("in-progress", update_status="expired"), SOON)
    assert found.phase is Phase.UNDER_WAY


@pytest.mark.parametrize(
    ("phase", "status", "expected"),
    [
        (Phase.STOPPED, "stopping", Phase.UNDER_WAY),
        (Phase.STOPPED, "stopped", Phase.STOPPED),
        (Phase.STOPPED, "complete", Phase.COMPLETE),
        (Phase.FAILED, "complete", Phase.COMPLETE),
        (Phase.FAILED, "in-progress", Phase.FAILED),
        (Phase.COMPLETE, "not-applied", Phase.COMPLETE),
        (Phase.REFUSED, "complete", Phase.COMPLETE),
        (Phase.REFUSED, "in-progress", Phase.UNDER_WAY),
        (Phase.REFUSED, "a word that nobody knows", Phase.UNDER_WAY),
        (Phase.REFUSED, "not-applied", Phase.REFUSED),
    ],
)
def test_what_an_earlier_run_ended_is_looked_at_again(phase: Phase, status: str, expected: Phase) -> None:
    assert after_listing(Task(SUBJECT, phase), listed(status), SOON).phase is expected


FOUR_MINUTES = timedelta(minutes=4)


@pytest.mark.parametrize("ahead", [FOUR_MINUTES, timedelta(seconds=20), timedelta(), -FOUR_MINUTES], ids=str)
@pytest.mark.parametrize(("seconds_after", "expected"), [(3, Phase.FAILED), (-5, Phase.UNSETTLED)])
def test_what_an_earlier_run_asked_for_is_dated_by_two_clocks(
    ahead: timedelta, seconds_after: float, expected: Phase
) -> None:
    """AWS lists it as waiting: either it has begun and come to nothing since, or nothing has become of it yet."""
    asked_by_another_run = Task(SUBJECT, Phase.UNSETTLED, started_at=BEGIN)
    changed_at = BEGIN + timedelta(seconds=seconds_after) - ahead
    action = replace(listed("not-applied"), status_modified_at=changed_at)
    assert after_listing(asked_by_another_run, action, SOON, ahead).phase is expected

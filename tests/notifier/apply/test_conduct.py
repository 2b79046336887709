"""A window carried through on a simulated AWS: in which order, how many at once, what halts it, and how it ends."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from fleet.inventory import ReplicationGroup
from ledger.update_record import UpdateState
from notifier.apply.options import ApplyOptions
from notifier.apply.surroundings import Wish
from tests.notifier.apply.conducting import deferral, minutes, outcomes, reasons, rows, starts
from tests.notifier.apply.fleet_of import BEGIN, WINDOW, Row, told
from tests.notifier.apply.simulated_aws import Group, Killed, SimulatedAws, simulated
from tests.notifier.apply.window_run import WindowRun


def test_a_window_ends_with_every_update_complete() -> None:
    aws = simulated(*rows(3))
    window = WindowRun(aws)
    conducted = window.run()
    assert (outcomes(conducted), conducted.is_good, conducted.halted_by) == ({"complete": 3}, True, None)
    group = conducted.groups[0]
    assert (group.started_at, group.aws_says, group.run_id, group.ended_after_window) == (BEGIN, "complete", 1, False)
    assert {record.state for record in window.book.records.values()} == {UpdateState.COMPLETE}


def test_two_hundred_groups_take_ten_calls() -> None:
    """As full as AWS allows."""
    aws = simulated(*rows(200))
    WindowRun(aws, ApplyOptions(canaries=0, max_in_flight=200)).run()
    assert [len(groups) for groups in starts(aws)] == [20] * 10


def test_a_poll_is_one_listing() -> None:
    aws = simulated(*rows(50))
    window = WindowRun(aws)
    window.run()
    assert aws.listings == len(window.pictures)


def test_canaries_go_alone_and_the_rest_when_all_of_them_are_complete() -> None:
    """The second canary takes twice as long as the first."""
    few, more, *others = rows(5)
    aws = simulated(replace(few, nodes=2), replace(more, nodes=3), *others)
    aws.groups[more.group_id].seconds = 600
    assert outcomes(WindowRun(aws, ApplyOptions(canaries=2)).run()) == {"complete": 5}
    assert sorted(starts(aws)[0]) == sorted([few.group_id, more.group_id])
    assert all(minutes(aws, row)[0] >= 12 for row in others)


def test_no_more_are_under_way_at_once_than_asked_for() -> None:
    aws = simulated(*rows(7))
    window = WindowRun(aws, ApplyOptions(canaries=0, max_in_flight=3))
    window.run()
    assert [len(groups) for groups in starts(aws)] == [3, 3, 1]


@pytest.mark.parametrize("fate", ["stops", "reverts", "vanishes", "sticks"])
def test_a_canary_that_fails_halts_everything(fate: str) -> None:
    """In each of the ways in which a failure shows; however many failures are allowed."""
    canary, *others = rows(3)
    aws = simulated(replace(canary, nodes=2), *others)
    aws.groups[canary.group_id].fate = fate
    conducted = WindowRun(aws, ApplyOptions(max_failures=5)).run()
    assert outcomes(conducted) == {"failed": 1, "not_reached": 2}
    assert canary.group_id in str(conducted.halted_by)
    assert not conducted.is_good


@pytest.mark.parametrize(("max_failures", "expected"), [(0, 3), (1, 3), (2, 6)])
def test_more_failures_than_allowed_halt_it(max_failures: int, expected: int) -> None:
    """Two fail in the first round of three; what is under way is followed to its end."""
    first, second, *others = rows(6)
    aws = simulated(*(replace(row, nodes=2) for row in (first, second)), *others)
    for row in (first, second):
        aws.groups[row.group_id].fate = "stops"
    conducted = WindowRun(aws, ApplyOptions(canaries=0, max_in_flight=3, max_failures=max_failures)).run()
    assert sum(map(len, starts(aws))) == expected
    assert outcomes(conducted)["failed"] == 2
    assert outcomes(conducted).get("not_reached", 0) == 6 - expected
    assert (conducted.halted_by is None) is (max_failures == 2)


def test_nothing_begins_that_would_not_end_in_the_window() -> None:
    """Ten minutes each, one at a time, with twenty-five minutes left: two are done."""
    aws = simulated(*rows(4), now=WINDOW.ends_at - timedelta(minutes=25))
    for group in aws.groups.values():
        group.seconds = 450
    conducted = WindowRun(aws, ApplyOptions(canaries=0, max_in_flight=1)).run()
    assert outcomes(conducted) == {"complete": 2, "skipped": 2}
    assert reasons(conducted).count("no_time") == 2
    assert not conducted.is_good


def test_what_runs_over_the_end_is_followed_and_marked() -> None:
    aws = simulated(*rows(1), now=WINDOW.ends_at - timedelta(minutes=10))
    aws.groups[rows(1)[0].group_id].seconds = 700
    [group] = WindowRun(aws).run().groups
    assert (group.outcome, group.ended_after_window) == ("complete", True)


def test_nothing_begins_before_the_window_does() -> None:
    aws = simulated(*rows(1), now=BEGIN - timedelta(minutes=5))
    WindowRun(aws).run()
    assert minutes(aws, rows(1)[0]) == [0.0]
    early = simulated(*rows(1), now=BEGIN - timedelta(minutes=5))
    WindowRun(early, ApplyOptions(canaries=0, outside_window_reason="urgent")).run()
    assert minutes(early, rows(1)[0]) == [-5.0]


@pytest.mark.parametrize(
    ("unavailable", "expected"),
    [
        ("unprocessed", {"complete": 2, "refused": 1}),
        ("refused", {"complete": 2, "skipped": 1}),
        ("waits", {"complete": 3}),
    ],
)
def test_a_group_that_becomes_unavailable_is_survived_however_aws_answers(
    unavailable: str, expected: dict[str, int]
) -> None:
    """Between the listing and the call; with a whole call refused, the others are sent again."""
    busy, *others = rows(3)
    aws = simulated(busy, *others, unavailable=unavailable)
    window = WindowRun(aws, ApplyOptions(canaries=0, max_failures=1))
    plan = window.plan()
    listed = aws.replication_groups
    aws.replication_groups = lambda: _busy_afterwards(aws, busy, listed())  # type: ignore[method-assign] # this stand-in behaves otherwise
    conducted = window.run(plan)
    assert outcomes(conducted) == expected
    if unavailable == "refused":
        assert reasons(conducted).count("not_available") == 1


def _busy_afterwards(aws: SimulatedAws, row: Row, listed: list[ReplicationGroup]) -> list[ReplicationGroup]:
    aws.groups[row.group_id].unavailable_until = BEGIN + timedelta(minutes=2)
    return listed


def test_a_group_that_is_not_available_at_its_turn_is_passed_over() -> None:
    """It leaves its place to another."""
    first, busy = rows(2)
    aws = simulated(first, busy)
    window = WindowRun(aws, ApplyOptions(canaries=0, max_in_flight=1))
    plan = window.plan()
    aws.groups[plan.steps[0].subject.replication_group_id].unavailable_until = WINDOW.ends_at
    conducted = window.run(plan)
    assert outcomes(conducted) == {"complete": 1, "skipped": 1}
    assert "not_available" in reasons(conducted)
    assert {group.aws_says for group in conducted.groups} == {"complete", "snapshotting"}


def test_a_deferral_made_meanwhile_is_kept() -> None:
    """They are read again before each call."""
    first, second = rows(2)
    aws = simulated(first, replace(second, nodes=2))
    window = WindowRun(aws, ApplyOptions(canaries=0, max_in_flight=1))
    aws.on_pause = lambda: window.deferrals.append(deferral(first))
    conducted = window.run()
    assert (outcomes(conducted), "deferred" in reasons(conducted)) == ({"complete": 1, "skipped": 1}, True)
    assert conducted.is_good
    assert minutes(aws, first) == []


@pytest.mark.parametrize(("others", "reason"), [((), "not_told"), (("another",), "not_in_the_mail")])
def test_a_mail_that_fails_for_good_meanwhile_told_nobody(others: tuple[str, ...], reason: str) -> None:
    """Who was told is read again before each call too; a reason to include the untold still counts."""
    first, second = rows(2)
    for untold, outcome in ((None, {"complete": 1, "skipped": 1}), ("urgent", {"complete": 2})):
        aws = simulated(replace(first, org="a"), replace(second, nodes=2, org="b"))
        window = WindowRun(aws, ApplyOptions(canaries=0, max_in_flight=1, include_untold_reason=untold))
        left = told(replace(second, org="b"), *(Row(guid, org="a") for guid in others))
        aws.on_pause = partial(setattr, window, "told", left)
        conducted = window.run()
        assert (outcomes(conducted), reason in reasons(conducted)) == (outcome, untold is None)
        assert (minutes(aws, first) == []) is (untold is None)
        assert conducted.is_good is (untold is not None)


def test_who_comes_later_is_left_for_another_window() -> None:
    """Nothing is added to a plan."""
    aws = simulated(*rows(1))
    window = WindowRun(aws)
    plan = window.plan()
    newcomer = Row("guid-99")
    aws.groups[newcomer.group_id] = Group(newcomer)
    window.run(plan)
    assert minutes(aws, newcomer) == []


def test_an_update_that_never_ends_has_failed() -> None:
    """At twice its estimate of ten minutes. Where such updates take all places, the others are not reached."""
    stuck, other = rows(2)
    aws = simulated(replace(stuck, nodes=1), other)
    aws.groups[stuck.group_id].fate = "sticks"
    conducted = WindowRun(aws, ApplyOptions(canaries=0, max_failures=1)).run()
    assert outcomes(conducted) == {"complete": 1, "failed": 1}
    alone = simulated(stuck, other)
    for group in alone.groups.values():
        group.fate = "sticks"
    conducted = WindowRun(alone, ApplyOptions(canaries=0, max_failures=9, max_in_flight=1)).run()
    assert outcomes(conducted) == {"failed": 1, "not_reached": 1}
    assert "take all places" in str(conducted.halted_by)


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (Wish.START_NO_MORE, {"complete": 1, "not_reached": 2}),
        (Wish.STOP, {"stopped": 1, "not_reached": 2}),
        (Wish.LEAVE, {"under_way": 1, "not_reached": 2}),
    ],
)
def test_it_can_be_interrupted_in_three_ways(wish: Wish, expected: dict[str, int]) -> None:
    aws = simulated(*rows(3))
    window = WindowRun(aws, ApplyOptions(canaries=0, max_in_flight=1))
    aws.on_pause = lambda: setattr(window, "wish", wish)
    assert outcomes(window.run()) == expected


def test_what_was_stopped_is_taken_up_again_and_nothing_else_begins_twice() -> None:
    """By the next run of the window; one that failed is not."""
    failed, *others = rows(3)
    aws = simulated(failed, *others)
    aws.groups[failed.group_id].fate = "stops"
    aws.groups[failed.group_id].seconds = 60
    window = WindowRun(aws, ApplyOptions(canaries=0, max_failures=1))
    aws.on_pause = lambda: setattr(window, "wish", Wish.STOP if aws.now > BEGIN + timedelta(minutes=2) else Wish.GO_ON)
    assert outcomes(window.run()) == {"failed": 1, "stopped": 2}
    window.wish, aws.on_pause = Wish.GO_ON, lambda: None
    again = window.again()
    assert outcomes(again) == {"failed": 1, "complete": 2}
    assert [len(aws.groups[row.group_id].begun) for row in (failed, *others)] == [1, 2, 2]
    assert {group.outcome: group.run_id for group in again.groups} == {"failed": 1, "complete": 2}


def test_stop_ends_what_the_window_has_under_way_and_nothing_else() -> None:
    """After a kill, with an update of somebody else's beside it."""
    ours, theirs = rows(2)
    aws = simulated(ours, replace(theirs, status="in-progress"))
    window = WindowRun(aws)
    aws.kill_after = 8
    with pytest.raises(Killed):
        window.run()
    aws.kill_after = None
    conducted = window.stop()
    assert [(g.subject.replication_group_id, g.outcome) for g in conducted.groups] == [(ours.group_id, "stopped")]
    assert [groups for kind, _, groups in aws.calls if kind == "stop"] == [(ours.group_id,)]


def test_a_killed_run_is_settled_before_anything_begins() -> None:
    """Killed between AWS's answer and the ledger."""
    aws = simulated(*rows(2), kill_after=3)
    window = WindowRun(aws)
    with pytest.raises(Killed):
        window.run()
    assert {record.state for record in window.book.records.values()} == {UpdateState.STARTING}
    assert all(len(group.begun) == 1 for group in aws.groups.values())
    aws.kill_after = None
    assert outcomes(window.again()) == {"complete": 2}
    assert len(starts(aws)) == 1


def test_what_others_have_under_way_is_shown_and_not_waited_for() -> None:
    ours, theirs = rows(2)
    aws = simulated(ours, replace(theirs, status="waiting-to-start"))
    conducted = WindowRun(aws).run()
    assert outcomes(conducted) == {"complete": 1, "skipped": 1}
    assert not conducted.is_good
    assert minutes(aws, theirs) == []


def test_a_deferral_made_meanwhile_is_shown_with_the_group() -> None:
    first, second = rows(2)
    aws = simulated(first, replace(second, nodes=2))
    window = WindowRun(aws, ApplyOptions(canaries=0, max_in_flight=1))
    aws.on_pause = lambda: window.deferrals.append(deferral(first))
    [skipped] = [group for group in window.run().groups if group.outcome == "skipped"]
    assert skipped.deferral == deferral(first)


def test_a_window_that_is_called_off_meanwhile_starts_no_more() -> None:
    """What is under way is followed."""
    aws = simulated(*rows(3))
    window = WindowRun(aws, ApplyOptions(canaries=1))
    aws.on_pause = lambda: setattr(window, "called_off", "the window was cancelled")
    conducted = window.run()
    assert (outcomes(conducted), conducted.halted_by) == (
        {"complete": 1, "not_reached": 2},
        "the window was cancelled",
    )


def test_nothing_begins_while_the_operator_is_asked_and_it_does_not_end() -> None:
    """However long that takes, and whatever ends meanwhile."""
    aws = simulated(*rows(3))
    window = WindowRun(aws, ApplyOptions(canaries=1))

    def asked() -> None:
        window.wish = Wish.HOLD if aws.now < BEGIN + timedelta(hours=1) else Wish.GO_ON

    aws.on_pause = asked
    assert outcomes(window.run()) == {"complete": 3}
    assert sorted(at for row in rows(3) for at in minutes(aws, row))[1] >= 60

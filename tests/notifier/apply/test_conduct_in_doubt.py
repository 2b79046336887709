"""A window on an AWS whose answers are lost, late, throttled, or in words that nobody has documented."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

import pytest

from fleet.errors import ThrottledError
from fleet.inventory import ReplicationGroup
from ledger.update_record import UpdateState
from notifier.apply.answers import Answer, Answered, CallRefused, Refusal, Throttled
from notifier.apply.options import ApplyOptions
from notifier.apply.surroundings import Wish
from tests.builders import action, service_update
from tests.notifier.apply.conducting import minutes, outcomes, rows, starts
from tests.notifier.apply.fleet_of import BEGIN, TOLD_AT, UPDATE, record
from tests.notifier.apply.simulated_aws import Group, SimulatedAws, simulated
from tests.notifier.apply.window_run import WindowRun


@pytest.mark.parametrize("fault", ["lost-before", "lost-after"])
def test_an_answer_that_is_lost_is_settled_from_the_listing(fault: str) -> None:
    """Whether AWS heard it or not, each group begins once; where it did not, it is asked again."""
    aws = simulated(*rows(3), start_faults=[fault])
    conducted = WindowRun(aws).run()
    assert outcomes(conducted) == {"complete": 3}
    assert all(len(group.begun) == 1 for group in aws.groups.values())
    assert len(starts(aws)) == (2 if fault == "lost-before" else 1)


def test_what_aws_never_answers_is_given_up() -> None:
    aws = simulated(*rows(1), start_faults=["lost-before"] * 9)
    conducted = WindowRun(aws).run()
    assert [(g.outcome, g.aws_says) for g in conducted.groups] == [("refused", "no answer")]
    assert len(starts(aws)) == 5


@pytest.mark.parametrize(("poll_seconds", "calls"), [(30, 1), (10, 2), (1, 2)])
def test_a_listing_that_is_late_is_waited_for(poll_seconds: float, calls: int) -> None:
    """A group that is busy may be so by our own doing. AWS refuses to start what it has started: then it has."""
    aws = simulated(*rows(2), start_faults=["lost-after"], listing_lag=timedelta(seconds=70))
    for group in aws.groups.values():
        group.seconds = 600  # the group itself is available meanwhile
    window = WindowRun(aws, poll_seconds=poll_seconds)
    assert outcomes(window.run()) == {"complete": 2}
    assert len(starts(aws)) == calls
    assert all(len(group.begun) == 1 for group in aws.groups.values())
    assert {record.state for record in window.book.records.values()} == {UpdateState.COMPLETE}


def test_throttling_slows_it_down_and_is_no_failure() -> None:
    """Neither of calls nor of listings, as long as one of ten intervals of the slower rhythm has a listing."""
    aws = simulated(*rows(2), start_faults=["throttle"] * 3, listing_faults=["", *["throttle"] * 11])
    window = WindowRun(aws)
    assert outcomes(window.run()) == {"complete": 2}
    troubled = [picture.at for picture in window.pictures if picture.trouble is not None]
    assert (troubled[-1] - troubled[-2]).total_seconds() == 8 * 30


def test_without_a_listing_for_ten_intervals_it_ends() -> None:
    """With what is under way: AWS goes on, and a later run follows it."""
    aws = simulated(*rows(2), listing_faults=["", *["down"] * 50])
    window = WindowRun(aws)
    conducted = window.run()
    assert str(conducted.stopped_by) == "elasticache: DescribeUpdateActions: down"
    assert outcomes(conducted) == {"under_way": 2}
    assert aws.now == BEGIN + timedelta(minutes=5)
    aws.listing_faults.clear()
    assert outcomes(window.again()) == {"complete": 2}
    assert all(len(group.begun) == 1 for group in aws.groups.values())


def test_a_few_bad_listings_are_no_reason_to_end() -> None:
    aws = simulated(*rows(2), listing_faults=["", *["down"] * 9, "", *["down"] * 9])
    assert outcomes(WindowRun(aws).run()) == {"complete": 2}


@pytest.mark.parametrize("poll_seconds", [1, 5, 30])
def test_a_listing_that_lags_is_no_failure_however_often_it_is_asked_for(poll_seconds: float) -> None:
    aws = simulated(*rows(2), listing_lag=timedelta(seconds=45))
    window = WindowRun(aws, poll_seconds=poll_seconds)
    assert outcomes(window.run()) == {"complete": 2}
    assert len(starts(aws)) == 1


def test_a_word_that_aws_did_not_use_before_is_followed_like_any_that_is_under_way() -> None:
    aws = simulated(*rows(1))
    group = aws.groups[rows(1)[0].group_id]
    begin = aws._begin  # noqa: SLF001 — the moment at which AWS begins

    def with_other_words(group: Group) -> None:
        begin(group)
        group.history = [("applying" if status == "in-progress" else status, at) for status, at in group.history]

    aws._begin = with_other_words  # type: ignore[method-assign] # this stand-in behaves otherwise # noqa: SLF001 — it has no other door
    assert outcomes(WindowRun(aws).run()) == {"complete": 1}
    assert len(group.begun) == 1


def refusing(aws: SimulatedAws, *, after_beginning: bool) -> None:
    """In words that say nothing about the status."""

    def start(update: str, group_ids: Collection[str]) -> Answered:
        aws.calls.append(("start", update, tuple(group_ids)))
        if after_beginning:
            for group_id in group_ids:
                aws._begin(aws.groups[group_id])  # noqa: SLF001 — AWS begins, whatever it answers
        return Answered(refused=dict.fromkeys(group_ids, Refusal("InternalFailure", "no")))

    aws.start = start  # type: ignore[method-assign] # this stand-in behaves otherwise


def test_what_aws_refused_and_yet_lists_as_under_way_has_begun() -> None:
    aws = simulated(*rows(2))
    refusing(aws, after_beginning=True)
    conducted = WindowRun(aws, ApplyOptions(canaries=1)).run()
    assert (outcomes(conducted), conducted.halted_by) == ({"complete": 2}, None)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (ApplyOptions(canaries=1), 1),
        (ApplyOptions(canaries=0, max_in_flight=60), 20),
        (ApplyOptions(canaries=0, max_in_flight=60, max_failures=20), 40),
    ],
)
def test_refusals_halt_at_once(options: ApplyOptions, expected: int) -> None:
    """Even in the round in which they come: the listing that decides about them is later."""
    aws = simulated(*rows(60))
    refusing(aws, after_beginning=False)
    conducted = WindowRun(aws, options).run()
    assert outcomes(conducted) == {"refused": expected, "not_reached": 60 - expected}
    assert "InternalFailure: no" in str(conducted.halted_by)


def test_where_listings_are_throttled_starting_goes_on() -> None:
    """Reading never keeps us from acting: places that are free are taken, although nothing is listed for an hour."""
    first, second = rows(2)
    aws = simulated(first, second, unavailable="waits")
    window = WindowRun(aws, ApplyOptions(canaries=0))
    plan = window.plan()
    aws.groups[second.group_id].unavailable_until = BEGIN + timedelta(minutes=1)
    aws.listing_faults = ["", *["throttle"] * 8]
    window.deferrals = []
    listed = aws.replication_groups
    calls: list[int] = []

    def failing_once() -> list[ReplicationGroup]:
        calls.append(1)
        if len(calls) == 1:
            raise ThrottledError("elasticache", "DescribeReplicationGroups", "Throttling")
        return listed()

    aws.replication_groups = failing_once  # type: ignore[method-assign] # this stand-in behaves otherwise
    assert "complete" in outcomes(window.run(plan))
    assert minutes(aws, first)[0] <= 2


def test_a_whole_call_may_be_refused_because_one_of_them_has_begun() -> None:
    """Then that one is started, and the others are sent again."""
    first, *others = rows(3)
    aws = simulated(first, *others)
    start = aws.start

    def refusing_whole_calls(update: str, group_ids: Collection[str]) -> Answer:
        group = aws.groups[first.group_id]
        if first.group_id in group_ids:
            if not group.begun:
                aws._begin(group)  # noqa: SLF001 — as if an answer had been lost
            return CallRefused(Refusal("InvalidParameterValue", "not in a valid status. Current status: in-progress"))
        return start(update, group_ids)

    aws.start = refusing_whole_calls  # type: ignore[method-assign] # this stand-in behaves otherwise
    window = WindowRun(aws)
    assert outcomes(window.run()) == {"complete": 3}
    assert all(len(group.begun) == 1 for group in aws.groups.values())
    assert {record.state for record in window.book.records.values()} == {UpdateState.COMPLETE}


def test_aws_may_ask_for_a_longer_pause_than_a_window_lasts() -> None:
    aws = simulated(*rows(1))
    start, asked = aws.start, []

    def throttled_once(update: str, group_ids: Collection[str]) -> Answer:
        asked.append(aws.now)
        return Throttled(86_400.0) if len(asked) == 1 else start(update, group_ids)

    aws.start = throttled_once  # type: ignore[method-assign] # this stand-in behaves otherwise
    assert outcomes(WindowRun(aws).run()) == {"complete": 1}
    assert asked[1] - asked[0] == timedelta(minutes=1)


def with_other_words(aws: SimulatedAws) -> None:
    """AWS does not say which status an update has when it refuses to start it a second time."""
    start = aws.start

    def other(update: str, group_ids: Collection[str]) -> Answer:
        answer = start(update, group_ids)
        if not isinstance(answer, Answered):
            return answer
        why = Refusal("InvalidParameterValue", "An update for this cluster has already been initiated.")
        return replace(answer, refused=dict.fromkeys(answer.refused, why))

    aws.start = other  # type: ignore[method-assign] # this stand-in behaves otherwise


@pytest.mark.parametrize("lag_seconds", [0, 5, 20, 55])
@pytest.mark.parametrize("poll_seconds", [1, 2, 5, 30])
def test_a_late_listing_and_a_lost_answer_together_are_no_refusal(lag_seconds: float, poll_seconds: float) -> None:
    """In whatever words AWS refuses to start what it has started."""
    aws = simulated(*rows(3), start_faults=["lost-after"], listing_lag=timedelta(seconds=lag_seconds))
    with_other_words(aws)
    window = WindowRun(aws, ApplyOptions(canaries=0), poll_seconds=poll_seconds)
    assert outcomes(window.run()) == {"complete": 3}
    assert len(starts(aws)) == 1


def test_a_listing_later_than_any_before_shows_what_was_refused_to_the_next_attempt() -> None:
    """Even then the refusal that came for our own first attempt is waited out before it is believed."""
    aws = simulated(*rows(2), start_faults=["lost-after"], listing_lag=timedelta(seconds=100))
    with_other_words(aws)
    for group in aws.groups.values():
        group.seconds = 600
    window = WindowRun(aws, ApplyOptions(canaries=0), poll_seconds=5)
    assert outcomes(window.run()) == {"complete": 2}
    assert all(len(group.begun) == 1 for group in aws.groups.values())


def test_what_the_ledger_calls_refused_and_aws_lists_as_under_way_is_followed_by_the_next_run() -> None:
    aws = simulated(*rows(2))
    window = WindowRun(aws)
    aws.start("redis-1", [row.group_id for row in rows(2)])
    window.book.records = {
        (row.group_id, "redis-1"): record(row, UpdateState.REFUSED, minutes_ago=0) for row in rows(2)
    }
    assert outcomes(window.again()) == {"complete": 2}
    assert {known.state for known in window.book.records.values()} == {UpdateState.COMPLETE}
    assert len(starts(aws)) == 1


def test_nothing_else_begins_on_a_group_whose_refused_update_the_late_listing_may_not_show_yet() -> None:
    """The run has planned another update for it: that one waits, and is left alone once the first shows."""
    [row] = rows(1)
    aws = simulated(row, listing_lag=timedelta(seconds=20))
    other = service_update("redis-2", released_at=TOLD_AT, estimated_update_time="10 minutes per node")
    aws.region = replace(aws.region, updates=(UPDATE, other), more_actions=(action("redis-2", row.group_id),))
    window = WindowRun(aws, poll_seconds=2)
    window.book.records = {(row.group_id, "redis-1"): record(row, UpdateState.REFUSED, minutes_ago=0)}
    plan = window.plan()
    assert [step.subject.service_update for step in plan.steps] == ["redis-2"]
    aws._begin(aws.groups[row.group_id])  # noqa: SLF001 — what the run before asked for
    conducted = window.run(plan)
    assert starts(aws) == []
    assert [g.outcome for g in conducted.groups if g.subject.service_update == "redis-1"] == ["complete"]


def test_throttling_without_end_is_not_waited_for_without_end() -> None:
    """Ten intervals of the slowest rhythm, and then what is under way is named; nothing has failed."""
    aws = simulated(*rows(2), listing_faults=["", *["throttle"] * 1000])
    conducted = WindowRun(aws).run()
    assert (outcomes(conducted), isinstance(conducted.stopped_by, ThrottledError)) == ({"under_way": 2}, True)
    assert timedelta(minutes=40) <= aws.now - BEGIN < timedelta(minutes=50)


def test_what_is_wished_is_done_while_listings_are_throttled() -> None:
    aws = simulated(*rows(2), listing_faults=["", *["throttle"] * 1000])
    window = WindowRun(aws)
    aws.on_pause = lambda: setattr(window, "wish", Wish.STOP)
    window.run()
    assert [kind for kind, _, _ in aws.calls] == ["start", "stop"]

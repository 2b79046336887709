"""Whatever goes wrong, and whenever a run is killed: what may never happen does not, and every window ends."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.update_record import UpdateState
from ledger.who_was_told import Told
from notifier.apply.options import ApplyOptions
from tests.notifier.apply.fleet_of import BEGIN, TOLD_AT, WINDOW, Row, told
from tests.notifier.apply.simulated_aws import Group, Killed, simulated
from tests.notifier.apply.test_plan import deferral
from tests.notifier.apply.window_run import WindowRun

_MOST_RUNS = 30
FATES = st.sampled_from(["completes"] * 6 + ["stops", "reverts", "vanishes", "sticks"])


@st.composite
def windows(draw: st.DrawFn) -> WindowRun:
    """A handful of groups, some of which are nobody's, deferred or untold, on an AWS that does what it may."""
    rows = [
        Row(
            f"guid-{number}",
            nodes=draw(st.integers(1, 3)),
            org=f"org-{number % 3}",
            is_claimed=draw(st.sampled_from([True] * 5 + [False])),
            status=draw(st.sampled_from(["not-applied"] * 5 + ["stopped", "in-progress", "scheduling"])),
            group_status=draw(st.sampled_from(["available"] * 8 + ["deleting"])),
        )
        for number in range(10, 10 + draw(st.integers(1, 8)))
    ]
    aws = simulated(
        *rows,
        unavailable=draw(st.sampled_from(["unprocessed", "refused", "waits"])),
        listing_lag=timedelta(seconds=draw(st.sampled_from([0, 0, 5, 20]))),
        start_faults=draw(st.lists(st.sampled_from(["", "", "throttle", "lost-before", "lost-after"]), max_size=8)),
        listing_faults=draw(st.lists(st.sampled_from(["", "", "throttle", "down"]), max_size=30)),
        words=draw(st.sampled_from([{}, {}, {"in-progress": "applying"}, {"waiting-to-start": "queued"}])),
        shuffled=Random(draw(st.integers(0, 9))),  # an order, not a secret
        now=BEGIN + timedelta(minutes=draw(st.integers(0, 100))),
    )
    for group in aws.groups.values():
        group.fate, group.seconds = draw(FATES), draw(st.integers(20, 1500))
        group.unavailable_until = (
            TOLD_AT if draw(st.integers(0, 4)) else aws.now + timedelta(seconds=draw(st.integers(0, 600)))
        )
    options = ApplyOptions(
        canaries=draw(st.integers(0, 2)),
        max_in_flight=draw(st.integers(1, 4)),
        max_failures=draw(st.integers(0, 3)),
    )
    window = WindowRun(aws, options, told=Told(), poll_seconds=draw(st.sampled_from([5, 30])))
    informed = [row for row in rows if draw(st.integers(0, 5))]
    window.told = told(*informed)
    window.deferrals = [
        replace(deferral(row), id=number) for number, row in enumerate(rows) if not draw(st.integers(0, 5))
    ]
    watch(window)
    return window


def watch(window: WindowRun) -> None:
    """Fails at the very call that breaks a promise."""
    aws, begin = window.aws, window.aws._begin  # noqa: SLF001 — the moment at which AWS begins
    informed = {guid for notice in (window.told or Told()).notices for guid in notice.instance_guids}
    deferred = {deferral.guid for deferral in window.deferrals}

    def watched(group: Group) -> None:
        row = group.row
        assert not group.begun, "begun twice"
        assert row.is_claimed, "nobody's"
        assert row.guid in informed, "not told"
        assert row.guid not in deferred, "deferred"
        assert WINDOW.starts_at <= aws.now, "before the window"
        assert aws.now + timedelta(minutes=10 * row.nodes) <= WINDOW.ends_at, "no time"
        begin(group)
        assert len(aws.under_way()) <= window.options.max_in_flight, "too many at once"

    aws._begin = watched  # type: ignore[method-assign] # this stand-in behaves otherwise # noqa: SLF001 — it has no other door


def until_done(window: WindowRun, kills: list[int]) -> int:
    """Runs, and runs again after each kill. Answers how many runs it took."""
    for number in range(_MOST_RUNS):
        window.aws.kill_after = kills[number] if number < len(kills) else None
        window.book.run_id = number + 1
        try:
            conducted = window.run()
        except Killed:
            window.aws.now += timedelta(seconds=20)
            continue
        if conducted.stopped_by is None:
            return number + 1
    raise AssertionError("it is never done")


@settings(max_examples=300)
@given(window=windows(), kills=st.lists(st.integers(0, 60), max_size=5))
def test_whatever_happens_no_promise_is_broken_and_it_ends(window: WindowRun, kills: list[int]) -> None:
    """Nothing begins twice or outside the window, nobody is touched who should not be, and AWS's truth is recorded."""
    until_done(window, kills)
    window.aws.kill_after = None
    window.aws.start_faults.clear()
    window.aws.listing_faults.clear()
    last = window.again()
    assert not [task for task in last.tasks if task.phase in ("unsettled", "under_way")]
    recorded = {record.replication_group_id: record.state for record in window.book.records.values()}
    for group_id, group in window.aws.groups.items():
        if group.begun:
            ended = group.status(window.aws.now - window.aws.listing_lag)[0]  # as the last listing had it
            expected = UpdateState.COMPLETE if ended == "complete" else UpdateState.FAILED
            assert recorded[group_id] is expected, (ended, recorded[group_id])


@settings(max_examples=150)
@given(window=windows())
def test_it_halts_as_promised(window: WindowRun) -> None:
    """Once more have failed than may, or a canary has, nothing begins any more."""
    window.run()
    for picture in window.pictures:
        failed = [task for task in picture.tasks if task.phase in ("failed", "refused")]
        if picture.halted_by is None:
            assert len(failed) <= window.options.max_failures
            assert not any(task.is_canary for task in failed)
    halted_at = next((picture.at for picture in window.pictures if picture.halted_by is not None), window.aws.now)
    assert not [b.at for group in window.aws.groups.values() for b in group.begun if b.at > halted_at]


@settings(max_examples=100)
@given(window=windows())
def test_canaries_are_complete_before_the_rest_begins(window: WindowRun) -> None:
    window.run()
    begun = sorted(b.at for group in window.aws.groups.values() for b in group.begun)
    for at in begun[window.options.canaries :]:
        complete = [g for g in window.aws.groups.values() if g.begun and g.status(at)[0] == "complete"]
        assert len(complete) >= window.options.canaries

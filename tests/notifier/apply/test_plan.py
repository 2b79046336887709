"""The plan: each reason to leave something alone, which of several counts, what is chosen, and when it is to happen."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest

from ledger.deferral import Deferral, Target
from ledger.update_record import UpdateRecord, UpdateState
from ledger.who_was_told import Notice, Told
from notifier.affected import Selection
from notifier.apply.choice import by_other_words, newer_than_applicable
from notifier.apply.options import ApplyOptions
from notifier.apply.plan import LedgerFacts, Plan, apply_plan
from notifier.apply.steps import AS_WISHED, Reason
from tests.builders import action, service_update
from tests.notifier.apply.fleet_of import BEGIN, TOLD_AT, UPDATE, WINDOW, Region, Row, record, told

CACHE = Row("guid-1")
MAJOR = service_update("major-1", type="engine-major-version-update", estimated_update_time="10 minutes per node")


def deferral(row: Row) -> Deferral:
    instance = row.instance
    return Deferral(
        id=1,
        aws_region="eu-west-1",
        target=Target.INSTANCE,
        guid=instance.guid,
        name=instance.name,
        org_guid=instance.org_guid,
        org_name=instance.org_name,
        until=date(2026, 7, 1),
        time_zone="Europe/London",
        window_key=None,
        reason="election",
        ticket="T-1",
        added_at=TOLD_AT,
        added_by="ada",
    )


def planned(  # noqa: PLR0913 — the circumstances, each with a default
    region: Region,
    *,
    told_of: Told | None = None,
    deferrals: tuple[Deferral, ...] = (),
    records: tuple[UpdateRecord, ...] = (),
    now: datetime = BEGIN,
    options: ApplyOptions | None = None,
) -> Plan:
    facts = LedgerFacts(deferrals, told(*region.rows) if told_of is None else told_of, records)
    return apply_plan(region.survey, facts, WINDOW, now, options or ApplyOptions())


def reasons(plan: Plan) -> list[str]:
    return [skip.reason.value for skip in plan.skips]


def groups(plan: Plan) -> list[str]:
    return [step.subject.replication_group_id for step in plan.steps]


def test_whoever_was_told_and_did_not_ask_to_wait_is_updated() -> None:
    plan = planned(Region((CACHE,)))
    [step] = plan.steps
    assert (step.subject.key, step.subject.instance) == ((CACHE.group_id, "redis-1"), CACHE.instance)
    assert (step.starts_at, step.ends_at, step.fits) == (BEGIN, BEGIN + timedelta(minutes=10), True)
    assert (plan.skips, plan.warnings, plan.fits) == ((), (), True)


CIRCUMSTANCES: dict[Reason, dict[str, Any]] = {
    Reason.UNCLAIMED: {"row": {"is_claimed": False}},
    Reason.MAJOR_VERSION: {"row": {"update": "major-1"}},
    Reason.DEFERRED: {"is_deferred": True},
    Reason.NOT_TOLD: {"told_of": Told()},
    Reason.NOT_IN_THE_MAIL: {"told_of": Told((Notice("org-guid", frozenset({"another"}), TOLD_AT),))},
    Reason.NOT_AVAILABLE: {"row": {"group_status": "snapshotting"}},
    Reason.UNDER_WAY: {"row": {"status": "in-progress"}},
    Reason.NO_TIME: {"minutes_left": 5},
}


def under(*circumstances: Reason) -> Plan:
    """What is said of one group where all of these hold."""
    all_of_them: dict[str, Any] = {"row": {}, "is_deferred": False, "told_of": None, "minutes_left": 60}
    for circumstance in circumstances:
        row_changes = {**all_of_them["row"], **CIRCUMSTANCES[circumstance].get("row", {})}
        all_of_them |= {**CIRCUMSTANCES[circumstance], "row": row_changes}
    row = replace(CACHE, **all_of_them["row"])
    return planned(
        Region((row,), (UPDATE, MAJOR)),
        told_of=all_of_them["told_of"],
        deferrals=(deferral(row),) if all_of_them["is_deferred"] else (),
        now=WINDOW.ends_at - timedelta(minutes=all_of_them["minutes_left"]),
    )


@pytest.mark.parametrize("reason", CIRCUMSTANCES)
def test_each_reason_leaves_a_group_alone(reason: Reason) -> None:
    plan = under(reason)
    assert (groups(plan), reasons(plan)) == ([], [reason.value])
    assert plan.skips[0].is_as_wished is (reason in AS_WISHED)


@pytest.mark.parametrize(
    ("first", "second"),
    [pair for pair in combinations(CIRCUMSTANCES, 2) if pair != (Reason.NOT_TOLD, Reason.NOT_IN_THE_MAIL)],
)
def test_of_two_reasons_the_first_counts(first: Reason, second: Reason) -> None:
    assert reasons(under(first, second)) == [first.value]


def test_a_deferral_is_shown_with_the_skip() -> None:
    [skip] = planned(Region((CACHE,)), deferrals=(deferral(CACHE),)).skips
    assert skip.deferral == deferral(CACHE)


def test_the_status_of_a_group_that_is_not_available_is_awss_word() -> None:
    [skip] = planned(Region((replace(CACHE, group_status="snapshotting"),))).skips
    assert skip.aws_says == "snapshotting"
    unlisted = replace(Region((CACHE,)).survey, replication_groups=())
    [skip] = apply_plan(unlisted, LedgerFacts(told=told(CACHE)), WINDOW, BEGIN, ApplyOptions()).skips
    assert (skip.reason, skip.aws_says) == (Reason.NOT_AVAILABLE, "not listed")


@pytest.mark.parametrize(
    ("status", "is_told", "expected"),
    [
        ("stopped", True, []),
        ("scheduled", True, []),  # the tenant was told of this window, and not of AWS's
        ("scheduled", False, ["under_way"]),
        ("scheduling", True, ["under_way"]),
        ("waiting-to-start", True, ["under_way"]),
        ("stopping", True, ["under_way"]),
    ],
)
def test_awss_own_updates_are_left_to_it_unless_the_mail_names_the_instance(
    status: str, *, is_told: bool, expected: list[str]
) -> None:
    plan = planned(
        Region((replace(CACHE, status=status),)),
        told_of=told(CACHE) if is_told else Told(),
        options=ApplyOptions(include_untold_reason="told in the daily meeting"),
    )
    assert reasons(plan) == expected
    assert [skip.is_as_wished for skip in plan.skips] == [status.startswith("schedul")] * len(expected)


@pytest.mark.parametrize("status", ["scheduled", "scheduling"])
@pytest.mark.parametrize("told_of", [(), (replace(CACHE, guid="guid-2"),)], ids=["nobody told", "told of another"])
def test_what_only_aws_will_do_needs_no_mail(status: str, told_of: tuple[Row, ...]) -> None:
    """Mails name what waits for us, so the exit status would be 1 in every window of such a region."""
    [skip] = planned(Region((replace(CACHE, status=status),)), told_of=told(*told_of)).skips
    assert (skip.reason, skip.is_as_wished) == (Reason.UNDER_WAY, True)


def test_a_group_that_is_busy_with_another_update_waits_for_its_end() -> None:
    """Also with one that was not chosen: AWS refuses a second."""
    busy = Region((CACHE,), (UPDATE, MAJOR), (action("major-1", CACHE.group_id, "in-progress"),))
    assert reasons(planned(busy)) == ["under_way"]


def test_the_override_touches_who_was_not_told() -> None:
    plan = planned(Region((CACHE,)), told_of=Told(), options=ApplyOptions(include_untold_reason="urgent"))
    assert groups(plan) == [CACHE.group_id]


def test_an_unclaimed_group_is_touched_where_it_is_named() -> None:
    """Its name is no reason to leave the tenants out."""
    nobodys = replace(CACHE, guid="guid-2", is_claimed=False)
    region = Region((CACHE, nobodys))
    assert reasons(planned(region)) == ["unclaimed"]
    named = planned(region, options=ApplyOptions(groups=frozenset({nobodys.group_id})))
    assert sorted(groups(named)) == sorted([CACHE.group_id, nobodys.group_id])


@pytest.mark.parametrize(
    "options",
    [
        ApplyOptions(only_instances=frozenset({"guid-1"})),
        ApplyOptions(Selection(only_orgs=frozenset({"org"}))),
        ApplyOptions(Selection(excluded_orgs=frozenset({"other-guid"}))),
    ],
)
def test_what_was_not_asked_for_is_no_part_of_the_plan(options: ApplyOptions) -> None:
    other = Row("guid-2", org="other")
    plan = planned(Region((CACHE, other)), options=options)
    assert (groups(plan), reasons(plan)) == ([CACHE.group_id], [])


def test_each_group_gets_the_newest_update_whatever_it_is_called() -> None:
    """By its release date: updates are cumulative, and their names carry no date to rely on."""
    newest = replace(UPDATE, name="a-patch", released_at=datetime(2026, 5, 20, tzinfo=BEGIN.tzinfo))
    region = Region((CACHE,), (UPDATE, newest), (action("a-patch", CACHE.group_id),))
    assert [step.subject.service_update for step in planned(region).steps] == ["a-patch"]
    older = planned(region, options=ApplyOptions(Selection(only_updates=frozenset({"redis-1"}))))
    assert [(step.subject.service_update, step.still_waiting) for step in older.steps] == [("redis-1", ("a-patch",))]


def test_major_versions_are_applied_by_name_only() -> None:
    """Beside another update they wait on; they are no newer update either."""
    both = Region((CACHE,), (UPDATE, replace(MAJOR, released_at=TOLD_AT)), (action("major-1", CACHE.group_id),))
    [step] = planned(both).steps
    assert (step.subject.service_update, step.still_waiting) == ("redis-1", ("major-1",))
    named = planned(both, options=ApplyOptions(Selection(only_updates=frozenset({"major-1"}))))
    assert [step.subject.service_update for step in named.steps] == ["major-1"]
    severe = planned(both, options=ApplyOptions(Selection(severities=frozenset({"critical"}))))
    assert (severe.steps, severe.skips) == ((), ())


def test_the_plan_says_what_was_released_after_the_mail() -> None:
    """It is applied all the same: the tenant was told of an interruption, not of its cause."""
    late = replace(UPDATE, released_at=TOLD_AT + timedelta(days=1))
    assert [step.note for step in planned(Region((CACHE,), (late,))).steps] == [
        "update redis-1 was released after the mail"
    ]


@pytest.mark.parametrize(
    ("words", "warning"),
    [
        ("a while", "update redis-1: its estimate 'a while' cannot be read; 30 minutes a node are assumed"),
        ("", "update redis-1: AWS gives no estimate; 30 minutes a node are assumed"),
    ],
)
def test_an_estimate_that_cannot_be_read_counts_as_half_an_hour_a_node(words: str, warning: str) -> None:
    plan = planned(Region((replace(CACHE, nodes=2),), (replace(UPDATE, estimated_update_time=words),)))
    assert plan.steps[0].subject.estimate == timedelta(hours=1)
    assert plan.warnings == (warning,)


def test_shards_are_estimated_side_by_side() -> None:
    region = Region((replace(CACHE, nodes=6),))
    sharded = replace(CACHE.group, nodes_count=6, nodes_of_largest_shard=2)
    plan = apply_plan(
        replace(region.survey, replication_groups=(sharded,)),
        LedgerFacts(told=told(CACHE)),
        WINDOW,
        BEGIN,
        ApplyOptions(),
    )
    assert plan.steps[0].subject.estimate == timedelta(minutes=20)


def test_canaries_go_first_and_alone_then_the_longest() -> None:
    """A canary is highly available, with the fewest nodes; two at once, each as soon as there is a place."""
    single, pair, triple, other = (Row(f"guid-{n}", nodes=nodes) for n, nodes in ((11, 1), (12, 2), (13, 3), (14, 1)))
    plan = planned(Region((single, pair, triple, other)), options=ApplyOptions(max_in_flight=2))
    begun = [((step.starts_at - BEGIN).total_seconds() / 60, step.subject.nodes, step.is_canary) for step in plan.steps]
    assert begun == [(0, 2, True), (20, 3, False), (20, 1, False), (30, 1, False)]
    assert plan.ends_at == BEGIN + timedelta(minutes=50)


def test_what_does_not_fit_is_said_before_it_begins() -> None:
    """The last of three would begin in the window and end after it."""
    rows = tuple(Row(f"guid-{n}", nodes=5) for n in (11, 12, 13))
    plan = planned(Region(rows), options=ApplyOptions(canaries=0, max_in_flight=1))
    assert [step.fits for step in plan.steps] == [True, True, False]
    assert not plan.fits


def test_outside_the_window_nothing_lacks_time() -> None:
    late = WINDOW.ends_at + timedelta(hours=3)
    assert planned(Region((CACHE,)), now=late, options=ApplyOptions(outside_window_reason="urgent")).fits
    early = planned(Region((CACHE,)), now=BEGIN - timedelta(days=3))
    assert [step.starts_at for step in early.steps] == [BEGIN]


@pytest.mark.parametrize(
    ("state", "status", "is_planned"),
    [
        (UpdateState.STARTING, "not-applied", True),  # it never arrived, unless a later listing shows otherwise
        (UpdateState.STARTING, "in-progress", False),
        (UpdateState.STARTED, "in-progress", False),
        (UpdateState.STARTED, "not-applied", False),  # a failure, which the next listing settles
        (UpdateState.REFUSED, "not-applied", True),
        (UpdateState.REFUSED, "in-progress", False),
        (UpdateState.REFUSED, "complete", False),
        (UpdateState.COMPLETE, "not-applied", False),
        (UpdateState.FAILED, "stopped", False),
        (UpdateState.STOPPED, "stopped", True),
        (UpdateState.STOPPED, "stopping", False),
    ],
)
def test_a_window_begins_nothing_twice_but_what_it_stopped(
    state: UpdateState, status: str, *, is_planned: bool
) -> None:
    """What it has under way is neither a step nor somebody else's: it is followed."""
    row = replace(CACHE, status=status)
    plan = planned(Region((row,)), records=(record(row, state),))
    assert (groups(plan) == [row.group_id]) is is_planned
    assert plan.skips == ()
    assert [earlier.record.state for earlier in plan.earlier] == [state]


@pytest.mark.parametrize("state", [UpdateState.COMPLETE, UpdateState.STOPPED, UpdateState.FAILED])
def test_a_window_interrupts_a_tenant_once(state: UpdateState) -> None:
    """No second update on a group, however much newer."""
    newer = replace(UPDATE, name="redis-2", released_at=TOLD_AT)
    region = Region((CACHE,), (UPDATE, newer), (action("redis-2", CACHE.group_id),))
    named = ApplyOptions(only_instances=frozenset({"guid-1"}))
    assert groups(planned(region, records=(record(CACHE, state),), options=named)) == []


def test_what_failed_is_taken_up_again_by_name() -> None:
    row = replace(CACHE, status="stopped")
    plan = planned(
        Region((row,)),
        records=(record(row, UpdateState.FAILED),),
        options=ApplyOptions(only_instances=frozenset({"guid-1"})),
    )
    assert groups(plan) == [row.group_id]


def test_canaries_of_earlier_runs_count() -> None:
    """A window that was interrupted after its canary does not spend the time on another."""
    done, left = replace(CACHE, status="complete"), Row("guid-2")
    plan = planned(Region((done, left)), records=(record(done, UpdateState.COMPLETE),))
    assert [step.is_canary for step in plan.steps] == [False]


def test_an_earlier_update_that_aws_has_withdrawn_is_remembered() -> None:
    region = Region((CACHE,), updates=())
    [earlier] = planned(region, records=(record(CACHE, UpdateState.FAILED),)).earlier
    assert (earlier.subject.service_update, earlier.subject.instance) == ("redis-1", CACHE.instance)


@pytest.mark.parametrize("word", ["in-progress", "waiting-to-start", "stopping", "scheduling", "queued-by-aws"])
@pytest.mark.parametrize("is_newer", [True, False])
def test_what_a_group_is_busy_with_is_named_and_nothing_else_begins_on_it(word: str, *, is_newer: bool) -> None:
    """Also by a word that nobody knows, and whichever of the group's updates it is."""
    at = TOLD_AT if is_newer else None
    other = replace(UPDATE, name="redis-2", released_at=at)
    busy = replace(action("redis-2", CACHE.group_id), status=word)
    plan = planned(Region((CACHE,), (UPDATE, other), (busy,)))
    assert (groups(plan), reasons(plan)) == ([], ["under_way"])
    assert (plan.skips[0].subject.service_update, plan.skips[0].aws_says) == ("redis-2", word)


def test_only_what_a_survey_does_not_ask_for_is_asked_for_once_more() -> None:
    """Updates that are newer than the oldest that a group waits for; of what comes, the words that nobody knows."""
    newest, oldest = (replace(UPDATE, name=name, released_at=at) for name, at in (("new", TOLD_AT), ("old", None)))
    region = Region((CACHE,), (oldest, UPDATE, newest))
    assert newer_than_applicable(region.survey) == ["new"]
    listed = [action("new", CACHE.group_id, word) for word in ("complete", "not-applied", "queued-by-aws")]
    assert [found.status for found in by_other_words(listed)] == ["queued-by-aws"]

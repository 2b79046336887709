"""How much of a window a choice covers: the status page says that it is over only after all of it."""

import pytest

from fleet.inventory import ServiceUpdate
from ledger.update_record import UpdateRecord, UpdateState
from notifier.affected import Selection
from notifier.apply.extent import is_all_of_it, only_to_stop
from notifier.apply.options import ApplyOptions
from notifier.apply.plan import LedgerFacts, apply_plan
from tests.builders import action, service_update
from tests.notifier.apply.fleet_of import BEGIN, UPDATE, WINDOW, Region, Row, record, told

A = Row("guid-a", org="a")
B = Row("guid-b", org="b")
LOW = service_update("low-1", severity="low", estimated_update_time="10 minutes per node")
MAJOR = service_update("major-1", type="engine-major-version-update", estimated_update_time="10 minutes per node")


def only(**chosen: set[str]) -> ApplyOptions:
    return ApplyOptions(selection=Selection(**{name: frozenset(names) for name, names in chosen.items()}))


def is_all(
    *rows: Row,
    options: ApplyOptions,
    told_of: tuple[Row, ...] | None = None,
    records: tuple[UpdateRecord, ...] = (),
    updates: tuple[ServiceUpdate, ...] = (UPDATE,),
) -> bool:
    survey = Region(rows, updates).survey
    facts = LedgerFacts(told=told(*(rows if told_of is None else told_of)), records=records)
    return is_all_of_it(survey, facts, apply_plan(survey, facts, WINDOW, BEGIN, options), options)


NARROWER = {
    "one org": only(only_orgs={"a"}),
    "all orgs but one": only(excluded_orgs={"b"}),
    "one instance": ApplyOptions(only_instances=frozenset({"guid-a"})),
    "one update": only(only_updates={"redis-1"}),
    "one severity": only(severities={UPDATE.severity}),
}


@pytest.mark.parametrize("options", NARROWER.values(), ids=NARROWER)
def test_whichever_way_it_is_narrower_somebody_who_was_told_is_left(options: ApplyOptions) -> None:
    other = Row("guid-b", update="low-1", org="b")
    assert not is_all(A, other, options=options, updates=(UPDATE, LOW))
    assert is_all(A, other, options=ApplyOptions(), updates=(UPDATE, LOW))


@pytest.mark.parametrize("options", NARROWER.values(), ids=NARROWER)
def test_a_choice_of_all_that_is_left_is_all_of_it(options: ApplyOptions) -> None:
    """The other was done by an earlier run, waits for nothing, or was never told."""
    other = Row("guid-b", update="low-1", org="b")
    done = record(other, UpdateState.COMPLETE, update="low-1")
    assert is_all(A, other, options=options, records=(done,), updates=(UPDATE, LOW))
    assert is_all(A, other, options=options, told_of=(A,), updates=(UPDATE, LOW))
    assert is_all(A, options=options)


def test_a_major_version_counts_where_it_was_named() -> None:
    other = Row("guid-b", update="major-1", org="b")
    assert is_all(A, other, options=ApplyOptions(), updates=(UPDATE, MAJOR))
    named = Selection(only_updates=frozenset({"major-1", "redis-1"}), excluded_orgs=frozenset({"b"}))
    assert not is_all(A, other, options=ApplyOptions(selection=named), updates=(UPDATE, MAJOR))


def test_who_was_not_told_and_is_included_all_the_same_is_no_part_of_it() -> None:
    options = ApplyOptions(selection=Selection(only_orgs=frozenset({"a"})), include_untold_reason="urgent")
    assert is_all(A, B, options=options, told_of=(A,))


@pytest.mark.parametrize("options", [only(only_orgs={"a"}), only(excluded_orgs={"b"}), NARROWER["one instance"]])
def test_a_stop_of_some_says_that_there_are_others(options: ApplyOptions) -> None:
    """What cannot be stopped any more is no other."""
    complete = Row("guid-c", org="b")
    records = (record(A, UpdateState.STARTED), record(B, UpdateState.STARTED), record(complete, UpdateState.COMPLETE))
    plan = apply_plan(Region((A, B, complete)).survey, LedgerFacts(records=records), WINDOW, BEGIN, options)
    chosen = only_to_stop(plan, options)
    assert [earlier.record for earlier in chosen.earlier] == [records[0]]
    assert chosen.warnings == ("1 other update of this window was not chosen, and may be under way",)
    everything = only_to_stop(plan, ApplyOptions())
    assert (len(everything.earlier), everything.warnings) == (2, ())


def test_two_updates_of_one_group_are_one_group() -> None:
    """Updates are cumulative: the group was begun, whichever of them the mail named."""
    survey = Region((A,), (UPDATE, LOW), (action("low-1", A.group_id),)).survey
    facts = LedgerFacts(told=told(A))
    options = only(only_updates={"redis-1"})
    assert is_all_of_it(survey, facts, apply_plan(survey, facts, WINDOW, BEGIN, options), options)

"""The join between what AWS and Cloud Foundry say."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.survey import Survey, newest_applicable
from tests.builders import action, group, group_of, service_instance, service_update, small_survey, survey


def required_pairs(survey: Survey) -> list[tuple[str, str | None]]:
    return [
        (r.service_update.name, r.service_instance.guid if r.service_instance else None)
        for r in survey.required_updates
    ]


def test_two_updates_on_one_group_are_two_required_updates_of_one_waiting_instance() -> None:
    """The fraction counts instances, so that it never passes 1."""
    one = service_instance("guid-1")
    taken = survey(
        service_updates=(service_update("a"), service_update("b")),
        update_actions=(action("a", one.replication_group_id), action("b", one.replication_group_id, "stopped")),
        replication_groups=(group_of(one),),
        service_instances=(one,),
    )
    assert required_pairs(taken) == [("a", "guid-1"), ("b", "guid-1")]
    assert taken.waiting_fraction == 1.0


@pytest.mark.parametrize(
    ("accounts", "told"), [((), None), (("1",), "1"), (("1", "1"), "1"), (("1", "2"), None), (("",), None)]
)
def test_the_account_is_the_one_that_all_groups_name(accounts: tuple[str, ...], told: str | None) -> None:
    """Without a group nobody has said it."""
    groups = tuple(replace(group(f"cf-{n}"), aws_account_id=account) for n, account in enumerate(accounts))
    assert survey(replication_groups=groups).aws_account_id == told


def test_an_action_of_an_update_that_is_not_available_or_not_ours_requires_nothing() -> None:
    """AWS keeps actions of expired updates and of memcached ones in its lists."""
    one = service_instance("guid-1")
    taken = survey(
        service_updates=(service_update("expired", status="expired"), service_update("other", engine="memcached")),
        update_actions=tuple(action(name, one.replication_group_id) for name in ("expired", "other", "never-listed")),
        service_instances=(one,),
    )
    assert taken.required_updates == ()
    assert taken.our_update_actions == ()


def test_a_group_that_no_tenant_claims_is_listed_and_not_in_the_fraction() -> None:
    """It has to be updated all the same, so it is not dropped."""
    taken = small_survey()
    assert taken.unclaimed_group_ids == ("cf-nobodys",)
    assert ("redis-1", None) in required_pairs(taken)
    assert taken.waiting_fraction == 1 / 3


def test_an_instance_whose_group_aws_does_not_know_is_listed() -> None:
    """It is being created, half deleted, or lives in another account."""
    unknown = small_survey().unknown_instances
    assert [instance.guid for instance in unknown] == ["00000000-0000-0000-0000-000000000001"]


def test_a_region_without_instances_has_nothing_waiting() -> None:
    """Nothing out of nothing is 0, not an error."""
    taken = survey(
        service_updates=(service_update("a"),),
        update_actions=(action("a", "cf-x"),),
        replication_groups=(group("cf-x"),),
    )
    assert taken.waiting_fraction == 0.0


@given(st.sets(st.integers(0, 30)), st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 40))))
def test_the_fraction_is_what_counting_by_hand_gives(
    instance_numbers: set[int], waiting: list[tuple[str, int]]
) -> None:
    """Whatever waits for whomever: distinct waiting instances over instances, never above 1."""
    instances = {number: service_instance(f"guid-{number}") for number in instance_numbers}
    actions = {
        (name, number): action(name, service_instance(f"guid-{number}").replication_group_id)
        for name, number in waiting
    }
    taken = survey(
        service_updates=tuple(service_update(name) for name in "abc"),
        update_actions=tuple(actions.values()),
        service_instances=tuple(instances.values()),
    )
    by_hand = {number for _, number in waiting if number in instance_numbers}
    assert len(taken.waiting_instance_guids) == len(by_hand)
    assert taken.waiting_fraction == (len(by_hand) / len(instances) if instances else 0)
    assert taken.waiting_fraction <= 1


OLD = service_update("z-old", released_at=datetime(2026, 1, 1, tzinfo=UTC))
NEW = service_update("a-new", released_at=datetime(2026, 5, 1, tzinfo=UTC))


@pytest.mark.parametrize("order", [1, -1])
def test_of_several_updates_the_one_released_last_brings_a_group_up_to_date(order: int) -> None:
    """They are cumulative; their names say nothing of their age, nor does the order in which AWS lists them."""
    actions = [action("z-old", "cf-a"), action("a-new", "cf-a"), action("z-old", "cf-b", "stopped")]
    newest = newest_applicable([OLD, NEW][::order], actions[::order], announced=())
    assert newest == {"cf-a": action("a-new", "cf-a"), "cf-b": action("z-old", "cf-b", "stopped")}


@pytest.mark.parametrize("status", ["complete", "not-applicable", "in-progress", "waiting-to-start", "scheduling"])
def test_what_cannot_be_applied_does_not_hide_an_older_update_that_can(status: str) -> None:
    """Nor does an update that was not chosen, or that AWS gives no release date."""
    undated = service_update("undated", released_at=None)
    actions = [action("a-new", "cf-a", status), action("z-old", "cf-a"), action("undated", "cf-a"), action("x", "cf-a")]
    assert newest_applicable([OLD, NEW, undated], actions, announced=["cf-a"]) == {"cf-a": action("z-old", "cf-a")}


def test_what_aws_has_scheduled_is_left_to_it_unless_the_tenant_was_told() -> None:
    """The mail names a window; a scheduled update of a tenant who read it is done in that window."""
    actions = [action("a-new", "cf-a", "scheduled"), action("a-new", "cf-b", "scheduled")]
    assert list(newest_applicable([NEW], actions, announced=["cf-b"])) == ["cf-b"]

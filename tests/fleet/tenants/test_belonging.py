"""Settings and platforms that do not belong together, and what the message proposes."""

from dataclasses import replace

import pytest

from fleet.errors import ConfigurationError
from fleet.survey import Survey
from fleet.tenants.belonging import doubts, refuse_mismatch
from fleet.tenants.claims import Claims
from fleet.tenants.group_id import GroupIds
from fleet.tenants.tags import TenantTags
from fleet.tenants.tenancy import Tenancy
from tests.builders import action, group, service_instance, service_update, survey

GUIDS = [f"0000000{number}-0000-4000-8000-000000000000" for number in range(4)]
DEFAULT = Tenancy()


def platform(ids_at_aws: list[str], guids: list[str] = GUIDS, tenancy: Tenancy = DEFAULT) -> Survey:
    """In London, with instances named as the tenancy says."""
    instances = (service_instance(guid, group_id=tenancy.group_ids.id_of(guid)) for guid in guids)
    groups = tuple(group(group_id) for group_id in ids_at_aws)
    return survey(aws_region="eu-west-2", replication_groups=groups, service_instances=tuple(instances))


def check(found: Survey, tenancy: Tenancy = DEFAULT, tag_keys: frozenset[str] = frozenset()) -> None:
    count = len(found.replication_groups)
    refuse_mismatch(found, tenancy, Claims(found.service_instances, groups_count=count, tag_keys=tag_keys))


def refusal(found: Survey, tenancy: Tenancy = DEFAULT, tag_keys: frozenset[str] = frozenset()) -> str:
    with pytest.raises(ConfigurationError) as error:
        check(found, tenancy, tag_keys)
    return str(error.value)


def test_the_template_that_would_fit_is_proposed() -> None:
    """With an instance for which the reader can compare both ids."""
    at_aws = ["sessions", *(f"prd-{guid}" for guid in GUIDS)]
    assert refusal(platform(at_aws)) == (
        "survey: none of Cloud Foundry's 4 instances has a group in eu-west-2: REPLICATION_GROUP_ID 'cf-{fnv1a}' makes"
        f" {GroupIds().id_of(GUIDS[0])}, AWS has prd-{GUIDS[0]}; set it to prd-{{guid}}"
    )


def test_the_other_way_round_too() -> None:
    """The hash is found in ids as the guid is."""
    tenancy = Tenancy(GroupIds("csb{guid}"))
    at_aws = [GroupIds().id_of(guid) for guid in GUIDS]
    assert refusal(platform(at_aws, tenancy=tenancy), tenancy).endswith("; set it to cf-{fnv1a}")


def test_nothing_is_proposed_where_no_template_would_fit() -> None:
    """It is another account, region or Cloud Foundry."""
    said = refusal(platform(["sessions", "queue", "cache"]))
    assert "AWS has sessions; they do not seem to belong together; check AWS_REGION" in said


@pytest.mark.parametrize(
    ("instances", "groups"),
    [(2, 4), (0, 4)],
)
def test_too_few_instances_prove_nothing(instances: int, groups: int) -> None:
    """They may have just been created."""
    check(platform([f"other-{number}" for number in range(groups)], GUIDS[:instances]))


def test_too_few_that_match_are_not_enough_either() -> None:
    """Two of twenty may be two platforms' that happen to be in one account, or be left of an earlier template."""
    guids = [f"guid-{number}" for number in range(20)]
    at_aws = [GroupIds().id_of(guid) for guid in guids[:2]] + ["a", "b"]
    assert "knows the groups of only 2 of Cloud Foundry's 20 instances: they do not seem" in refusal(
        platform(at_aws, guids)
    )
    newer = [f"prd-{guid}" for guid in GUIDS]
    older = [service_instance(f"guid-{number}") for number in range(30)]
    mixed = platform([*newer, *(i.replication_group_id for i in older[:2])], GUIDS)
    said = refusal(replace(mixed, service_instances=(*mixed.service_instances, *older)))
    assert said.endswith("; most ids there are as REPLICATION_GROUP_ID 'prd-{guid}' makes them")


FROM_TAGS = Tenancy(tags=TenantTags(org="ownr"))


def from_tags(groups_count: int, instances_count: int, keys: set[str]) -> None:
    found = platform([f"cp-{number}" for number in range(groups_count)], GUIDS[:instances_count])
    claims = Claims(found.service_instances, groups_count=groups_count, tag_keys=frozenset(keys))
    refuse_mismatch(found, FROM_TAGS, claims)


@pytest.mark.parametrize(
    ("keys", "there"),
    [({"owner", "application", "Owner"}, "Owner, application, owner"), (set(), "none"), ({"a\x1b"}, "a\\x1b")],
)
def test_groups_of_which_none_has_the_org_tag_are_another_platforms(keys: set[str], there: str) -> None:
    """Or the tag is spelt otherwise, so the keys that there are are named."""
    with pytest.raises(ConfigurationError) as error:
        from_tags(3, 0, keys)
    assert str(error.value) == f"survey: none of 3 replication groups has the tag 'ownr'; tags there are {there}"


@pytest.mark.parametrize(("groups", "instances"), [(0, 0), (2, 0), (3, 1), (100, 1)])
def test_a_platform_that_is_new_or_half_tagged_is_taken_for_one(groups: int, instances: int) -> None:
    """Groups without the tag are nobody's, and counted as that."""
    from_tags(groups, instances, {"owner"})


def test_where_the_guid_tag_finds_nobody_the_keys_are_named_too() -> None:
    """It may be the template that is wrong, or the tag."""
    tenancy = Tenancy(tags=TenantTags(guid="id"))
    said = refusal(platform([f"csb{guid}" for guid in GUIDS]), tenancy, frozenset({"pcf-instance-id"}))
    assert said.endswith("; set it to csb{guid}; no tag 'id' holds a guid of theirs, tags there are pcf-instance-id")


OWNED = Tenancy(tags=TenantTags(org="owner"))


def test_a_tag_that_is_there_and_empty_is_not_said_to_be_missing() -> None:
    found = platform(["a", "b", "c"], [])
    assert refusal(found, OWNED, frozenset({"owner", "team"})) == (
        "survey: none of 3 replication groups has a value in the tag 'owner': where it is there, it is empty"
    )


def test_only_the_first_of_many_tag_keys_are_named() -> None:
    keys = frozenset(f"key-{number:03}" for number in range(500))
    said = refusal(platform(["a", "b", "c"], []), OWNED, keys)
    assert said.endswith(", key-018, key-019 and 480 more")
    assert "key-020" not in said


@pytest.mark.parametrize(
    ("claimed", "unclaimed", "is_doubtful"),
    [(0, 0, False), (0, 1, True), (4, 20, True), (4, 5, True), (4, 4, False), (20, 3, False)],
)
def test_more_that_waits_for_nobody_than_for_somebody_is_in_doubt(
    claimed: int, unclaimed: int, *, is_doubtful: bool
) -> None:
    """As where Cloud Foundry's list has lost most of its instances, and its total with them."""
    instances = [service_instance(f"guid-{number}") for number in range(claimed + unclaimed)]
    found = survey(
        service_updates=(service_update("redis-1"),),
        update_actions=tuple(action("redis-1", instance.replication_group_id) for instance in instances),
        replication_groups=tuple(group(instance.replication_group_id) for instance in instances),
        service_instances=tuple(instances[:claimed]),
    )
    said = doubts(found, DEFAULT)
    assert bool(said) is is_doubtful
    assert not said or f"updates wait for {unclaimed} replication group" in said[0]
    assert doubts(found, replace(DEFAULT, tags=TenantTags(org="owner"))) == []


def test_groups_that_no_broker_named_are_somebody_elses() -> None:
    found = survey(
        service_updates=(service_update("redis-1"),),
        update_actions=(action("redis-1", "shop"),),
        replication_groups=(group("shop"),),
    )
    assert found.unclaimed_group_ids == ("shop",)
    assert doubts(found, DEFAULT) == []

"""Whose a group is: the join of instances, groups and tags, in every combination that a platform can have."""

from dataclasses import replace

import pytest

from fleet.inventory import GroupTags
from fleet.tenants.claims import claims
from fleet.tenants.group_id import GroupIds
from fleet.tenants.tags import TenantTags
from fleet.tenants.tenancy import Tenancy
from tests.builders import group, service_instance

IDS = GroupIds("csb{guid}")
BY_GUID = Tenancy(IDS, TenantTags(guid="id"))
FROM_TAGS = Tenancy(IDS, TenantTags("", "owner", "namespace", "application", "support"))
A, B = service_instance("aaa", group_id=""), service_instance("bbb", group_id="")


def joined(tagged: dict[str, str], *untagged: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """The group of each instance, and the groups that were passed over; `tagged` has guids by group id."""
    groups = [group(group_id) for group_id in (*tagged, *untagged)]
    tags = GroupTags({group_id: {"id": guid} for group_id, guid in tagged.items()}, frozenset({"id"}))
    found = claims(BY_GUID, [A, B], groups, tags)
    return {i.guid: i.replication_group_id for i in found.instances}, found.passed_over


@pytest.mark.parametrize(
    ("tagged", "untagged", "expected", "passed_over"),
    [
        ({}, ["csbaaa"], {"aaa": "csbaaa", "bbb": "csbbbb"}, ()),
        ({"mine": "aaa", "other": "bbb"}, [], {"aaa": "mine", "bbb": "other"}, ()),
        ({"mine": " AAA "}, ["csbbbb"], {"aaa": "mine", "bbb": "csbbbb"}, ()),
        ({"mine": ""}, ["csbaaa"], {"aaa": "csbaaa", "bbb": "csbbbb"}, ()),
        ({"csbaaa": "bbb"}, [], {"aaa": "", "bbb": "csbaaa"}, ()),
        ({"csbaaa": "gone"}, [], {"aaa": "", "bbb": "csbbbb"}, ()),
        ({"z": "aaa", "csbaaa": "aaa"}, [], {"aaa": "csbaaa", "bbb": "csbbbb"}, ("z",)),
        ({"z": "aaa", "y": "aaa"}, [], {"aaa": "y", "bbb": "csbbbb"}, ("z",)),
        ({"a": "aaa"}, ["csbaaa"], {"aaa": "csbaaa", "bbb": "csbbbb"}, ("a",)),
        ({"a": "aaa", "csbaaa": "bbb"}, [], {"aaa": "a", "bbb": "csbaaa"}, ()),
        ({"a": "aaa", "csbaaa": "bbb"}, ["csbbbb"], {"aaa": "a", "bbb": "csbbbb"}, ("csbaaa",)),
    ],
    ids=[
        "no tags yet",
        "names of the tenants' own",
        "written otherwise",
        "an empty tag is none",
        "the tag wins over the id",
        "a guid that nobody knows",
        "the derived id counts",
        "else the first",
        "also before its tag is known",
        "unless its tag names somebody else",
        "who has a group of the derived id too",
    ],
)
def test_a_tag_with_the_guid_wins(
    tagged: dict[str, str], untagged: list[str], expected: dict[str, str], passed_over: tuple[str, ...]
) -> None:
    """No group is ever two instances', so nobody is told of somebody else's."""
    assert joined(tagged, *untagged) == (expected, passed_over)


@pytest.mark.parametrize("others", [{}, {"a": "aaa"}, {"z": "aaa", "a": "aaa"}])
def test_a_group_of_the_derived_id_is_the_same_before_and_after_the_index_knows_its_tag(others: dict[str, str]) -> None:
    before, _ = joined(others, "csbaaa")
    after, _ = joined({**others, "csbaaa": "aaa"})
    assert before == after == {"aaa": "csbaaa", "bbb": "csbbbb"}


def with_tags(group_id: str, **tags: str) -> GroupTags:
    return GroupTags({group_id: tags}, frozenset(tags))


def test_a_group_with_the_org_tag_is_an_instance() -> None:
    """Its plan is the type of its nodes; tenants' texts are trimmed, and nothing else."""
    found = claims(
        FROM_TAGS,
        (),
        [replace(group("cp-1"), node_type="cache.t4g.micro")],
        with_tags("cp-1", owner=" Team A ", namespace="web\nprod", application="", support="Team: a@b.example"),
    )
    (instance,) = found.instances
    assert (instance.guid, instance.name, instance.replication_group_id) == ("cp-1", "cp-1", "cp-1")
    assert (instance.org_guid, instance.org_name) == ("Team A", "Team A")
    assert (instance.space_guid, instance.space_name) == ("web\nprod", "web\nprod")
    assert (instance.plan_name, instance.contact) == ("cache.t4g.micro", "Team: a@b.example")
    assert found.tagged == {"org": 1, "space": 1, "name": 0, "address": 1}


@pytest.mark.parametrize(
    ("engine", "owner"), [("redis", ""), ("redis", "  \t"), ("memcached", "team"), ("Memcached".lower(), "team")]
)
def test_a_group_without_it_is_nobodys(engine: str, owner: str) -> None:
    """And memcached is not ours."""
    tags = with_tags("cp-1", owner=owner)
    assert claims(FROM_TAGS, (), [group("cp-1", engine=engine)], tags).instances == ()


def test_what_the_platform_does_not_have_is_empty() -> None:
    """An org tag alone will do."""
    tenancy = Tenancy(IDS, TenantTags(org="services.k8s.aws/namespace"))
    tags = GroupTags({"b": {"services.k8s.aws/namespace": "web"}, "a": {}}, frozenset())
    (instance,) = claims(tenancy, (), [group("b"), group("a")], tags).instances
    assert (instance.org_name, instance.space_name, instance.name, instance.contact) == ("web", "", "b", "")
    assert (tenancy.words.org, tenancy.words.space) == ("services.k8s.aws/namespace", "")


def test_where_orgs_come_from_is_said_in_words_that_stay() -> None:
    """The ledger keeps them, and a window that was told about in other words is refused."""
    assert Tenancy().orgs_from("https://api.example.org") == "https://api.example.org"
    assert BY_GUID.orgs_from("https://api.example.org") == "https://api.example.org"
    assert FROM_TAGS.orgs_from("") == "tag 'owner'"
    assert (Tenancy().words.org, Tenancy().words.space) == ("organisation", "space")

"""Ids of replication groups as three brokers make them, and templates that AWS would refuse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.errors import ConfigurationError
from fleet.tenants.group_id import GroupIds, Proposal, group_ids, proposal

GUID = "35bf992d-c9e9-4616-a12e-7696a6cecc1b"
OTHER = "8935b28f-afb5-454b-b80b-86486a2a1812"
NOBODYS = "00000000-0000-0000-0000-000000000001"


@pytest.mark.parametrize(
    ("guid", "expected"),
    [
        ("guid-1", "cf-ux4xkdjccy5em"),
        ("guid-10", "cf-duofwuhlyvlie"),
        ("foobar", "cf-qwkec4pxhft6q"),
        (NOBODYS, "cf-pq4ewyqy6kmd4"),
        (GUID, "cf-biazuizazsmxo"),
        (OTHER, "cf-bgw7kahq5z2i6"),
    ],
)
def test_the_usual_id_is_that_of_gov_uk_paas(guid: str, expected: str) -> None:
    """The last two hash to numbers below 2^60: a rule that loses their leading zeros misses those tenants."""
    assert GroupIds().id_of(guid) == expected


@given(st.uuids().map(str))
def test_every_guid_gives_sixteen_characters(guid: str) -> None:
    """AWS allows 40 characters, and the broker always makes 16 of them."""
    assert len(GroupIds().id_of(guid)) == 16
    assert GroupIds().may_have_made(GroupIds().id_of(guid))


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("prd-{guid}", f"prd-{GUID}"),
        ("csb{guid}", f"csb{GUID}"),
        ("CSB{guid}", f"csb{GUID}"),
        ("redis-{fnv1a}-a", "redis-biazuizazsmxo-a"),
    ],
)
def test_a_template_puts_the_guid_where_it_says(template: str, expected: str) -> None:
    """The rest as it stands; AWS keeps ids in lower case."""
    ids = group_ids(template)
    assert ids.id_of(GUID) == ids.id_of(GUID.upper() if "{guid}" in template else GUID) == expected
    assert ids.may_have_made(expected)
    assert not ids.may_have_made("sessions")


ONE = "put exactly one of {guid} and {fnv1a} into it, as cf-{fnv1a}"
LETTERS = "AWS allows letters, digits and single hyphens, a letter first and no hyphen last"


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("", ONE),
        ("cf-", ONE),
        ("{guid}{guid}", ONE),
        ("a{guid}{fnv1a}", ONE),
        ("a-{GUID}", ONE),
        ("vsb-redis-{guid}x", "a guid makes it 47 characters, and AWS allows 40"),
        ("prod-{guid}", "a guid makes it 41 characters, and AWS allows 40"),
        ("a" * 28 + "{fnv1a}", "a guid makes it 41 characters, and AWS allows 40"),
        ("{guid}", LETTERS),
        ("{fnv1a}", LETTERS),
        ("7{guid}", LETTERS),
        ("-{guid}", LETTERS),
        ("a--{guid}", LETTERS),
        ("a{guid}-", LETTERS),
        ("a_{guid}", LETTERS),
        ("a {guid}", LETTERS),
        ("é{guid}", LETTERS),
        ("a{guid}{x}", LETTERS),
        ("a{fnv1a}\n", LETTERS),
    ],
)
def test_a_template_that_aws_would_refuse_is_a_wrong_setting(template: str, why: str) -> None:
    """Otherwise it matches nothing, and everybody seems to be up to date."""
    with pytest.raises(ConfigurationError) as refusal:
        group_ids(template)
    assert str(refusal.value) == f"REPLICATION_GROUP_ID '{template.strip()}': {why}"


@pytest.mark.parametrize("template", ["prd-{guid}", "csb{guid}", "cf-{fnv1a}", "a{guid}b"])
def test_the_template_that_aws_follows_is_proposed(template: str) -> None:
    """With an id that shows it, and the guid that is in it."""
    ids_at_aws = ["sessions", GroupIds(template).id_of(GUID), GroupIds(template).id_of(NOBODYS)]
    assert proposal([OTHER, GUID], ids_at_aws) == Proposal(template, GUID, ids_at_aws[1])


def test_the_template_of_most_groups_is_proposed() -> None:
    """One Cloud Foundry may have groups with the prefix of an earlier time."""
    ids_at_aws = [f"dev-{GUID}", f"prd-{GUID}", f"prd-{OTHER}"]
    found = proposal([GUID, OTHER], ids_at_aws)
    assert found is not None
    assert found.template == "prd-{guid}"


def test_nothing_is_proposed_after_guids_that_nobody_knows() -> None:
    """Somebody else's platform is in that account: no template is right."""
    assert proposal([GUID], [f"prd-{NOBODYS}", "sessions"]) is None

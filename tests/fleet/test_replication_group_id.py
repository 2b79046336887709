"""Vectors of the broker's rule, from alphagov/paas-elasticache-broker and alphagov/paas-cf."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.replication_group_id import replication_group_id


@pytest.mark.parametrize(
    ("guid", "expected"),
    [
        ("guid-1", "cf-ux4xkdjccy5em"),
        ("guid-10", "cf-duofwuhlyvlie"),
        ("foobar", "cf-qwkec4pxhft6q"),
        ("00000000-0000-0000-0000-000000000001", "cf-pq4ewyqy6kmd4"),
        ("35bf992d-c9e9-4616-a12e-7696a6cecc1b", "cf-biazuizazsmxo"),
        ("8935b28f-afb5-454b-b80b-86486a2a1812", "cf-bgw7kahq5z2i6"),
    ],
)
def test_the_id_is_the_brokers(guid: str, expected: str) -> None:
    """The last two hash to numbers below 2^60: a rule that loses their leading zeros misses those tenants."""
    assert replication_group_id(guid) == expected


@given(st.uuids().map(str))
def test_every_guid_gives_sixteen_characters(guid: str) -> None:
    """AWS allows 40 characters, and the broker always makes 16 of them."""
    assert len(replication_group_id(guid)) == 16

from random import Random
from uuid import UUID

import pytest

from sandbox import names


@pytest.mark.parametrize(
    ("guid", "group_id"),
    [
        ("35bf992d-c9e9-4616-a12e-7696a6cecc1b", "cf-biazuizazsmxo"),
        ("8935b28f-afb5-454b-b80b-86486a2a1812", "cf-bgw7kahq5z2i6"),
        ("00000000-0000-0000-0000-000000000001", "cf-pq4ewyqy6kmd4"),
        ("guid-1", "cf-ux4xkdjccy5em"),
        ("guid-10", "cf-duofwuhlyvlie"),
        ("foobar", "cf-qwkec4pxhft6q"),
    ],
)
def test_a_replication_group_is_named_as_the_broker_names_it(guid: str, group_id: str) -> None:
    """Published vectors, two of which begin with a zero that a careless conversion loses."""
    assert names.replication_group_id(guid) == group_id


def test_a_guid_with_a_leading_zero_is_a_version_4_uuid_whose_hash_starts_with_a_zero_nibble() -> None:
    """One tenant in sixteen has such a guid; the sandbox has them on purpose."""
    guid = names.guid_with_leading_zero(Random(1))
    assert UUID(guid).version == 4
    assert f"{names.fnv1a_64(guid):016x}"[0] == "0"


def test_hostile_names_stay_distinct_when_they_are_used_again() -> None:
    """Numbers are added from the second round on, so that spaces and instances can be told apart."""
    used = [names.hostile(number) for number in range(100)]
    assert len(set(used)) == 100
    assert used[: len(names.HOSTILE_NAMES)] == list(names.HOSTILE_NAMES)

import time
from collections import Counter
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.generate.platform import generate
from sandbox.names import HOSTILE_NAMES, LEADING_ZERO, fnv1a_64
from sandbox.state import required
from sandbox.truth import ServiceInstance, Truth

TODAY = date(2026, 6, 16)


def platform(instances: int, seed: int = 1) -> Truth:
    return generate(instances, seed, "eu-west-1", TODAY)


def redis_instances(truth: Truth) -> list[ServiceInstance]:
    redis = next(offering for offering in truth.service_offerings.values() if offering.name == "redis")
    plans = {plan.guid for plan in truth.service_plans.values() if plan.offering_guid == redis.guid}
    return [instance for instance in truth.service_instances.values() if instance.plan_guid in plans]


@pytest.fixture(scope="module")
def truth() -> Truth:
    return platform(57)


def test_the_same_seed_and_day_give_the_same_platform() -> None:
    """People can talk about what they see, and a failing test can be run again."""
    assert platform(57) == platform(57)
    assert platform(57) != platform(57, seed=2)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 9, 57, 1000])
def test_there_are_as_many_redis_instances_as_asked_for(count: int) -> None:
    """Databases and user-provided services come on top."""
    truth = platform(count)
    assert len(redis_instances(truth)) == count
    assert len(truth.service_instances) > count


def test_twenty_thousand_instances_take_seconds() -> None:
    """Large fleets are for benchmarks, which should not wait for them."""
    began = time.monotonic()
    assert len(redis_instances(platform(20_000))) == 20_000
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("count", [1, 57, 1000])
def test_about_two_instances_in_five_need_an_update(count: int) -> None:
    """Enough to raise an alert, and some that need several."""
    waiting = Counter(row["service_instance_guid"] for row in required(platform(count)))
    waiting.pop(None, None)
    assert 0.35 * count <= len(waiting) <= 0.45 * count + 1
    assert max(waiting.values()) > 1


@pytest.mark.parametrize(("count", "fewest"), [(2, 0), (3, 1), (1000, 20)])
def test_some_groups_belong_to_no_tenant_and_all_of_them_need_an_update(count: int, fewest: int) -> None:
    """About one in fifty, and one from three instances on."""
    truth = platform(count)
    claimed = {instance.replication_group_id for instance in redis_instances(truth)}
    unclaimed = truth.replication_groups.keys() - claimed
    assert len(unclaimed) == fewest
    assert unclaimed <= {row["replication_group_id"] for row in required(truth)}


@pytest.mark.parametrize(("count", "fewest"), [(9, 0), (10, 1), (1000, 10)])
def test_some_instances_are_not_yet_known_to_aws(count: int, fewest: int) -> None:
    """About one in a hundred is still being created, and one from ten instances on."""
    truth = platform(count)
    unknown = [i for i in redis_instances(truth) if i.replication_group_id not in truth.replication_groups]
    assert len(unknown) == fewest
    assert not any(instance.is_created for instance in unknown)


def test_several_guids_have_a_hash_that_begins_with_zero(truth: Truth) -> None:
    """The very first one too, so that a fleet of one shows the mistake."""
    leading = [fnv1a_64(instance.guid) < LEADING_ZERO for instance in redis_instances(truth)]
    assert sum(leading) >= 5
    assert leading[0]


def test_every_hostile_name_is_somewhere(truth: Truth) -> None:
    """Among instances, spaces and organisations together; each of the three has some."""
    used = [
        {thing.name for thing in things} & set(HOSTILE_NAMES)
        for things in (truth.service_instances.values(), truth.spaces.values(), truth.organizations.values())
    ]
    assert all(used)
    assert set.union(*used) == set(HOSTILE_NAMES)


def test_names_are_unique_where_cloud_foundry_wants_them_so() -> None:
    """Organisations everywhere, spaces within one, instances within a space."""
    truth = platform(1000)
    for names in (
        [organization.name for organization in truth.organizations.values()],
        [(space.organization_guid, space.name) for space in truth.spaces.values()],
        [(instance.space_guid, instance.name) for instance in truth.service_instances.values()],
    ):
        assert len(set(names)) == len(names)


def test_service_updates_are_of_every_kind(truth: Truth) -> None:
    """Severities, types, statuses and spellings of engines; dates on both sides of today."""
    updates = list(truth.service_updates.values())
    assert {update.severity for update in updates} == {"critical", "important", "medium", "low"}
    assert {u.type for u in updates} == {"security-update", "engine-update", "engine-major-version-update"}
    assert {update.status for update in updates} == {"available", "expired", "cancelled"}
    assert {"Redis , Valkey", "valkey, redis, memcached", "memcached", "REDIS"} <= {update.engine for update in updates}
    assert any(u.is_auto_updated for u in updates)
    assert any(u.status == "available" and u.recommended_apply_by_date.date() < TODAY for u in updates)


def test_some_available_update_waits_for_nobody(truth: Truth) -> None:
    """Its count is 0, which has to be said."""
    waiting = {row["service_update_name"] for row in required(truth)}
    assert [u.name for u in truth.service_updates.values() if u.status == "available" and u.name not in waiting]


def test_update_actions_have_every_status(truth: Truth) -> None:
    """All nine that AWS knows; those of expired and cancelled updates stay behind as `not-applied`."""
    assert len({action.status for action in truth.update_actions.values()}) == 9
    leftovers = [
        a for a in truth.update_actions.values() if truth.service_updates[a.service_update_name].status != "available"
    ]
    assert {action.status for action in leftovers} == {"not-applied"}
    assert {truth.service_updates[a.service_update_name].status for a in leftovers} == {"expired", "cancelled"}


def test_some_update_actions_are_on_clusters_without_a_group(truth: Truth) -> None:
    """Memcached, and a lone Redis node."""
    assert {action.engine for action in truth.update_actions.values() if not action.is_on_group} == {
        "memcached",
        "redis",
    }


def test_groups_are_of_every_shape(truth: Truth) -> None:
    """Redis and Valkey, one node or several, cluster mode with six, failover or none."""
    groups = truth.replication_groups.values()
    assert {group.engine for group in groups} == {"redis", "valkey"}
    assert {1, 2, 3, 6} <= {group.nodes for group in groups}
    assert all(len(group.members) == group.nodes for group in groups)
    assert any(
        group.nodes > 1 and not group.is_failover_automatic for group in platform(200).replication_groups.values()
    )


def test_an_inactive_plan_still_has_instances() -> None:
    """Who filters plans by availability misses them."""
    truth = platform(200)
    assert any(not truth.service_plans[str(i.plan_guid)].is_available for i in redis_instances(truth))


def test_managers_are_of_every_kind(truth: Truth) -> None:
    """None at all, a program, one of several organisations, no user name, no account, no address, a shared address."""
    managers: dict[str, list[str]] = {guid: [] for guid in truth.organizations}
    for role in truth.roles.values():
        if role.type == "organization_manager":
            managers[role.organization_guid].append(role.user_guid)
    everyone = Counter(guid for guids in managers.values() for guid in guids)
    addresses = [
        [truth.accounts[guid].user_email for guid in guids if guid in truth.accounts] for guids in managers.values()
    ]
    assert [] in managers.values()
    assert "tenant-deploy-client" in everyone
    assert max(everyone.values()) > 1
    assert any(truth.users[guid].username is None and "-client" not in guid for guid in everyone)
    assert any(guid not in truth.accounts for guid in everyone)
    assert any(address is None for found in addresses for address in found)
    assert any(len(set(found)) < len(found) for found in addresses)
    assert any(organization.is_suspended for organization in truth.organizations.values())


@settings(max_examples=60)
@given(instances=st.integers(0, 80), seed=st.integers())
def test_everything_that_is_referred_to_exists(instances: int, seed: int) -> None:
    """Whatever the size and the seed: parents, plans, holders of roles, and the two ends of each action."""
    truth = platform(instances, seed)
    targets = truth.replication_groups.keys() | truth.cache_clusters.keys()
    assert {space.organization_guid for space in truth.spaces.values()} <= truth.organizations.keys()
    assert {i.space_guid for i in truth.service_instances.values()} <= truth.spaces.keys()
    assert {i.plan_guid for i in truth.service_instances.values() if i.plan_guid} <= truth.service_plans.keys()
    assert {role.user_guid for role in truth.roles.values()} <= truth.users.keys()
    assert {role.organization_guid for role in truth.roles.values()} <= truth.organizations.keys()
    assert all(name in truth.service_updates and target in targets for name, target in truth.update_actions)
    assert len({(role.type, role.user_guid, role.organization_guid) for role in truth.roles.values()}) == len(
        truth.roles
    )

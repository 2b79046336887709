"""Update actions as AWS keeps them: for every available update and group, most of them long over."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from mypy_boto3_elasticache import ElastiCacheClient

from sandbox import Sandbox
from sandbox.generate.updates import Backlog
from sandbox.truth import ReplicationGroup, Truth

Start = Callable[..., Sandbox]
ClientOf = Callable[..., ElastiCacheClient]
WAITING = {"not-applied", "stopped"}


def available_updates(truth: Truth, group: ReplicationGroup) -> set[str]:
    return {u.name for u in truth.service_updates.values() if u.status == "available" and u.is_for(group.engine)}


def waiting_by_group(truth: Truth) -> Counter[str]:
    """Of the tenants' groups."""
    claimed = {i.replication_group_id for i in truth.service_instances.values() if i.plan_guid}
    return Counter(
        action.target_id
        for action in truth.update_actions.values()
        if action.target_id in claimed
        and action.status in WAITING
        and truth.service_updates[action.service_update_name].status == "available"
    )


def tenants_groups(truth: Truth) -> list[str]:
    claimed = {i.replication_group_id for i in truth.service_instances.values() if i.plan_guid}
    return [group_id for group_id in truth.replication_groups if group_id in claimed]


def test_every_group_has_an_action_for_every_available_update_of_its_engine(sandbox: Sandbox) -> None:
    """Whether it waits or is over; also groups that no tenant claims."""
    truth = sandbox.world.truth
    for group in truth.replication_groups.values():
        assert {name for name in available_updates(truth, group) if (name, group.id) in truth.update_actions} == (
            available_updates(truth, group)
        )


def test_most_actions_are_complete(sandbox: Sandbox) -> None:
    """As in an account that has been kept up to date; a few never applied."""
    statuses = Counter(action.status for action in sandbox.world.truth.update_actions.values())
    assert statuses["complete"] > statuses.total() / 2
    assert statuses["not-applicable"] > 1


def test_actions_come_fifty_to_a_page(start: Start, client_of: ClientOf) -> None:
    """Other lists have a hundred."""
    client = client_of(start(instances=150))
    pages = client.get_paginator("describe_update_actions").paginate()
    sizes = [len(page["UpdateActions"]) for page in pages]
    assert len(sizes) > 3
    assert set(sizes[:-1]) == {50}
    assert len(client.describe_replication_groups()["ReplicationGroups"]) == 100


@pytest.mark.parametrize(
    ("options", "asked", "expected"),
    [
        ({}, {"MaxRecords": 100}, 100),
        ({}, {"MaxRecords": 20}, 20),
        ({"actions_page_size": 30}, {}, 30),
        ({"actions_page_size": 30}, {"MaxRecords": 60}, 60),
        ({"page_size": 25}, {"MaxRecords": 60}, 25),
        ({"page_size": 25}, {}, 25),
    ],
)
def test_a_page_is_as_large_as_asked_for(
    start: Start, client_of: ClientOf, options: dict[str, Any], asked: dict[str, Any], expected: int
) -> None:
    """The sandbox's own limit caps it."""
    client = client_of(start(**options))
    assert len(client.describe_update_actions(**asked)["UpdateActions"]) == expected


def test_actions_of_an_update_that_is_over_are_found_by_its_name(start: Start, client_of: ClientOf) -> None:
    """Cancelled or expired meanwhile; asking for available updates does not find them."""
    sandbox = start()
    client = client_of(sandbox)
    group = next(iter(sandbox.world.truth.replication_groups.values()))
    name = min(available_updates(sandbox.world.truth, group))
    for status in ("cancelled", "expired"):
        sandbox.updates.withdraw(name, status)
        asked: dict[str, Any] = {"ServiceUpdateName": name, "ReplicationGroupIds": [group.id]}
        [action] = client.describe_update_actions(**asked)["UpdateActions"]
        assert action["ServiceUpdateStatus"] == status
        assert client.describe_update_actions(**asked, ServiceUpdateStatus=["available"])["UpdateActions"] == []


def test_groups_are_named_in_any_case(sandbox: Sandbox, elasticache: ElastiCacheClient) -> None:
    """As AWS compares ids."""
    group = next(iter(sandbox.world.truth.replication_groups))
    found = elasticache.describe_update_actions(ReplicationGroupIds=[group.upper()])["UpdateActions"]
    assert {action["ReplicationGroupId"] for action in found} == {group}


def test_a_fleet_to_measure_with_has_five_actions_for_every_group(start: Start) -> None:
    """Two instances in five wait."""
    truth = start(instances=100, backlog=Backlog(updates=5)).world.truth
    actions = Counter(
        action.target_id
        for action in truth.update_actions.values()
        if action.is_on_group and truth.service_updates[action.service_update_name].status == "available"
    )
    assert set(actions) == set(truth.replication_groups)
    assert set(actions.values()) == {5}
    assert len(waiting_by_group(truth)) == round(0.4 * len(tenants_groups(truth)) + 0.49)


def test_at_worst_every_group_waits_for_everything(start: Start) -> None:
    """The other extreme, in which nothing waits, is the one that has always been there: no share at all."""
    truth = start(instances=100, backlog=Backlog(share=1, each=5, updates=5)).world.truth
    assert waiting_by_group(truth) == dict.fromkeys(tenants_groups(truth), 5)
    assert not waiting_by_group(start(instances=100, backlog=Backlog(share=0)).world.truth)


def test_the_newest_updates_wait_where_their_number_is_given(start: Start) -> None:
    """Somebody who is behind is behind with the latest news."""
    truth = start(instances=40, backlog=Backlog(each=2, updates=5)).world.truth
    available = [update for update in truth.service_updates.values() if update.is_for("redis")]
    newest = sorted((u for u in available if u.status == "available"), key=lambda update: update.release_date)[-2:]
    waiting = {
        a.service_update_name
        for a in truth.update_actions.values()
        if a.status in WAITING and a.is_on_group and truth.service_updates[a.service_update_name].status == "available"
    }
    assert waiting == {update.name for update in newest}


def test_a_new_group_has_its_actions_after_ten_minutes_and_all_are_complete(start: Start) -> None:
    """It is created with what there is."""
    sandbox = start()
    group_id = sandbox.tenants.create_instance("new", "small-ha-valkey-8").replication_group_id
    assert not [key for key in sandbox.world.truth.update_actions if key[1] == group_id]
    sandbox.clock.advance(600)
    truth = sandbox.world.truth
    actions = {key[0]: action.status for key, action in truth.update_actions.items() if key[1] == group_id}
    assert set(actions) == available_updates(truth, truth.replication_groups[group_id])
    assert set(actions.values()) == {"complete"}

"""Groups that AWS is busy with, and its three possible answers to whoever wants to update them all the same."""

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError
from mypy_boto3_elasticache import ElastiCacheClient

from sandbox import Sandbox
from sandbox.groups import STATUSES
from sandbox.world import UnknownError

Start = Callable[..., Sandbox]
ClientOf = Callable[..., ElastiCacheClient]


def two_groups(sandbox: Sandbox) -> tuple[str, str]:
    """Both of them a tenant's, and available."""
    groups = sandbox.world.truth.replication_groups.values()
    first, second, *_ = (group.id for group in groups if group.status == "available" and group.tags)
    return first, second


def status_of(sandbox: Sandbox, group: str) -> str:
    return sandbox.world.truth.update_actions["new", group].status


@pytest.mark.parametrize("status", STATUSES)
def test_a_group_has_any_status_and_boto3_sees_it(start: Start, client_of: ClientOf, status: str) -> None:
    """Its nodes have it too."""
    sandbox = start()
    group, _ = two_groups(sandbox)
    sandbox.groups.set_status(group, status)
    client = client_of(sandbox)
    assert client.describe_replication_groups(ReplicationGroupId=group)["ReplicationGroups"][0]["Status"] == status
    [node] = client.describe_cache_clusters(CacheClusterId=f"{group}-001")["CacheClusters"]
    assert node["CacheClusterStatus"] == {"create-failed": "incompatible-network"}.get(status, status)


def test_a_group_is_busy_for_a_while(start: Start) -> None:
    """Then it is available, unless it was being deleted."""
    sandbox = start()
    first, second = two_groups(sandbox)
    sandbox.groups.set_status(first, "snapshotting", 60)
    sandbox.groups.set_status(second, "deleting", 60)
    sandbox.clock.advance(59)
    assert sandbox.world.truth.replication_groups[second].status == "deleting"
    sandbox.clock.advance(2)
    assert sandbox.world.truth.replication_groups[first].status == "available"
    assert second not in sandbox.world.truth.replication_groups


@pytest.mark.parametrize(("group", "status"), [("none", "available"), (None, "asleep")])
def test_what_there_is_not_cannot_be_set(start: Start, group: str | None, status: str) -> None:
    """Neither a group nor a status."""
    sandbox = start()
    with pytest.raises(UnknownError):
        sandbox.groups.set_status(group or two_groups(sandbox)[0], status)


@pytest.mark.parametrize("status", ["creating", "modifying", "deleting", "create-failed", "snapshotting"])
def test_a_busy_group_is_unprocessed(start: Start, client_of: ClientOf, status: str) -> None:
    """The others of the call are started."""
    sandbox = start()
    sandbox.updates.release("new")
    busy, free = two_groups(sandbox)
    sandbox.groups.set_status(busy, status)
    answer = client_of(sandbox).batch_apply_update_action(ServiceUpdateName="new", ReplicationGroupIds=[busy, free])
    assert [done["ReplicationGroupId"] for done in answer["ProcessedUpdateActions"]] == [free]
    [entry] = answer["UnprocessedUpdateActions"]
    assert (entry["ReplicationGroupId"], entry["ErrorType"]) == (busy, "InvalidReplicationGroupState")
    assert status in entry["ErrorMessage"]


def test_a_busy_group_has_the_whole_call_refused(start: Start, client_of: ClientOf) -> None:
    """With 400; nothing of it was started, which the sandbox has written down."""
    sandbox = start(unavailable="refused")
    sandbox.updates.release("new")
    busy, free = two_groups(sandbox)
    sandbox.groups.set_status(busy, "snapshotting")
    with pytest.raises(ClientError) as error:
        client_of(sandbox).batch_apply_update_action(ServiceUpdateName="new", ReplicationGroupIds=[busy, free])
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert error.value.response["Error"]["Code"] == "InvalidReplicationGroupState"
    assert {status_of(sandbox, busy), status_of(sandbox, free)} == {"not-applied"}
    assert {(a.target_id, a.refused) for a in sandbox.applying.attempts} == {
        (busy, "InvalidReplicationGroupState"),
        (free, "InvalidReplicationGroupState"),
    }


def test_a_busy_group_is_accepted_and_waits(start: Start, client_of: ClientOf) -> None:
    """Until it is available, however long that takes."""
    sandbox = start(unavailable="waits", update_seconds=100)
    sandbox.updates.release("new")
    busy, free = two_groups(sandbox)
    sandbox.groups.set_status(busy, "snapshotting", 1000)
    answer = client_of(sandbox).batch_apply_update_action(ServiceUpdateName="new", ReplicationGroupIds=[busy, free])
    assert {done["UpdateActionStatus"] for done in answer["ProcessedUpdateActions"]} == {"waiting-to-start"}
    sandbox.clock.advance(500)
    assert (status_of(sandbox, busy), status_of(sandbox, free)) == ("waiting-to-start", "complete")
    sandbox.clock.advance(520)
    assert status_of(sandbox, busy) == "in-progress"
    sandbox.clock.advance(100)
    assert status_of(sandbox, busy) == "complete"


def test_two_updates_of_one_group_follow_each_other_where_they_wait(start: Start) -> None:
    """Stopping the one that waits leaves the other alone."""
    sandbox = start(unavailable="waits", update_seconds=100, older_updates="not-applied")
    for name in ("new", "newer", "newest"):
        sandbox.updates.release(name)
    group, _ = two_groups(sandbox)
    for name in ("new", "newer", "newest"):
        sandbox.applying.start(name, group)
    sandbox.applying.stop("newest", group)
    sandbox.clock.advance(90)
    truth = sandbox.world.truth
    assert [truth.update_actions[name, group].status for name in ("new", "newer", "newest")] == [
        "in-progress",
        "waiting-to-start",
        "stopped",
    ]
    assert truth.replication_groups[group].status == "modifying"
    sandbox.clock.advance(110)
    truth = sandbox.world.truth
    assert [truth.update_actions[name, group].status for name in ("new", "newer")] == ["complete", "complete"]

"""Updates are applied and stopped over ElastiCache's API, and take their time."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from mypy_boto3_elasticache import ElastiCacheClient

from sandbox import Sandbox
from sandbox.truth import UpdateAction
from sandbox.updates import ImpossibleError

Start = Callable[..., Sandbox]
ClientOf = Callable[..., ElastiCacheClient]


@pytest.fixture
def waiting() -> Callable[[Sandbox], UpdateAction]:
    """An action that nothing keeps from being applied."""

    def found(sandbox: Sandbox) -> UpdateAction:
        truth = sandbox.world.truth
        return next(
            action
            for action in truth.update_actions.values()
            if action.is_on_group
            and action.status == "not-applied"
            and truth.service_updates[action.service_update_name].status == "available"
            and truth.replication_groups[action.target_id].status == "available"
        )

    return found


def status(sandbox: Sandbox, action: UpdateAction) -> tuple[str, str]:
    """Of the action and of its group."""
    truth = sandbox.world.truth
    return truth.update_actions[action.key].status, truth.replication_groups[action.target_id].status


def test_an_update_waits_is_in_progress_and_is_complete(
    start: Start, time: SimpleNamespace, waiting: Callable[[Sandbox], UpdateAction]
) -> None:
    """While it is in progress its group is `modifying`; afterwards every node is updated."""
    sandbox = start(clock=lambda: time.now, update_seconds=100)
    action = waiting(sandbox)
    assert sandbox.updates.start(*action.key).status == "waiting-to-start"
    assert status(sandbox, action) == ("waiting-to-start", "available")
    time.now += 21
    assert status(sandbox, action) == ("in-progress", "modifying")
    time.now += 80
    assert status(sandbox, action) == ("complete", "available")
    assert sandbox.world.truth.update_actions[action.key].nodes_updated == action.nodes


def test_a_stopped_update_leaves_the_rest_for_another_time(
    start: Start, time: SimpleNamespace, waiting: Callable[[Sandbox], UpdateAction]
) -> None:
    """It is stopping, then stopped, and can be applied again."""
    sandbox = start(clock=lambda: time.now, update_seconds=100)
    action = waiting(sandbox)
    sandbox.updates.start(*action.key)
    time.now += 21
    assert sandbox.updates.stop(*action.key).status == "stopping"
    time.now += 200
    assert status(sandbox, action) == ("stopped", "available")
    assert sandbox.updates.start(*action.key).status == "waiting-to-start"


def test_a_busy_group_takes_no_second_update(
    start: Start, time: SimpleNamespace, waiting: Callable[[Sandbox], UpdateAction]
) -> None:
    """AWS's word for it is InvalidReplicationGroupState."""
    sandbox = start(clock=lambda: time.now, update_seconds=100)
    action = waiting(sandbox)
    sandbox.updates.release("another")
    sandbox.updates.start(*action.key)
    time.now += 21
    with pytest.raises(ImpossibleError, match="modifying") as refused:
        sandbox.updates.start("another", action.target_id)
    assert refused.value.kind == "InvalidReplicationGroupState"


def test_boto3_applies_and_stops_updates(
    start: Start, client_of: ClientOf, waiting: Callable[[Sandbox], UpdateAction]
) -> None:
    """The replies are those of the published samples."""
    sandbox = start(update_seconds=1000)
    client, action = client_of(sandbox), waiting(sandbox)
    name, group = action.key
    applied = client.batch_apply_update_action(ServiceUpdateName=name, ReplicationGroupIds=[group])
    stopped = client.batch_stop_update_action(ServiceUpdateName=name, ReplicationGroupIds=[group])
    entry = {"ReplicationGroupId": group, "ServiceUpdateName": name}
    assert applied["ProcessedUpdateActions"] == [{**entry, "UpdateActionStatus": "waiting-to-start"}]
    assert applied["UnprocessedUpdateActions"] == []
    assert stopped["ProcessedUpdateActions"] == [{**entry, "UpdateActionStatus": "stopping"}]


def test_what_cannot_be_applied_is_unprocessed_and_keeps_nothing_back(
    start: Start, client_of: ClientOf, waiting: Callable[[Sandbox], UpdateAction]
) -> None:
    """The status is 200; unknown groups and finished actions are named with a reason."""
    sandbox = start()
    action = waiting(sandbox)
    reply = client_of(sandbox).batch_apply_update_action(
        ServiceUpdateName=action.service_update_name, ReplicationGroupIds=[action.target_id, "cf-unknown"]
    )
    assert [entry["ReplicationGroupId"] for entry in reply["ProcessedUpdateActions"]] == [action.target_id]
    [unprocessed] = reply["UnprocessedUpdateActions"]
    assert unprocessed["ReplicationGroupId"] == "cf-unknown"
    assert unprocessed["ErrorType"] == "ReplicationGroupNotFoundFault"


def test_an_expired_update_cannot_be_applied(start: Start, client_of: ClientOf) -> None:
    """Its actions still say `not-applied`, which is why somebody might try."""
    sandbox = start()
    action = next(
        action
        for action in sandbox.world.truth.update_actions.values()
        if sandbox.world.truth.service_updates[action.service_update_name].status == "expired"
    )
    reply = client_of(sandbox).batch_apply_update_action(
        ServiceUpdateName=action.service_update_name, ReplicationGroupIds=[action.target_id]
    )
    assert "expired" in reply["UnprocessedUpdateActions"][0]["ErrorMessage"]


def test_an_engine_version_upgrade_cannot_be_stopped(start: Start) -> None:
    """AWS finishes what it has begun there."""
    sandbox = start(update_seconds=1000)
    sandbox.updates.release("upgrade", type="engine-major-version-update")
    group = next(group.id for group in sandbox.world.truth.replication_groups.values() if group.status == "available")
    sandbox.updates.start("upgrade", group)
    with pytest.raises(ImpossibleError, match="cannot be stopped"):
        sandbox.updates.stop("upgrade", group)

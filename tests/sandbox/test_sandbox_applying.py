"""Updates are applied and stopped over ElastiCache's API, and take their time."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError
from botocore.parsers import ResponseParserError
from mypy_boto3_elasticache import ElastiCacheClient

from sandbox import Sandbox
from sandbox.acceptance import ImpossibleError
from sandbox.generate.updates import Backlog
from sandbox.truth import UpdateAction

Start = Callable[..., Sandbox]
ClientOf = Callable[..., ElastiCacheClient]
Waiting = Callable[..., UpdateAction]


@pytest.fixture
def waiting() -> Waiting:
    """An action on a group with so many nodes in each shard that nothing keeps from being applied."""

    def found(sandbox: Sandbox, nodes_per_shard: int = 2) -> UpdateAction:
        truth = sandbox.world.truth
        return next(
            action
            for action in truth.update_actions.values()
            if action.is_on_group
            and action.status == "not-applied"
            and truth.service_updates[action.service_update_name].status == "available"
            and truth.service_updates[action.service_update_name].type != "engine-major-version-update"
            and truth.replication_groups[action.target_id].status == "available"
            and truth.replication_groups[action.target_id].nodes_per_shard == nodes_per_shard
        )

    return found


def status(sandbox: Sandbox, action: UpdateAction) -> tuple[str, str]:
    """Of the action and of its group."""
    truth = sandbox.world.truth
    return truth.update_actions[action.key].status, truth.replication_groups[action.target_id].status


def nodes_updated(sandbox: Sandbox, action: UpdateAction) -> int:
    return sandbox.world.truth.update_actions[action.key].nodes_updated


def apply(client: ElastiCacheClient, name: str, *groups: str) -> dict[str, str]:
    """What AWS says of each group: a status, or else its type of error."""
    answer = client.batch_apply_update_action(ServiceUpdateName=name, ReplicationGroupIds=list(groups))
    return {
        **{done["ReplicationGroupId"]: done["UpdateActionStatus"] for done in answer["ProcessedUpdateActions"]},
        **{left["ReplicationGroupId"]: left["ErrorType"] for left in answer["UnprocessedUpdateActions"]},
    }


def test_an_update_waits_is_in_progress_and_is_complete(start: Start, waiting: Waiting) -> None:
    """While it is in progress its group is `modifying`; afterwards every node is updated."""
    sandbox = start(update_seconds=100)
    action = waiting(sandbox)
    assert sandbox.applying.start(*action.key).status == "waiting-to-start"
    assert status(sandbox, action) == ("waiting-to-start", "available")
    sandbox.clock.advance(21)
    assert status(sandbox, action) == ("in-progress", "modifying")
    sandbox.clock.advance(80)
    assert status(sandbox, action) == ("complete", "available")
    assert nodes_updated(sandbox, action) == action.nodes


def test_one_node_of_each_shard_is_updated_after_another(start: Start, waiting: Waiting) -> None:
    """With seconds for each node, a group takes as many times that as its largest shard has nodes."""
    sandbox = start(node_seconds=100)
    action = waiting(sandbox, nodes_per_shard=3)
    sandbox.applying.start(*action.key)
    seen = []
    for _ in range(7):
        sandbox.clock.advance(50)
        seen.append((status(sandbox, action)[0], nodes_updated(sandbox, action)))
    assert seen == [
        ("waiting-to-start", 0),
        ("in-progress", 0),
        ("in-progress", 1),
        ("in-progress", 1),
        ("in-progress", 2),
        ("complete", 3),
        ("complete", 3),
    ]


def test_shards_are_updated_side_by_side(start: Start) -> None:
    """Three shards of two nodes take as long as one."""
    sandbox = start(node_seconds=100)
    sandbox.updates.release("new")
    group = next(g for g in sandbox.world.truth.replication_groups.values() if g.shards == 3)
    action = sandbox.applying.start("new", group.id)
    sandbox.clock.advance(130)
    assert nodes_updated(sandbox, action) == 3
    sandbox.clock.advance(80)
    assert nodes_updated(sandbox, action) == 6


def test_what_has_happened_meanwhile_has_its_own_time(start: Start, waiting: Waiting) -> None:
    """However late somebody looks."""
    sandbox = start(update_seconds=100)
    action = waiting(sandbox)
    began = sandbox.world.now()
    sandbox.applying.start(*action.key)
    sandbox.clock.advance(7200)
    modified_at = sandbox.world.truth.update_actions[action.key].modified_at
    assert 100 <= (modified_at - began).total_seconds() < 110


def test_a_stopped_update_leaves_the_rest_for_another_time(start: Start, waiting: Waiting) -> None:
    """The node under way is finished; applied again, only the other one is left."""
    sandbox = start(node_seconds=100)
    action = waiting(sandbox)
    sandbox.applying.start(*action.key)
    sandbox.clock.advance(50)
    assert sandbox.applying.stop(*action.key).status == "stopping"
    assert nodes_updated(sandbox, action) == 0
    sandbox.clock.advance(80)
    assert status(sandbox, action) == ("stopped", "available")
    assert nodes_updated(sandbox, action) == action.nodes // 2
    assert sandbox.applying.start(*action.key).status == "waiting-to-start"
    sandbox.clock.advance(110)
    assert status(sandbox, action) == ("complete", "available")


def test_what_is_stopped_during_its_last_node_is_complete(start: Start, waiting: Waiting) -> None:
    """There is nothing left to stop."""
    sandbox = start(update_seconds=100)
    action = waiting(sandbox, nodes_per_shard=1)
    sandbox.applying.start(*action.key)
    sandbox.clock.advance(30)
    sandbox.applying.stop(*action.key)
    sandbox.clock.advance(100)
    assert status(sandbox, action) == ("complete", "available")


def test_what_is_stopped_before_it_began_has_no_node_updated(start: Start, waiting: Waiting) -> None:
    """Its group has never been touched."""
    sandbox = start(update_seconds=100)
    action = waiting(sandbox)
    sandbox.applying.start(*action.key)
    sandbox.applying.stop(*action.key)
    sandbox.clock.advance(300)
    assert (status(sandbox, action), nodes_updated(sandbox, action)) == (("stopped", "available"), 0)


def test_a_busy_group_takes_no_second_update(start: Start, waiting: Waiting) -> None:
    """AWS's word for it is InvalidReplicationGroupState."""
    sandbox = start(update_seconds=100)
    action = waiting(sandbox)
    sandbox.updates.release("another")
    sandbox.applying.start(*action.key)
    sandbox.clock.advance(21)
    with pytest.raises(ImpossibleError, match="modifying") as refused:
        sandbox.applying.start("another", action.target_id)
    assert refused.value.kind == "InvalidReplicationGroupState"


def test_boto3_applies_and_stops_updates(start: Start, client_of: ClientOf, waiting: Waiting) -> None:
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


def test_a_second_apply_is_refused_in_awss_words(start: Start, client_of: ClientOf, waiting: Waiting) -> None:
    """While the first is under way, and when it is complete; so is stopping what is not under way."""
    sandbox = start(update_seconds=100)
    client, (name, group) = client_of(sandbox), waiting(sandbox).key
    apply(client, name, group)
    for seconds, expected in ((0, "waiting-to-start"), (50, "in-progress"), (100, "complete")):
        sandbox.clock.advance(seconds)
        answer = client.batch_apply_update_action(ServiceUpdateName=name, ReplicationGroupIds=[group])
        assert answer["ProcessedUpdateActions"] == []
        [entry] = answer["UnprocessedUpdateActions"]
        assert entry["ErrorType"] == "InvalidParameterValue"
        assert entry["ErrorMessage"] == f"The update action is not in a valid status. Current status: {expected}."
    stopped = client.batch_stop_update_action(ServiceUpdateName=name, ReplicationGroupIds=[group])
    assert "Current status: complete." in stopped["UnprocessedUpdateActions"][0]["ErrorMessage"]


@pytest.mark.parametrize("busy", ["scheduling", "not-applicable", "stopping"])
def test_what_aws_does_itself_or_never_will_cannot_be_applied(start: Start, waiting: Waiting, busy: str) -> None:
    """What it has scheduled can."""
    sandbox = start()
    action = waiting(sandbox)
    sandbox.updates.set_status(*action.key, busy)
    with pytest.raises(ImpossibleError, match=busy):
        sandbox.applying.start(*action.key)
    sandbox.updates.set_status(*action.key, "scheduled")
    assert sandbox.applying.start(*action.key).status == "waiting-to-start"


def test_what_cannot_be_applied_is_unprocessed_and_keeps_nothing_back(
    start: Start, client_of: ClientOf, waiting: Waiting
) -> None:
    """The status is 200; unknown groups and finished actions are named with a reason."""
    sandbox = start()
    action = waiting(sandbox)
    assert apply(client_of(sandbox), action.service_update_name, action.target_id, "cf-unknown") == {
        action.target_id: "waiting-to-start",
        "cf-unknown": "ReplicationGroupNotFoundFault",
    }


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
    sandbox.applying.start("upgrade", group)
    with pytest.raises(ImpossibleError, match="cannot be stopped"):
        sandbox.applying.stop("upgrade", group)


@pytest.mark.parametrize("call", ["batch_apply_update_action", "batch_stop_update_action"])
@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"ServiceUpdateName": "all", "ReplicationGroupIds": [f"g{n}" for n in range(21)]}, "InvalidParameterValue"),
        ({"ServiceUpdateName": "all"}, "InvalidParameterValue"),
        ({"ServiceUpdateName": "none", "ReplicationGroupIds": ["a"]}, "ServiceUpdateNotFoundFault"),
    ],
)
def test_a_call_names_one_update_and_twenty_groups_at_most(
    start: Start, client_of: ClientOf, call: str, asked: dict[str, Any], code: str
) -> None:
    """The whole call is refused."""
    sandbox = start()
    sandbox.updates.release("all")
    with pytest.raises(ClientError, match=code):
        getattr(client_of(sandbox), call)(**asked)
    assert sandbox.applying.attempts == []


@pytest.mark.parametrize(
    ("older_updates", "expected"),
    [("complete", "complete"), ("not-applicable", "not-applicable"), ("not-applied", "not-applied")],
)
def test_a_newer_update_includes_the_older_ones(start: Start, older_updates: str, expected: str) -> None:
    """What AWS then says of those is not known, so it can be chosen. A newer one still waits."""
    sandbox = start(backlog=Backlog(share=1, each=5, updates=5), older_updates=older_updates)
    truth = sandbox.world.truth
    updates = sorted(
        (u for u in truth.service_updates.values() if u.status == "available" and u.is_for("redis")),
        key=lambda update: update.release_date,
    )
    group = next(g for g in truth.replication_groups.values() if g.status == "available" and g.engine == "redis")
    sandbox.updates.change(updates[0].name, type="engine-major-version-update")
    for update in updates:
        sandbox.updates.set_status(update.name, group.id, "not-applied")
    sandbox.applying.start(updates[3].name, group.id)
    sandbox.clock.advance(60)
    found = [sandbox.world.truth.update_actions[update.name, group.id].status for update in updates]
    assert found == ["not-applied", expected, expected, "complete", "not-applied"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("accepted-then-dropped", ConnectionClosedError),
        ("accepted-then-half", ResponseParserError),  # botocore does not count the bytes
        ("accepted-then-status", ClientError),
    ],
)
def test_an_apply_whose_answer_is_lost_has_been_carried_out(
    start: Start, client_of: ClientOf, waiting: Waiting, fault: str, error: type[Exception]
) -> None:
    """Whoever repeats it is refused what was in fact started."""
    sandbox = start()
    client, action = client_of(sandbox), waiting(sandbox)
    sandbox.faults.add(f"elasticache/BatchApplyUpdateAction:{fault},next=1")
    with pytest.raises(error):
        apply(client, *action.key)
    assert status(sandbox, action)[0] == "waiting-to-start"
    assert apply(client, *action.key) == {action.target_id: "InvalidParameterValue"}


def test_the_sandbox_tells_what_was_started_when_and_by_which_call(
    start: Start, client_of: ClientOf, waiting: Waiting
) -> None:
    """Refusals too; targets of one call share its number."""
    sandbox = start(update_seconds=100)
    client, action = client_of(sandbox), waiting(sandbox)
    name, group = action.key
    apply(client, name, group, "cf-unknown")
    client.batch_stop_update_action(ServiceUpdateName=name, ReplicationGroupIds=[group])
    sandbox.clock.advance(200)
    sandbox.applying.start(name, group, call="AWS")
    assert [(a.call, a.request, a.target_id, a.refused) for a in sandbox.applying.attempts] == [
        ("BatchApplyUpdateAction", 1, group, None),
        ("BatchApplyUpdateAction", 1, "cf-unknown", "NotFound"),
        ("BatchStopUpdateAction", 2, group, None),
        ("AWS", None, group, None),
    ]
    first, *_, last = sandbox.applying.attempts
    assert (last.at - first.at).total_seconds() > 199

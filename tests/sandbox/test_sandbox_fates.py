"""Updates that are applied and do not simply come to their end."""

from collections.abc import Callable

import pytest
from mypy_boto3_elasticache import ElastiCacheClient

from sandbox import Sandbox
from sandbox.fates import KINDS, Fate, FateError, Fates
from sandbox.truth import ReplicationGroup

Start = Callable[..., Sandbox]
ClientOf = Callable[..., ElastiCacheClient]
HOUR = 3600


@pytest.fixture
def mine(start: Start) -> Sandbox:
    """With an update that waits everywhere, and takes a hundred seconds."""
    sandbox = start(update_seconds=100)
    sandbox.updates.release("new")
    return sandbox


def group_of(sandbox: Sandbox, nodes: int = 2) -> ReplicationGroup:
    """A tenant's."""
    groups = sandbox.world.truth.replication_groups.values()
    return next(g for g in groups if g.status == "available" and g.nodes == nodes and g.tags)


@pytest.mark.parametrize(
    ("kind", "nodes", "action", "group"),
    [
        ("completes", 2, ("complete", 2), "available"),
        ("waits", 2, ("waiting-to-start", 0), "available"),
        ("sticks", 2, ("in-progress", 1), "modifying"),
        ("sticks", 1, ("in-progress", 0), "modifying"),
        ("stops", 2, ("stopped", 1), "available"),
        ("stops", 1, ("stopped", 0), "available"),
        ("stops", 3, ("stopped", 1), "available"),
        ("reverts", 2, ("not-applied", 0), "available"),
    ],
)
def test_an_update_meets_its_fate(mine: Sandbox, kind: str, nodes: int, action: tuple[str, int], group: str) -> None:
    """An hour later it is still so."""
    target = group_of(mine, nodes)
    mine.applying.fates.add(kind)
    mine.applying.start("new", target.id)
    mine.clock.advance(HOUR)
    truth = mine.world.truth
    found = truth.update_actions["new", target.id]
    assert (found.status, found.nodes_updated) == action
    assert truth.replication_groups[target.id].status == group


def test_a_group_vanishes_with_its_instance_and_its_actions(mine: Sandbox) -> None:
    """Its tenant has deleted it while the update was under way."""
    target = group_of(mine)
    mine.applying.fates.add("vanishes")
    mine.applying.start("new", target.id)
    mine.clock.advance(70)
    assert target.id in mine.world.truth.replication_groups
    mine.clock.advance(HOUR)
    truth = mine.world.truth
    assert target.id not in truth.replication_groups
    assert not [key for key in truth.update_actions if key[1] == target.id]
    assert target.id not in {instance.replication_group_id for instance in truth.service_instances.values()}


def test_an_update_is_refused_with_the_given_words(mine: Sandbox, client_of: ClientOf) -> None:
    """As an unprocessed entry; nothing has begun."""
    target = group_of(mine)
    mine.applying.fates.add("refused", error_type="InternalFailure", error_message="Not <now>.")
    answer = client_of(mine).batch_apply_update_action(ServiceUpdateName="new", ReplicationGroupIds=[target.id])
    assert answer["UnprocessedUpdateActions"] == [
        {
            "ReplicationGroupId": target.id,
            "ServiceUpdateName": "new",
            "ErrorType": "InternalFailure",
            "ErrorMessage": "Not <now>.",
        }
    ]
    assert mine.world.truth.update_actions["new", target.id].status == "not-applied"


def test_what_is_stuck_can_be_stopped(mine: Sandbox) -> None:
    """And then be applied again."""
    target = group_of(mine)
    mine.applying.fates.add("sticks", next=1)
    mine.applying.start("new", target.id)
    mine.clock.advance(HOUR)
    mine.applying.stop("new", target.id)
    mine.clock.advance(HOUR)
    truth = mine.world.truth
    assert truth.update_actions["new", target.id].status == "stopped"
    assert truth.replication_groups[target.id].status == "available"
    mine.applying.start("new", target.id)
    mine.clock.advance(HOUR)
    assert mine.world.truth.update_actions["new", target.id].status == "complete"


def test_an_update_can_take_longer_than_usual(mine: Sandbox) -> None:
    """Whatever its fate."""
    target = group_of(mine)
    mine.applying.fates.add("completes", seconds=HOUR)
    mine.applying.start("new", target.id)
    mine.clock.advance(HOUR - 10)
    assert mine.world.truth.update_actions["new", target.id].status == "in-progress"
    mine.clock.advance(20)
    assert mine.world.truth.update_actions["new", target.id].status == "complete"


def test_the_latest_fate_that_fits_decides() -> None:
    """By update and target; one for the next few is used up."""
    fates = Fates()
    fates.add("stops")
    fates.add("sticks", target_id="a", next=2)
    fates.add("reverts", name="new", target_id="b")
    assert [fates.decide("new", target).kind for target in "aabac"] == ["sticks", "sticks", "reverts", "stops", "stops"]
    assert [fate.kind for fate in fates.active()] == ["stops", "reverts"]
    fates.clear()
    assert fates.decide("new", "a") == Fate()


def test_a_fate_that_there_is_not_is_refused() -> None:
    """The message says which there are."""
    with pytest.raises(FateError, match="no fate 'explodes'; there are completes, "):
        Fates().add("explodes")
    assert all(KINDS.values())

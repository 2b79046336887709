"""Update actions by the names of their updates, from a sandbox and from AWS's own oddities."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl

import pytest

from fleet.aws.client import AwsAccess, AwsKeys, elasticache_client
from fleet.aws.elasticache import ElastiCache
from fleet.errors import RemoteError
from fleet.inventory import UNSETTLED_STATUSES, UpdateAction
from fleet.tally import Tally
from sandbox.server import Sandbox
from tests.region_of import region_of
from tests.scripted_server import Answer, ScriptedServer, scripted_server

PAGE = (
    "<DescribeUpdateActionsResponse><DescribeUpdateActionsResult><UpdateActions>"
    "<UpdateAction><ServiceUpdateName>redis-1</ServiceUpdateName><ReplicationGroupId>cf-a</ReplicationGroupId>"
    "<UpdateActionStatus>in-progress</UpdateActionStatus><NodesUpdated>{}</NodesUpdated></UpdateAction>"
    "</UpdateActions></DescribeUpdateActionsResult></DescribeUpdateActionsResponse>"
)
ERROR = "<ErrorResponse><Error><Code>{}</Code><Message>no</Message></Error></ErrorResponse>"


@pytest.fixture
def elasticache(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> ElastiCache:
    monkeypatch.setenv("AWS_ENDPOINT_URL_ELASTICACHE", sandbox.environment["AWS_ENDPOINT_URL_ELASTICACHE"])
    return ElastiCache(elasticache_client(region_of(sandbox).aws, Tally()), Tally())


@contextmanager
def answering(answer: Answer) -> Iterator[tuple[ElastiCache, ScriptedServer]]:
    with scripted_server(answer) as server:
        access = AwsAccess("eu-west-1", AwsKeys("id", "key"), elasticache_endpoint_url=server.url)
        yield ElastiCache(elasticache_client(access, Tally()), Tally()), server


def keys(actions: list[UpdateAction]) -> list[tuple[str, str, str]]:
    return [(action.service_update_name, action.replication_group_id, action.status) for action in actions]


def known_to(sandbox: Sandbox, names: list[str]) -> list[tuple[str, str, str]]:
    return sorted(
        (action.service_update_name, action.target_id, action.status)
        for action in sandbox.world.truth.update_actions.values()
        if action.is_on_group and action.service_update_name in names
    )


def test_actions_are_listed_by_name_in_every_status(elasticache: ElastiCache, sandbox: Sandbox) -> None:
    """Also those of updates that have expired or were cancelled: what was begun is followed to its end."""
    updates = sandbox.world.truth.service_updates
    for status in ("available", "expired", "cancelled"):
        names = [update.name for update in updates.values() if update.status == status]
        assert keys(elasticache.update_actions(names)) == known_to(sandbox, names)
        assert known_to(sandbox, names)


def test_an_action_is_followed_until_it_is_complete(elasticache: ElastiCache, sandbox: Sandbox) -> None:
    """A list of what waits would lose it the moment that it begins, one of what is available when the update ends."""
    waiting = elasticache.update_actions(list(sandbox.world.truth.service_updates), ["not-applied"])[0]
    name, group = waiting.service_update_name, waiting.replication_group_id
    sandbox.updates.withdraw(name, "expired")
    sandbox.updates.complete(name, group)
    (action,) = [a for a in elasticache.update_actions([name]) if a.replication_group_id == group]
    assert action.status == "complete"
    assert action.nodes_updated == action.nodes_count == waiting.nodes_count
    assert action.nodes_count


def test_only_the_statuses_that_are_asked_for_are_listed(elasticache: ElastiCache, sandbox: Sandbox) -> None:
    """A survey wants those on which something is left to do."""
    names = [update.name for update in sandbox.world.truth.service_updates.values() if update.status == "available"]
    found = keys(elasticache.update_actions(names, UNSETTLED_STATUSES))
    assert found == [key for key in known_to(sandbox, names) if key[2] in UNSETTLED_STATUSES]
    assert found


def test_what_is_not_wanted_is_not_asked_for() -> None:
    """What AWS does not list costs no page; without statuses it lists them all, whatever became of the update."""
    with answering(Answer(PAGE.format("").encode())) as (elasticache, server):
        elasticache.update_actions(["redis-1"], ["stopped", "not-applied"])
        elasticache.update_actions(["redis-1"])
        asked = [dict(parse_qsl(heard.body.decode())) for heard in server.heard]
    of_protocol = {"Action": "DescribeUpdateActions", "Version": "2015-02-02", "ServiceUpdateName": "redis-1"}
    statuses = {"UpdateActionStatus.member.1": "not-applied", "UpdateActionStatus.member.2": "stopped"}
    assert asked == [{**of_protocol, **statuses}, of_protocol]


def test_without_names_nothing_is_asked(elasticache: ElastiCache, sandbox: Sandbox) -> None:
    """A region may have no available update at all."""
    assert elasticache.update_actions([]) == []
    assert sandbox.journal.entries() == []


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("1/3", (1, 3)),
        (" 0/12 ", (0, 12)),
        ("", (None, None)),
        ("3/1", (None, None)),
        ("1 of 3", (None, None)),
        ("-1/3", (None, None)),
        ("1/" + "9" * 400, (None, None)),
        ("¹/3", (None, None)),
    ],
)
def test_nodes_are_numbers_where_their_words_are_known(text: str, nodes: tuple[int | None, int | None]) -> None:
    """AWS writes them as free text: what is not understood is not guessed."""
    with answering(Answer(PAGE.format(text).encode())) as (elasticache, _):
        (action,) = elasticache.update_actions(["redis-1"])
    assert (action.nodes_updated, action.nodes_count) == nodes


def test_an_update_that_aws_has_forgotten_has_no_actions() -> None:
    """Rather than one that makes every later list fail."""
    with answering(Answer(ERROR.format("ServiceUpdateNotFoundFault").encode(), 404)) as (elasticache, _):
        assert elasticache.update_actions(["redis-1"]) == []


def test_any_other_refusal_is_one() -> None:
    """With AWS's word for it."""
    with (
        answering(Answer(ERROR.format("AccessDenied").encode(), 403)) as (elasticache, _),
        pytest.raises(RemoteError, match="DescribeUpdateActions: AccessDenied: no; allow elasticache:DescribeUpdateA"),
    ):
        elasticache.update_actions(["redis-1"])

"""The control port's part about AWS: what waits, what becomes of it, who may, and what was done."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from mypy_boto3_elasticache import ElastiCacheClient

from sandbox import Sandbox

Start = Callable[..., Sandbox]
ClientOf = Callable[..., ElastiCacheClient]
Done = Callable[..., Any]


@pytest.fixture
def mine(start: Start) -> Sandbox:
    return start(update_seconds=100)


@pytest.fixture
def call(mine: Sandbox) -> Callable[..., requests.Response]:
    """curl, as it were."""

    def called(method: str, path: str, body: object = None) -> requests.Response:
        return requests.request(method, mine.environment["SANDBOX_CONTROL_URL"] + path, json=body, timeout=5)

    return called


@pytest.fixture
def done(call: Callable[..., requests.Response]) -> Done:
    """What it answers where all went well."""

    def answered(method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 — JSON
        reply = call(method, path, body)
        assert reply.status_code in {200, 201}, reply.text
        return reply.json()

    return answered


def group_of(sandbox: Sandbox) -> str:
    return next(g.id for g in sandbox.world.truth.replication_groups.values() if g.status == "available" and g.tags)


def waiting(sandbox: Sandbox) -> set[str]:
    """The available updates that wait on the group."""
    truth, group = sandbox.world.truth, group_of(sandbox)
    return {
        update.name
        for update in truth.service_updates.values()
        if update.status == "available"
        and (action := truth.update_actions.get((update.name, group)))
        and action.status == "not-applied"
    }


def test_everything_waits_or_nothing(mine: Sandbox, done: Done) -> None:
    """A share of the tenants' groups, each for so many of its newest updates."""
    redis = sum(1 for instance in done("GET", "/state")["service_instances"] if instance["is_known_to_aws"])
    assert done("POST", "/waiting", {"share": 1, "each": 1}) == {"waiting": redis}
    assert len(waiting(mine)) == 1
    done("POST", "/waiting", {"share": 1})
    assert len(waiting(mine)) >= 3
    assert done("POST", "/waiting", {"share": 0}) == {"waiting": 0}
    assert not waiting(mine)


def test_a_released_update_has_every_field_that_is_given_and_can_be_changed(mine: Sandbox, done: Done) -> None:
    """Such as how long it claims to take, which AWS says of its actions too."""
    done("POST", "/updates", {"name": "new", "estimated_update_time": "2 minutes per node", "engine": "redis"})
    assert mine.world.truth.service_updates["new"].estimated_update_time == "2 minutes per node"
    changed = done("PATCH", "/updates/new", {"severity": "low", "end_date": "2030-01-01T00:00:00Z"})
    assert (changed["severity"], changed["engine"]) == ("low", "redis")
    assert mine.world.truth.service_updates["new"].end_date.year == 2030


def test_groups_are_busy_and_updates_meet_their_fates(mine: Sandbox, done: Done, client_of: ClientOf) -> None:
    """Set here, seen by boto3, and told afterwards with who asked for what."""
    group = group_of(mine)
    done("POST", "/updates", {"name": "new"})
    done("PUT", f"/groups/{group}", {"status": "snapshotting", "seconds": 30})
    done("PATCH", "/applying", {"unavailable": "waits", "node_seconds": 50})
    done("POST", "/fates", {"kind": "stops", "target_id": group, "next": 1})
    assert [fate["kind"] for fate in done("GET", "/fates")["fates"]] == ["stops"]
    client_of(mine).batch_apply_update_action(ServiceUpdateName="new", ReplicationGroupIds=[group])
    done("POST", "/clock/advance", {"seconds": 3600})
    started = done("GET", "/started")
    assert [attempt["target_id"] for attempt in started["attempts"]] == [group]
    [begun] = started["targets"][group]
    assert begun.keys() == {"service_update_name", "at", "arrived_at", "request", "call", "status"}
    assert (begun["call"], begun["status"]) == ("BatchApplyUpdateAction", "stopped")
    done("DELETE", "/fates")
    done("DELETE", "/started")
    assert done("GET", "/started") == {"attempts": [], "targets": {}}
    assert done("GET", "/fates") == {"fates": []}
    assert done("GET", "/applying")["node_seconds"] == 50


def test_aws_applies_by_itself_what_it_has_scheduled(
    mine: Sandbox, done: Done, call: Callable[..., requests.Response]
) -> None:
    """A second time it cannot."""
    group = group_of(mine)
    done("POST", "/updates", {"name": "new"})
    done("PUT", f"/actions/new/{group}", {"status": "scheduled"})
    done("POST", f"/actions/new/{group}/start")
    assert done("GET", "/started")["targets"][group][0]["call"] == "AWS"
    assert call("POST", f"/actions/new/{group}/start").status_code == 409


def test_calls_are_denied_and_the_account_is_another(mine: Sandbox, done: Done) -> None:
    """So that a program's check of its set-up has something to find."""
    done("POST", "/rights", {"call": "BatchApplyUpdateAction", "principal": "user/sandbox"})
    assert done("GET", "/rights")["denied"] == [{"call": "BatchApplyUpdateAction", "principal": "user/sandbox"}]
    done("DELETE", "/rights")
    assert mine.rights.denials == []
    done("PUT", "/account", {"account": "111111111111"})
    assert done("GET", "/state")["account"] == "111111111111"


@pytest.mark.parametrize(
    ("request_line", "body", "status", "problem"),
    [
        ("PATCH /updates/none", {"severity": "low"}, 404, "no service update 'none'"),
        ("POST /updates/none/withdraw", {"status": "gone"}, 404, "no status 'gone'"),
        ("PUT /groups/none", {"status": "creating"}, 404, "no replication group 'none'"),
        ("PATCH /applying", {"unavailable": "explodes"}, 404, "there are unprocessed, refused, waits"),
        ("PATCH /applying", {"older_updates": "gone"}, 404, "there are complete, not-applicable, not-applied"),
        ("POST /fates", {"kind": "explodes"}, 400, "no fate 'explodes'"),
        ("POST /clock/advance", {}, 400, "seconds"),
    ],
)
def test_a_mistake_is_answered_with_what_is_wrong(
    call: Callable[..., requests.Response], request_line: str, body: object, status: int, problem: str
) -> None:
    """In JSON, in one sentence."""
    method, path = request_line.split()
    reply = call(method, path, body)
    assert reply.status_code == status
    assert problem in reply.json()["error"]

"""The control port: what people and other processes see of the sandbox, and change in it."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from mypy_boto3_elasticache import ElastiCacheClient

from sandbox import Sandbox

Start = Callable[..., Sandbox]
Ask = Callable[..., requests.Response]
ClientOf = Callable[..., ElastiCacheClient]


class Control:
    """curl, as it were."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._url = sandbox.environment["SANDBOX_CONTROL_URL"]

    def call(self, method: str, path: str, body: object = None) -> requests.Response:
        return requests.request(method, self._url + path, json=body, timeout=5)

    def done(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 — JSON
        reply = self.call(method, path, body)
        assert reply.status_code in {200, 201}, reply.text
        return reply.json()


@pytest.fixture
def mine(start: Start) -> Sandbox:
    return start()


@pytest.fixture
def control(mine: Sandbox) -> Control:
    return Control(mine)


def waiting(client: ElastiCacheClient) -> set[tuple[str, str]]:
    pages = client.get_paginator("describe_update_actions").paginate(
        ServiceUpdateStatus=["available"], UpdateActionStatus=["not-applied", "stopped"]
    )
    return {
        (action["ServiceUpdateName"], action["ReplicationGroupId"])
        for page in pages
        for action in page["UpdateActions"]
        if "ReplicationGroupId" in action
    }


def test_the_front_page_says_what_there_is(control: Control) -> None:
    """In plain text, for curl."""
    text = control.call("GET", "/").text
    assert all(path in text for path in ("/state", "/faults", "/requests", "/updates", "/service_instances", "/tokens"))


def test_the_state_is_joined_up(mine: Sandbox, control: Control, client_of: ClientOf) -> None:
    """Instances with their parents and groups, and what is required, as AWS would tell it."""
    state = control.done("GET", "/state")
    instance = next(i for i in state["service_instances"] if i["is_known_to_aws"])
    group = next(g for g in state["replication_groups"] if g["service_instance_guid"] == instance["guid"])
    space = mine.world.truth.spaces[instance["space_guid"]]
    assert (instance["space_name"], instance["organization_guid"]) == (space.name, space.organization_guid)
    assert group["id"] == instance["replication_group_id"]
    assert {(r["service_update_name"], r["replication_group_id"]) for r in state["required"]} == {
        key for key in waiting(client_of(mine)) if mine.world.truth.service_updates[key[0]].engine != "memcached"
    }
    assert state["region"] == "eu-west-1"


def test_an_update_that_is_completed_is_required_no_longer(
    mine: Sandbox, control: Control, client_of: ClientOf
) -> None:
    """First on one group, then everywhere, then all updates."""
    client = client_of(mine)
    name, group = min(waiting(client))
    assert control.done("POST", "/complete", {"name": name, "target_id": group}) == {"completed": 1}
    assert (name, group) not in waiting(client)
    assert control.done("POST", "/complete", {"name": name})["completed"] > 0
    assert name not in {key[0] for key in waiting(client)}
    control.done("POST", "/complete")
    assert waiting(client) == set()


def test_a_released_update_waits_on_every_group_of_its_engines(
    mine: Sandbox, control: Control, client_of: ClientOf
) -> None:
    """Until it is withdrawn."""
    released = control.done("POST", "/updates", {"name": "urgent", "severity": "critical", "engine": "valkey"})
    assert released["severity"] == "critical"
    valkey = {g.id for g in mine.world.truth.replication_groups.values() if g.engine == "valkey"}
    client = client_of(mine)
    assert {group for name, group in waiting(client) if name == "urgent"} == valkey
    control.done("POST", "/updates/urgent/withdraw", {"status": "expired"})
    assert not {group for name, group in waiting(client) if name == "urgent"}


def test_an_action_gets_any_status_since_any_time(mine: Sandbox, control: Control, client_of: ClientOf) -> None:
    """So that an update can be stuck."""
    client = client_of(mine)
    name, group = min(waiting(client))
    control.done("PUT", f"/actions/{name}/{group}", {"status": "in-progress", "since": "2026-06-01T00:00:00Z"})
    [action] = client.describe_update_actions(ServiceUpdateName=name, ReplicationGroupIds=[group])["UpdateActions"]
    assert action["UpdateActionStatus"] == "in-progress"
    assert action["UpdateActionStatusModifiedDate"].isoformat() == "2026-06-01T00:00:00+00:00"


def test_instances_come_and_go(mine: Sandbox, control: Control, client_of: ClientOf, ask: Ask) -> None:
    """With their groups; a group may be left behind, claimed by nobody."""
    client = client_of(mine)
    for leave in (False, True):
        created = control.done("POST", "/service_instances", {"name": "new", "plan": "small-ha-7.x"})
        [listed] = ask(mine, "/v3/service_instances", {"guids": created["guid"]}).json()["resources"]
        group = mine.world.truth.service_instances[created["guid"]].replication_group_id
        assert listed["name"] == "new"
        found = client.describe_replication_groups(ReplicationGroupId=group)["ReplicationGroups"]
        assert len(found[0]["MemberClusters"]) == 3
        control.done("DELETE", f"/service_instances/{created['guid']}?leave_group={str(leave).lower()}")
        assert ask(mine, "/v3/service_instances", {"guids": created["guid"]}).json()["resources"] == []
        assert (group in mine.world.truth.replication_groups) is leave


def test_an_instance_can_be_one_that_aws_does_not_know_yet(mine: Sandbox, control: Control) -> None:
    """As while it is being created."""
    created = control.done("POST", "/service_instances", {"name": "new", "is_created": False})
    group = mine.world.truth.service_instances[created["guid"]].replication_group_id
    assert group not in mine.world.truth.replication_groups


@pytest.mark.parametrize("collection", ["service_instances", "spaces", "organizations"])
def test_tenants_rename_their_things(mine: Sandbox, control: Control, ask: Ask, collection: str) -> None:
    """The next answer has the new name."""
    guid = next(iter(getattr(mine.world.truth, collection)))
    control.done("PATCH", f"/{collection}/{guid}", {"name": "[new](name)"})
    [renamed] = ask(mine, f"/v3/{collection}", {"guids": guid}).json()["resources"]
    assert renamed["name"] == "[new](name)"


def test_faults_come_and_go(mine: Sandbox, control: Control) -> None:
    """Written as on the command line; of one system or all."""
    control.done("POST", "/faults", {"fault": "accounts:status:503,next=5"})
    control.done("POST", "/faults", {"fault": "uaa:down"})
    assert requests.get(mine.environment["PAAS_ACCOUNTS_URL"], timeout=5).status_code == 503
    assert [f["remaining"] for f in control.done("GET", "/faults")["faults"]] == [4, None]
    control.done("DELETE", "/faults/accounts")
    assert [f["system"] for f in control.done("GET", "/faults")["faults"]] == ["uaa"]
    control.done("DELETE", "/faults")
    assert control.done("GET", "/faults") == {"faults": []}


def test_tokens_stop_working(mine: Sandbox, control: Control, ask: Ask, token_of: Callable[[Sandbox], str]) -> None:
    """As if they had expired."""
    token = token_of(mine)
    control.done("DELETE", "/tokens")
    assert ask(mine, "/v3/organizations", token=token).status_code == 401


def test_requests_are_written_down(mine: Sandbox, control: Control, client_of: ClientOf) -> None:
    """By system and by call, with what became of each, and on how many connections; the control port's are not."""
    client = client_of(mine)
    client.describe_service_updates()
    client.describe_update_actions()
    with requests.Session() as session:
        for _ in range(3):
            session.get(mine.environment["CF_API_ADDRESS"] + "/v3/info?a=b", timeout=5)
    written = control.done("GET", "/requests")
    assert written["by_system"] == {"elasticache": 2, "cloudfoundry": 3}
    assert written["by_call"]["elasticache DescribeUpdateActions"] == 1
    assert written["by_call"]["cloudfoundry /v3/info"] == 3
    assert written["connections"] == {"elasticache": 1, "cloudfoundry": 1}
    last = written["requests"][-1]
    assert (last["method"], last["path"], last["query"], last["status"]) == ("GET", "/v3/info", "a=b", 200)
    control.done("DELETE", "/requests")
    assert control.done("GET", "/requests")["requests"] == []


@pytest.mark.parametrize(
    ("request_line", "body", "status", "problem"),
    [
        ("GET /nothing", None, 404, "GET / says what there is"),
        ("DELETE /service_instances/none", None, 404, "no service instance 'none'"),
        ("PATCH /spaces/none", {"name": "x"}, 404, "no space 'none'"),
        ("PATCH /organizations/none", {"name": "x"}, 404, "no organization 'none'"),
        ("POST /service_instances", {"name": "x", "plan": "huge"}, 404, "no plan 'huge'"),
        ("POST /updates/none/withdraw", None, 404, "no service update 'none'"),
        ("PUT /actions/none/none", {"status": "complete"}, 404, "no service update 'none'"),
        ("PUT /actions/none/none", {"status": "done"}, 404, "no status 'done'"),
        ("POST /faults", {"fault": "moon:down"}, 400, "no system 'moon'"),
        ("POST /faults", {"falt": "uaa:down"}, 400, "falt"),
        ("POST /updates", {}, 400, "name"),
    ],
)
def test_a_mistake_is_answered_with_what_is_wrong(
    control: Control, request_line: str, body: object, status: int, problem: str
) -> None:
    """In JSON, in one sentence."""
    method, path = request_line.split()
    reply = control.call(method, path, body)
    assert reply.status_code == status
    assert problem in reply.json()["error"]

"""The platform's time can be advanced and sped up; what is agreed with clients goes by the machine's."""

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
import requests
from mypy_boto3_elasticache import ElastiCacheClient

from sandbox import Sandbox
from sandbox.clock import Clock

Start = Callable[..., Sandbox]
ClientOf = Callable[..., ElastiCacheClient]


def test_time_passes_as_the_machines_does_and_can_be_advanced(time: SimpleNamespace) -> None:
    """The two add up."""
    clock = Clock(lambda: time.now)
    began = clock.now()
    time.now += 5
    assert clock.advance(7200) == clock.now() == began + 7205


def test_time_can_run_faster_and_stand_still(time: SimpleNamespace) -> None:
    """From the moment on at which that is said."""
    clock = Clock(lambda: time.now, speed=60)
    began = clock.now()
    time.now += 10
    clock.run_at(0)
    time.now += 1000
    assert clock.now() == began + 600
    clock.run_at(2)
    time.now += 1
    assert (clock.now(), clock.speed) == (began + 602, 2)


@pytest.mark.parametrize("back", [lambda clock: clock.advance(-1), lambda clock: clock.run_at(-1)])
def test_time_never_goes_back(time: SimpleNamespace, back: Callable[[Clock], object]) -> None:
    """Neither at once nor slowly."""
    with pytest.raises(ValueError, match="time cannot"):
        back(Clock(lambda: time.now))


def test_a_window_of_two_hours_is_over_in_no_time(start: Start, client_of: ClientOf) -> None:
    """Its updates are complete; the same boto3 client is let in before and after."""
    sandbox = start(node_seconds=1200)
    sandbox.updates.release("new")
    client = client_of(sandbox)
    group = next(g.id for g in sandbox.world.truth.replication_groups.values() if g.status == "available")
    client.batch_apply_update_action(ServiceUpdateName="new", ReplicationGroupIds=[group])
    sandbox.clock.advance(7200)
    [action] = client.describe_update_actions(ServiceUpdateName="new", ReplicationGroupIds=[group])["UpdateActions"]
    assert action["UpdateActionStatus"] == "complete"


def test_tokens_expire_by_the_platforms_time(
    start: Start, token_of: Callable[[Sandbox], str], ask: Callable[..., requests.Response]
) -> None:
    """As they would within a long window: whoever is refused asks for a new one."""
    sandbox = start()
    token = token_of(sandbox)
    assert ask(sandbox, "/v3/organizations", token=token).status_code == 200
    sandbox.clock.advance(1300)
    assert ask(sandbox, "/v3/organizations", token=token).status_code == 401
    assert ask(sandbox, "/v3/organizations").status_code == 200


def test_sessions_at_aws_go_by_the_machines_time(start: Start, client_of: ClientOf) -> None:
    """Botocore renews them by its own clock, and could not know better."""
    sandbox = start()
    environment = sandbox.environment
    sts = boto3.client(
        "sts",
        region_name="eu-west-1",
        endpoint_url=environment["AWS_ENDPOINT_URL_STS"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )
    role = sts.assume_role(RoleArn="arn:aws:iam::000000000000:role/applier", RoleSessionName="test")["Credentials"]
    keys = {"access_key": role["AccessKeyId"], "secret": role["SecretAccessKey"]}
    client = client_of(sandbox, **keys, session_token=role["SessionToken"])
    sandbox.clock.advance(2 * 3600)
    assert client.describe_service_updates()["ServiceUpdates"]


@pytest.mark.parametrize("skew", [0.0, 400.0])
def test_every_answer_has_the_date_and_it_can_be_wrong(start: Start, skew: float) -> None:
    """By the machine's time, not by the platform's, unless it is said to be ahead."""
    sandbox = start()
    sandbox.clock.advance(7200)
    sandbox.clock.date_skew_seconds = skew
    for system in ("cloudfoundry", "elasticache", "notify", "accounts", "uaa"):
        date = parsedate_to_datetime(requests.get(sandbox.origins[system], timeout=5).headers["Date"])
        entry = sandbox.journal.entries(system)[-1]
        assert abs((date - entry.at).total_seconds() - skew) < 5


def test_the_control_port_tells_and_changes_the_time(start: Start) -> None:
    """Advance it, speed it up, and refuse what makes no sense."""
    sandbox = start()

    def call(method: str, path: str, body: dict[str, Any] | None = None) -> requests.Response:
        return requests.request(method, sandbox.environment["SANDBOX_CONTROL_URL"] + path, json=body, timeout=5)

    before = sandbox.clock.now()
    call("POST", "/clock/advance", {"seconds": 3600})
    assert sandbox.clock.now() >= before + 3600
    assert call("PATCH", "/clock", {"speed": 60, "date_skew_seconds": -30}).json()["speed"] == 60
    assert (sandbox.clock.speed, sandbox.clock.date_skew_seconds) == (60, -30)
    assert call("POST", "/clock/advance", {"seconds": -1}).status_code == 400
    assert call("GET", "/clock").json().keys() == {"now", "machine", "speed", "date_skew_seconds"}

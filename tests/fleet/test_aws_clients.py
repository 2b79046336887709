"""The two clients of ElastiCache: one that reads and asks again, one that acts and never repeats."""

import threading
from collections.abc import Callable, Iterator

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from mypy_boto3_elasticache import ElastiCacheClient

from fleet.aws.client import AwsAccess, AwsKeys, acting_client, elasticache_client
from fleet.aws.elasticache import ElastiCache
from fleet.patience import Patience, with_patience
from fleet.tally import Tally
from sandbox.server import Options, Sandbox
from sandbox.state import state

APPLY = "BatchApplyUpdateAction"
STOP = "BatchStopUpdateAction"
Call = Callable[[ElastiCacheClient, str, list[str]], dict[str, list[dict[str, str]]]]


def apply(client: ElastiCacheClient, update: str, groups: list[str]) -> dict[str, list[dict[str, str]]]:
    return client.batch_apply_update_action(ServiceUpdateName=update, ReplicationGroupIds=groups)  # type: ignore[return-value] # a mapping


def stop(client: ElastiCacheClient, update: str, groups: list[str]) -> dict[str, list[dict[str, str]]]:
    return client.batch_stop_update_action(ServiceUpdateName=update, ReplicationGroupIds=groups)  # type: ignore[return-value] # a mapping


@pytest.fixture
def platform() -> Iterator[Sandbox]:
    with Sandbox(Options(instances=12)) as running:
        yield running


def access_to(sandbox: Sandbox) -> AwsAccess:
    environment = sandbox.environment
    keys = AwsKeys(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
    endpoint = environment["AWS_ENDPOINT_URL_ELASTICACHE"]
    return AwsAccess(environment["AWS_REGION"], keys, elasticache_endpoint_url=endpoint)


def waiting(sandbox: Sandbox) -> tuple[str, str]:
    """The names of an update and of a group that it waits for."""
    required = state(sandbox.world.truth)["required"]
    assert isinstance(required, list)
    return required[0]["service_update_name"], required[0]["replication_group_id"]


@pytest.mark.parametrize("client_of", [elasticache_client, acting_client])
def test_what_an_apply_answers_is_not_lost(
    client_of: Callable[[AwsAccess, Tally], ElastiCacheClient], platform: Sandbox
) -> None:
    """Also through a client whose lists are read beside botocore: which group was refused, and why."""
    client = client_of(access_to(platform), Tally())
    update, group = waiting(platform)
    ElastiCache(client, Tally()).replication_groups()
    answer = apply(client, update, [group, "cf-nobodys"])
    assert [entry["ReplicationGroupId"] for entry in answer["ProcessedUpdateActions"]] == [group]
    assert [entry["ReplicationGroupId"] for entry in answer["UnprocessedUpdateActions"]] == ["cf-nobodys"]
    assert answer["UnprocessedUpdateActions"][0]["ErrorMessage"]
    answer = stop(client, update, [group])
    assert [entry["UpdateActionStatus"] for entry in answer["ProcessedUpdateActions"]] == ["stopping"]


def test_lists_that_others_ask_for_are_left_whole(platform: Sandbox) -> None:
    """A colleague's own call of the same client, while lists are read on other threads, gets every field."""
    client = elasticache_client(access_to(platform), Tally())
    elasticache = ElastiCache(client, Tally())
    reading = threading.Thread(target=elasticache.replication_groups)
    reading.start()
    found = client.describe_service_updates()["ServiceUpdates"]
    reading.join()
    assert {update["ServiceUpdateName"] for update in found} == set(platform.world.truth.service_updates)


@pytest.mark.parametrize("call", [apply, stop])
@pytest.mark.parametrize(
    "fault", ["down", "half", "status:500", "status:503", "html:502", "throttle", "status:429,retry_after=1"]
)
def test_a_call_that_acts_is_one_request_whatever_becomes_of_it(call: Call, fault: str, platform: Sandbox) -> None:
    """AWS refuses to start what it has started: a repeated call would report that as refused which in fact began."""
    tally = Tally()
    client = acting_client(access_to(platform), tally)
    platform.faults.add(f"elasticache:{fault}")
    update, group = waiting(platform)
    with pytest.raises((BotoCoreError, ClientError)):
        call(client, update, [group])
    assert [entry.call for entry in platform.journal.entries("elasticache")] == [APPLY if call is apply else STOP]
    assert tally.requests["elasticache"] == 1
    assert tally.failures["elasticache"] == 1


def test_a_call_that_acts_is_not_repeated_when_no_answer_comes(platform: Sandbox) -> None:
    """It may have been carried out all the same."""
    with with_patience(Patience(acting_seconds=0.2)):
        client = acting_client(access_to(platform), Tally())
    platform.faults.add("elasticache:hang")
    update, group = waiting(platform)
    with pytest.raises(BotoCoreError, match="Read timeout"):
        apply(client, update, [group])
    assert len(platform.journal.entries("elasticache")) == 1


def test_no_setting_of_the_environment_makes_acting_calls_repeat(
    platform: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS_MAX_ATTEMPTS and AWS_RETRY_MODE are for those who read."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "5")
    monkeypatch.setenv("AWS_RETRY_MODE", "adaptive")
    client = acting_client(access_to(platform), Tally())
    platform.faults.add("elasticache:status:500")
    update, group = waiting(platform)
    with pytest.raises(ClientError):
        apply(client, update, [group])
    assert len(platform.journal.entries("elasticache")) == 1


@pytest.mark.parametrize("fault", ["garbled", "empty", "html"])
def test_an_answer_that_cannot_be_read_is_not_taken_for_one_without_refusals(fault: str, platform: Sandbox) -> None:
    """Half an answer, none, or a page of some proxy's: what was started is then not known."""
    client = acting_client(access_to(platform), Tally())
    platform.faults.add(f"elasticache:{fault}")
    update, group = waiting(platform)
    with pytest.raises((BotoCoreError, ResponseParserError)):
        apply(client, update, [group])
    assert len(platform.journal.entries("elasticache")) == 1

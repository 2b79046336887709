"""The tagging API, asked by boto3 as programs ask it, and platforms whose tags say whose a group is."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.server import Options, Sandbox


@pytest.fixture(scope="module")
def cluster() -> Iterator[Sandbox]:
    with Sandbox(Options(platform="tags")) as sandbox:
        yield sandbox


def client(sandbox: Sandbox, region: str = "eu-west-1") -> Any:  # noqa: ANN401 — as boto3 has it
    return boto3.client(
        "resourcegroupstaggingapi",
        region_name=region,
        endpoint_url=sandbox.environment["AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API"],
        aws_access_key_id=sandbox.environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=sandbox.environment["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"total_max_attempts": 1}),
    )


def arns(sandbox: Sandbox) -> list[str]:
    truth = sandbox.world.truth
    return [f"{truth.arn_prefix}:replicationgroup:{group_id}" for group_id in truth.replication_groups]


def test_it_tells_the_tags_of_the_groups_that_have_any(cluster: Sandbox) -> None:
    """And leaves out what is gone, what has none, and what its index does not know, without a word."""
    tagged = {group.id: dict(group.tags) for group in cluster.world.truth.replication_groups.values() if group.tags}
    hidden = next(iter(tagged))
    cluster.unindexed.add(hidden)
    answer = client(cluster).get_resources(ResourceARNList=[*arns(cluster), f"{arns(cluster)[0]}-gone"])
    cluster.unindexed.clear()
    found = {
        resource["ResourceARN"].rpartition(":")[2]: {tag["Key"]: tag["Value"] for tag in resource["Tags"]}
        for resource in answer["ResourceTagMappingList"]
    }
    assert found == {group_id: tags for group_id, tags in tagged.items() if group_id != hidden}
    assert len(found) < len(cluster.world.truth.replication_groups) - 1
    assert answer["PaginationToken"] == ""


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"ResourceARNList": [f"arn:aws:s3:::{n}" for n in range(101)]}, "InvalidParameterException"),
        ({"ResourceARNList": ["arn:aws:s3:::a"], "ResourcesPerPage": 10}, "InvalidParameterException"),
        ({"TagFilters": [{"Key": "owner"}]}, "InvalidParameterException"),
    ],
)
def test_it_refuses_what_aws_refuses_and_what_it_does_not_know(
    parameters: dict[str, Any], code: str, cluster: Sandbox
) -> None:
    with pytest.raises(ClientError) as refusal:
        client(cluster).get_resources(**parameters)
    assert refusal.value.response["Error"]["Code"] == code


def test_it_checks_signatures_and_rights(cluster: Sandbox) -> None:
    """For the region that it is in, and for its own service's name."""
    with pytest.raises(ClientError, match="Credential should be scoped to a valid region"):
        client(cluster, "eu-west-2").get_resources(ResourceARNList=arns(cluster)[:1])
    cluster.rights.deny("GetResources")
    with pytest.raises(ClientError, match="not authorized to perform: tag:GetResources"):
        client(cluster).get_resources(ResourceARNList=arns(cluster)[:1])
    cluster.rights.denials.clear()


def test_the_control_port_changes_tags_and_the_index(cluster: Sandbox) -> None:
    control, arn = cluster.environment["SANDBOX_CONTROL_URL"], arns(cluster)[0]
    group_id = arn.rpartition(":")[2]
    requests.put(f"{control}/groups/{group_id}/tags", json={"owner": "team-b"}, timeout=5).raise_for_status()
    (resource,) = client(cluster).get_resources(ResourceARNList=[arn])["ResourceTagMappingList"]
    assert resource["Tags"] == [{"Key": "owner", "Value": "team-b"}]
    requests.put(f"{control}/unindexed", json={"groups": [group_id]}, timeout=5).raise_for_status()
    assert client(cluster).get_resources(ResourceARNList=[arn])["ResourceTagMappingList"] == []
    requests.put(f"{control}/unindexed", json={"groups": []}, timeout=5).raise_for_status()


@pytest.mark.parametrize("platform", ["cloud.gov", "csb", "tags"])
def test_what_is_created_later_is_named_and_tagged_alike(platform: str) -> None:
    with Sandbox(Options(platform=platform, instances=10)) as sandbox:
        made = sandbox.tenants.create_instance("brand new")
        keys = {tuple(key for key, _ in g.tags) for g in sandbox.world.truth.replication_groups.values() if g.tags}
        group = sandbox.world.truth.replication_groups[made.replication_group_id]
        assert tuple(key for key, _ in group.tags) in keys
        assert ("CF_API_ADDRESS" in sandbox.environment) == (platform != "tags")

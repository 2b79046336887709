"""
The payloads that the remote systems' own documents print, read by our own code.

They are not ours to copy, so this runs where the reference lies beside the checkout (or where REFERENCE_SAMPLES
says), which is so in CI; elsewhere it says that it was skipped.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import boto3
import pytest
from botocore.model import ListShape, Shape, StructureShape

from fleet.aws.client import AwsAccess, AwsKeys, elasticache_client
from fleet.aws.elasticache import ElastiCache
from fleet.cloudfoundry.credentials import ClientCredentials
from fleet.cloudfoundry.service_instances import CloudFoundry
from fleet.cloudfoundry.uaa import UaaTokens
from fleet.remote_http import NoAuth, RemoteHttp, Request, StatusError
from fleet.tally import Tally
from tests.scripted_server import Answer, scripted_server

_ROOT = Path(__file__).parents[2]
SAMPLES = Path(os.environ.get("REFERENCE_SAMPLES", _ROOT.parent / "shared" / "reference" / "samples"))

pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason=f"the published samples are not at {SAMPLES}; set REFERENCE_SAMPLES"
)


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def query_xml(operation: str, reply: dict[str, object]) -> bytes:
    """The CLI prints replies as JSON; this is how they were on the wire, by AWS's own model."""
    model = boto3.client("elasticache", region_name="eu-west-1").meta.service_model.operation_model(operation)
    assert isinstance(model.output_shape, StructureShape)
    result = ET.Element(f"{operation}Result")
    _append_members(result, model.output_shape, reply)
    root = ET.Element(f"{operation}Response", xmlns="http://elasticache.amazonaws.com/doc/2015-02-02/")
    root.append(result)
    return ET.tostring(root)


def _append_members(parent: ET.Element, shape: StructureShape, values: dict[str, object]) -> None:
    for name, value in values.items():
        element = ET.SubElement(parent, name)
        _fill(element, shape.members[name], value)


def _fill(element: ET.Element, shape: Shape, value: object) -> None:
    if isinstance(shape, StructureShape):
        assert isinstance(value, dict)
        _append_members(element, shape, value)
    elif isinstance(shape, ListShape):
        assert isinstance(value, list)
        for item in value:
            _fill(ET.SubElement(element, shape.member.serialization.get("name", "member")), shape.member, item)
    else:
        element.text = str(value).lower() if isinstance(value, bool) else str(value)


@contextmanager
def elasticache_answering(operation: str, file: str) -> Iterator[ElastiCache]:
    with scripted_server(Answer(query_xml(operation, json.loads(sample(file))))) as server:
        tally = Tally()
        access = AwsAccess("eu-west-1", AwsKeys("id", "key"), elasticache_endpoint_url=server.url)
        yield ElastiCache(elasticache_client(access, tally), tally)


def test_the_sample_of_service_updates() -> None:
    """Two updates, one of which has expired, for redis and memcached in one string."""
    with elasticache_answering("DescribeServiceUpdates", "elasticache-describe-service-updates.json") as elasticache:
        expired, available = elasticache.service_updates()
    assert (available.name, available.severity, available.engines) == (
        "elc-xxxxxxxx7-001",
        "important",
        ("memcached", "redis"),
    )
    assert available.is_available
    assert not expired.is_available
    assert available.recommended_apply_by == datetime(2019, 11, 8, 15, 59, 59, tzinfo=UTC)
    assert available.estimated_seconds_per_node == 1800


def test_the_sample_of_update_actions() -> None:
    """Four actions, one of them on a lone memcached cluster, which is left out."""
    with elasticache_answering("DescribeUpdateActions", "elasticache-describe-update-actions.json") as elasticache:
        actions = elasticache.update_actions(["elc-20191007-001"])
    assert [action.replication_group_id for action in actions] == ["my-cluster", "my-cluster2", "mycluster"]
    assert {action.status for action in actions} == {"complete"}
    assert (actions[0].nodes_updated, actions[0].nodes_count) == (4, 4)


def test_the_sample_of_replication_groups() -> None:
    """Four members without failover: not highly available. An older reply does not name the engine."""
    with elasticache_answering(
        "DescribeReplicationGroups", "elasticache-describe-replication-groups.json"
    ) as elasticache:
        (group,) = elasticache.replication_groups()
    assert (group.id, group.nodes_count, group.engine, group.is_highly_available) == ("my-cluster", 4, "", False)


def test_the_sample_of_cache_clusters() -> None:
    """The node belongs to a replication group, where it is counted already."""
    with elasticache_answering("DescribeCacheClusters", "elasticache-describe-cache-clusters.json") as elasticache:
        assert elasticache.lone_cache_nodes_count() == 0


def test_the_sample_of_cache_parameter_groups() -> None:
    """One group of the account's own."""
    sample_file = "elasticache-describe-cache-parameter-groups.json"
    with elasticache_answering("DescribeCacheParameterGroups", sample_file) as elasticache:
        assert elasticache.cache_parameter_groups_count() == 1


def token_then(*answers: bytes) -> list[Answer]:
    return [Answer(answer) for answer in answers]


def test_the_samples_of_cloud_foundry_and_uaa() -> None:
    """
    The root document's null links, an opaque token without scope, offerings, plans, and instances with one user-provided.

    The sample of plans says that there is a second page: it is asked for, at the API's own origin only. The samples
    of instances, spaces and orgs come from different pages of the documents, so the join between them is made here.
    """
    instances = json.loads(sample("cf-v3-service-instances.json"))
    spaces = json.loads(sample("cf-v3-spaces.json"))["resources"]
    organizations = json.loads(sample("cf-v3-organizations.json"))["resources"]
    spaces[0]["guid"] = instances["resources"][0]["relationships"]["space"]["data"]["guid"]
    spaces[0]["relationships"]["organization"]["data"]["guid"] = organizations[0]["guid"]
    instances["included"] = {"spaces": spaces, "organizations": organizations}
    plans = json.loads(sample("cf-v3-service-plans.json"))
    plans["resources"][0]["guid"] = instances["resources"][0]["relationships"]["service_plan"]["data"]["guid"]
    last_plan = {**plans["resources"][0], "guid": "a plan of the second page"}
    last_plans = {**plans, "pagination": {**plans["pagination"], "next": None}, "resources": [last_plan]}
    offerings = json.loads(sample("cf-v3-service-offerings.json"))
    last_offering = {**offerings["resources"][0], "guid": "an offering of the second page"}
    last_offerings = {**offerings, "pagination": last_plans["pagination"], "resources": [last_offering]}
    with scripted_server(*token_then(sample("uaa-token.json"))) as uaa_server, scripted_server(Answer()) as api:
        own = api.url.encode()
        api.answers[:] = token_then(
            sample("cf-root.json").replace(b"https://uaa.example.org", uaa_server.url.encode()),
            json.dumps(offerings).encode().replace(b"https://api.example.org", own),
            json.dumps(last_offerings).encode(),
            json.dumps(plans).encode().replace(b"https://api.example.org", own),
            json.dumps(last_plans).encode(),
            json.dumps(instances).encode(),
        )
        tally = Tally()
        tokens = UaaTokens(api.url, ClientCredentials("id", "secret"), tally)
        (instance,) = CloudFoundry(api.url, tokens, tally).service_instances(["my_service_offering"])
    assert (instance.name, instance.plan_name) == ("my-managed-instance", "my_big_service_plan")
    assert (instance.space_name, instance.org_name) == ("space1", "org1")


def test_the_sample_of_a_cloud_foundry_error() -> None:
    """Its title and detail are the cause."""
    answer = Answer(sample("cf-v3-error.json"), status=422)
    with (
        scripted_server(answer) as api,
        pytest.raises(StatusError, match="422: CF-UnprocessableEntity: something went"),
    ):
        RemoteHttp("cloudfoundry", Tally()).ask(Request("GET", api.url, "GET /", NoAuth()), dict)

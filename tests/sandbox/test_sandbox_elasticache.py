"""ElastiCache's calls over a socket, with unmodified boto3."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from mypy_boto3_elasticache import ElastiCacheClient

from sandbox import Sandbox
from sandbox.truth import Truth

Start = Callable[..., Sandbox]
ClientOf = Callable[..., ElastiCacheClient]


def every(client: ElastiCacheClient, call: Any, **parameters: Any) -> list[dict[str, Any]]:  # noqa: ANN401 — any of five calls
    """All records of all pages."""
    pages = client.get_paginator(call).paginate(**parameters)
    return [
        record for page in pages for key, records in page.items() if isinstance(records, list) for record in records
    ]


def refused(error: pytest.ExceptionInfo[ClientError]) -> tuple[int, str]:
    response = error.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]


@pytest.fixture
def truth(sandbox: Sandbox) -> Truth:
    return sandbox.world.truth


def test_boto3_reads_everything_that_is_true(elasticache: ElastiCacheClient, truth: Truth) -> None:
    """Each Describe call lists each thing once, nodes of groups beside the clusters that have none."""
    clusters = [node for group in truth.replication_groups.values() for node in group.members] + list(
        truth.cache_clusters
    )
    assert {u["ServiceUpdateName"] for u in every(elasticache, "describe_service_updates")} == set(
        truth.service_updates
    )
    assert {
        (a["ServiceUpdateName"], a.get("ReplicationGroupId") or a["CacheClusterId"])
        for a in every(elasticache, "describe_update_actions")
    } == set(truth.update_actions)
    assert sorted(g["ReplicationGroupId"] for g in every(elasticache, "describe_replication_groups")) == sorted(
        truth.replication_groups
    )
    assert sorted(c["CacheClusterId"] for c in every(elasticache, "describe_cache_clusters")) == sorted(clusters)
    assert sorted(
        g["CacheParameterGroupName"] for g in every(elasticache, "describe_cache_parameter_groups")
    ) == sorted(truth.parameter_groups)


def test_a_service_update_says_all_that_aws_says_of_one(elasticache: ElastiCacheClient, truth: Truth) -> None:
    """Every field of the published sample, with its type."""
    [update] = [u for u in every(elasticache, "describe_service_updates") if u["AutoUpdateAfterRecommendedApplyByDate"]]
    expected = truth.service_updates[update["ServiceUpdateName"]]
    assert update == {
        "ServiceUpdateName": expected.name,
        "ServiceUpdateReleaseDate": expected.release_date,
        "ServiceUpdateEndDate": expected.end_date,
        "ServiceUpdateSeverity": "important",
        "ServiceUpdateRecommendedApplyByDate": expected.recommended_apply_by_date,
        "ServiceUpdateStatus": "available",
        "ServiceUpdateDescription": expected.description,
        "ServiceUpdateType": "security-update",
        "Engine": "Redis , Valkey",
        "EngineVersion": expected.engine_version,
        "AutoUpdateAfterRecommendedApplyByDate": True,
        "EstimatedUpdateTime": "30 minutes per node",
    }


def test_a_replication_group_shows_its_members_and_whether_it_fails_over(
    elasticache: ElastiCacheClient, truth: Truth
) -> None:
    """Members with and without cluster mode, failover and Multi-AZ together."""
    for group in every(elasticache, "describe_replication_groups"):
        expected = truth.replication_groups[group["ReplicationGroupId"]]
        assert group["MemberClusters"] == expected.members
        assert sum(len(shard["NodeGroupMembers"]) for shard in group["NodeGroups"]) == expected.nodes
        assert group["AutomaticFailover"] == ("enabled" if expected.is_failover_automatic else "disabled")
        assert group["ClusterEnabled"] is expected.is_cluster_mode
        assert (group["Engine"], group["Status"]) == (expected.engine, expected.status)


def test_a_group_is_found_whatever_the_case_of_its_id(elasticache: ElastiCacheClient, truth: Truth) -> None:
    """AWS compares ids without regard to case."""
    name = next(iter(truth.replication_groups))
    [group] = elasticache.describe_replication_groups(ReplicationGroupId=name.upper())["ReplicationGroups"]
    assert group["ReplicationGroupId"] == name


def test_clusters_outside_groups_are_listed_alone_when_asked(elasticache: ElastiCacheClient, truth: Truth) -> None:
    """Memcached with all its nodes, and Redis nodes without a group."""
    asked = {"ShowCacheClustersNotInReplicationGroups": True, "ShowCacheNodeInfo": True}
    clusters = every(elasticache, "describe_cache_clusters", **asked)
    assert {c["CacheClusterId"]: c["NumCacheNodes"] for c in clusters} == {
        cluster.id: cluster.nodes for cluster in truth.cache_clusters.values()
    }
    assert all(len(cluster["CacheNodes"]) == cluster["NumCacheNodes"] for cluster in clusters)


def test_nodes_are_shown_only_when_asked(elasticache: ElastiCacheClient) -> None:
    """As AWS does: without `ShowCacheNodeInfo` there is no `CacheNodes`."""
    assert not any("CacheNodes" in cluster for cluster in every(elasticache, "describe_cache_clusters"))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"UpdateActionStatus": ["stopped"]}, lambda _, a: a.status == "stopped"),
        ({"UpdateActionStatus": ["stopped", "scheduled"]}, lambda _, a: a.status in {"stopped", "scheduled"}),
        (
            {"ServiceUpdateStatus": ["expired"]},
            lambda t, a: t.service_updates[a.service_update_name].status == "expired",
        ),
        ({"Engine": "valkey"}, lambda _, a: a.engine == "valkey"),
        ({"CacheClusterIds": ["memcached-0"]}, lambda _, a: a.target_id == "memcached-0"),
        (
            {"ServiceUpdateTimeRange": {"StartTime": datetime.fromisoformat("2026-06-01T00:00:00Z")}},
            lambda t, a: t.service_updates[a.service_update_name].release_date.month == 6,
        ),
        (
            {"ServiceUpdateTimeRange": {"EndTime": datetime.fromisoformat("2026-01-01T00:00:00Z")}},
            lambda t, a: t.service_updates[a.service_update_name].release_date.year == 2025,
        ),
    ],
)
def test_update_actions_are_filtered(
    elasticache: ElastiCacheClient, truth: Truth, asked: dict[str, Any], expected: Callable[[Truth, Any], bool]
) -> None:
    """Each filter lets through exactly what it names, and something."""
    found = every(elasticache, "describe_update_actions", **asked)
    wanted = [action for action in truth.update_actions.values() if expected(truth, action)]
    assert wanted
    assert {(a["ServiceUpdateName"], a.get("ReplicationGroupId") or a["CacheClusterId"]) for a in found} == {
        action.key for action in wanted
    }


def test_update_actions_are_filtered_by_name_and_group_together(elasticache: ElastiCacheClient, truth: Truth) -> None:
    """Filters narrow each other down."""
    name, group = next(key for key, action in truth.update_actions.items() if action.is_on_group)
    [action] = every(elasticache, "describe_update_actions", ServiceUpdateName=name, ReplicationGroupIds=[group])
    assert (action["ServiceUpdateName"], action["ReplicationGroupId"]) == (name, group)


def test_the_status_of_each_node_is_shown_only_when_asked(elasticache: ElastiCacheClient, truth: Truth) -> None:
    """A stopped update has left some nodes updated and others not."""
    asked: dict[str, Any] = {"UpdateActionStatus": ["stopped"]}
    plain = every(elasticache, "describe_update_actions", **asked)
    detailed = every(elasticache, "describe_update_actions", ShowNodeLevelUpdateStatus=True, **asked)
    assert not any("NodeGroupUpdateStatus" in action for action in plain)
    for action in detailed:
        nodes = [n for shard in action["NodeGroupUpdateStatus"] for n in shard["NodeGroupMemberUpdateStatus"]]
        statuses = [node["NodeUpdateStatus"] for node in nodes]
        assert f"{statuses.count('complete')}/{len(nodes)}" == action["NodesUpdated"]
        assert len(nodes) == truth.replication_groups[action["ReplicationGroupId"]].nodes


def test_lists_come_in_pages_of_a_hundred_unless_fewer_are_asked_for(start: Start, client_of: ClientOf) -> None:
    """Each page but the last carries a marker; together they hold everything once."""
    client = client_of(start(instances=250))
    sizes = [len(page["ReplicationGroups"]) for page in client.get_paginator("describe_replication_groups").paginate()]
    small = client.get_paginator("describe_replication_groups").paginate(PaginationConfig={"PageSize": 20})
    assert sizes[:-1] == [100] * (len(sizes) - 1)
    assert [len(page["ReplicationGroups"]) for page in small][:-1] == [20] * (sum(sizes) // 20)


def test_a_marker_stays_good_while_groups_come_and_go(start: Start, client_of: ClientOf) -> None:
    """It points behind a name and not at a number, so that nothing is listed twice."""
    sandbox = start(page_size=10)
    client = client_of(sandbox)
    first = client.describe_replication_groups()
    gone = first["ReplicationGroups"][0]["ReplicationGroupId"]
    guid = next(i.guid for i in sandbox.world.truth.service_instances.values() if i.replication_group_id == gone)
    sandbox.tenants.delete_instance(guid)
    second = client.describe_replication_groups(Marker=first["Marker"])
    names = [g["ReplicationGroupId"] for g in [*first["ReplicationGroups"], *second["ReplicationGroups"]]]
    assert len(names) == len(set(names)) == 20
    assert names == sorted(names)


@pytest.mark.parametrize(
    ("call", "parameters", "status", "code"),
    [
        ("describe_replication_groups", {"MaxRecords": 19}, 400, "InvalidParameterValue"),
        ("describe_replication_groups", {"MaxRecords": 101}, 400, "InvalidParameterValue"),
        ("describe_replication_groups", {"Marker": "no marker"}, 400, "InvalidParameterValue"),
        ("describe_replication_groups", {"ReplicationGroupId": "no-group"}, 404, "ReplicationGroupNotFoundFault"),
        ("describe_cache_clusters", {"CacheClusterId": "none"}, 404, "CacheClusterNotFound"),
        ("describe_cache_parameter_groups", {"CacheParameterGroupName": "x"}, 404, "CacheParameterGroupNotFound"),
        ("describe_service_updates", {"ServiceUpdateName": "x"}, 404, "ServiceUpdateNotFoundFault"),
        ("describe_service_updates", {"ServiceUpdateStatus": ["complete"]}, 400, "InvalidParameterValue"),
        (
            "describe_update_actions",
            {"ReplicationGroupIds": [f"g{n}" for n in range(21)]},
            400,
            "InvalidParameterValue",
        ),
        ("describe_update_actions", {"UpdateActionStatus": ["done"]}, 400, "InvalidParameterValue"),
        ("describe_update_actions", {"Engine": "mysql"}, 400, "InvalidParameterValue"),
        ("list_tags_for_resource", {"ResourceName": "arn:aws:s3:::bucket"}, 400, "InvalidARN"),
        (
            "batch_apply_update_action",
            {"ServiceUpdateName": "x", "ReplicationGroupIds": ["a"]},
            404,
            "ServiceUpdateNotFoundFault",
        ),
        ("create_cache_cluster", {"CacheClusterId": "new"}, 400, "InvalidAction"),
    ],
)
def test_what_aws_refuses_is_refused_in_its_words(
    elasticache: ElastiCacheClient, call: str, parameters: dict[str, Any], status: int, code: str
) -> None:
    """boto3 raises the error that it would raise for AWS."""
    with pytest.raises(ClientError) as error:
        getattr(elasticache, call)(**parameters)
    assert refused(error) == (status, code)


def test_a_marker_of_another_call_is_refused(start: Start, client_of: ClientOf) -> None:
    """Markers are opaque, and only good where they came from."""
    client = client_of(start(page_size=1))
    marker = client.describe_replication_groups()["Marker"]
    with pytest.raises(ClientError) as error:
        client.describe_service_updates(Marker=marker)
    assert refused(error) == (400, "InvalidParameterValue")


def test_tags_are_those_that_the_broker_sets(elasticache: ElastiCacheClient, truth: Truth) -> None:
    """Among them the guid of the instance, from which the group's name is made."""
    instance = next(i for i in truth.service_instances.values() if i.replication_group_id in truth.replication_groups)
    arn = f"arn:aws:elasticache:eu-west-1:000000000000:replicationgroup:{instance.replication_group_id}"
    tags = {tag["Key"]: tag["Value"] for tag in elasticache.list_tags_for_resource(ResourceName=arn)["TagList"]}
    assert tags["instance-id"] == tags["chargeable_entity"] == instance.guid
    assert tags.keys() >= {"created-by", "service-id", "plan-id", "organization-id", "space-id"}


def test_tags_of_a_busy_group_are_refused(elasticache: ElastiCacheClient, truth: Truth) -> None:
    """As seen in the wild while a group is being snapshotted."""
    busy = next(group.id for group in truth.replication_groups.values() if group.status == "snapshotting")
    with pytest.raises(ClientError) as error:
        elasticache.list_tags_for_resource(ResourceName=f"arn:aws:elasticache:eu-west-1:0:replicationgroup:{busy}")
    assert refused(error) == (400, "InvalidReplicationGroupState")


def test_a_version_that_is_not_elasticaches_is_refused(sandbox: Sandbox) -> None:
    """Signed with everything right but the version."""
    url = sandbox.environment["AWS_ENDPOINT_URL_ELASTICACHE"]
    request = AWSRequest("POST", url, data={"Action": "DescribeServiceUpdates", "Version": "1999-01-01"})
    environment = sandbox.environment
    credentials = Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
    SigV4Auth(credentials, "elasticache", "eu-west-1").add_auth(request)
    reply = requests.post(url, data=request.body, headers=dict(request.headers), timeout=5)
    assert reply.status_code == 400
    assert "<Code>InvalidAction</Code>" in reply.text

"""Each line of docs/platforms.md is settings with which its platform is surveyed, in the environment of a program."""

import re
import subprocess
import sys
from collections.abc import Mapping

import pytest
from prometheus_client.parser import text_string_to_metric_families

from sandbox.brokers import BROKERS
from sandbox.server import Options, Sandbox
from tests.documents.documents import quoted, rows
from tests.exporter_process import environment_of

PLATFORMS = {
    name: dict(setting.split("=", 1) for setting in quoted(cell))
    for name, cell in rows("docs/platforms.md", "Platforms")
}
SHAPES = {
    "GOV.UK PaaS": "paas",
    "cloud.gov": "cloud.gov",
    "Cloud Service Broker": "csb",
    "MoJ Cloud Platform": "tags",
    "AWS Controllers for Kubernetes": "tags",
}
"""What the sandbox calls the shape of each."""
KUBERNETES_TAG = "services.k8s.aws/namespace"
NOTIFIERS = {"ADDRESS_BOOK"}


def once(environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "exporter", "--once"],
        env=environment_of(environment),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_every_platform_has_a_shape_in_the_sandbox() -> None:
    assert PLATFORMS.keys() == SHAPES.keys()


@pytest.mark.parametrize("name", SHAPES)
def test_a_line_is_what_its_platform_needs(name: str) -> None:
    """Every instance with a group is published with it, and nothing waits that is nobody's without being counted."""
    settings = {key: value for key, value in PLATFORMS[name].items() if key not in NOTIFIERS}
    with Sandbox(Options(platform=SHAPES[name], instances=20)) as sandbox:
        own = BROKERS[SHAPES[name]].settings
        if settings.get("TENANT_TAGS") == f"org={KUBERNETES_TAG}":
            for group in list(sandbox.world.truth.replication_groups.values()):
                if group.tags:
                    namespace = dict(group.tags)["namespace"]
                    sandbox.groups.set_tags(group.id, ((KUBERNETES_TAG, namespace),))
        else:
            assert settings == own
        given = {key: value for key, value in sandbox.environment.items() if key not in own} | settings
        ended = once(given)
        groups = sandbox.world.truth.replication_groups
        tagged = {group.id for group in groups.values() if group.tags}
    assert ended.returncode == 0, ended.stderr
    families = {family.name: family for family in text_string_to_metric_families(ended.stdout)}
    nodes = families["paas_aws_elasticache_replication_group_nodes_count"].samples
    found = {sample.labels["replication_group_id"] for sample in nodes if sample.value}
    assert found == tagged
    if SHAPES[name] == "tags":
        assert {sample.labels["service_instance_guid"] for sample in nodes} == found
        assert all(sample.labels["org_guid"] == sample.labels["org_name"] for sample in nodes)
        assert all(sample.labels["space_guid"] == sample.labels["space_name"] for sample in nodes)
        waiting = families["paas_aws_elasticache_cluster_update_required"].samples
        assert {s.labels["service_instance_guid"] for s in waiting} <= found
        assert all(s.labels["elasticache_replication_group_id"] == s.labels["service_instance_guid"] for s in waiting)
        (unknown,) = families["paas_aws_elasticache_unknown_service_instances"].samples
        assert (unknown.value, len(nodes)) == (0, len(found))


def test_the_page_names_no_setting_that_there_is_not() -> None:
    """Nor a tag word."""
    words = {w for line in PLATFORMS.values() for w in re.findall(r"(\w+)=", line.get("TENANT_TAGS", ""))}
    assert words <= {"guid", "org", "space", "name", "address"}

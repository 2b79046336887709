"""A real Prometheus with the rules, on real exporters: the fraction equals the hand count whatever happens."""

from pathlib import Path

import pytest

from alerts.rules_file import RULES_FILE
from sandbox.server import Options, Sandbox
from sandbox.state import required
from sandbox.truth import ServiceInstance
from tests.exporter_process import ExporterProcess, running_exporter
from tests.servers import Prometheus, running_prometheus

BY_REGION = "aws_region:paas_aws_elasticache_update_required:ratio"
OVERALL = "paas:paas_aws_elasticache_update_required:ratio"
EVERY_SECOND = {"POLL_INTERVAL": "1"}
BY_UPDATE = "update:paas_aws_elasticache_update_required:ratio"


def test_nothing_a_part_and_all_of_it_with_two_replicas(tmp_path: Path) -> None:
    """Two exporters of one region count once; an instance with two updates counts once; exporters restart."""
    with (
        Sandbox(Options(instances=12)) as sandbox,
        running_exporter(tmp_path, sandbox.environment, EVERY_SECOND) as one,
        running_exporter(tmp_path, sandbox.environment, EVERY_SECOND) as other,
        running_prometheus(tmp_path, [_target(one), _target(other)], RULES_FILE) as prometheus,
    ):
        _agrees(prometheus, sandbox)

        sandbox.updates.complete()
        _agrees(prometheus, sandbox)
        assert _by_hand(sandbox) == 0

        for instance in _instances(sandbox):
            if instance.replication_group_id not in sandbox.world.truth.replication_groups:
                sandbox.tenants.delete_instance(instance.guid)
        sandbox.updates.release("elasticache-one")
        sandbox.updates.release("elasticache-two")
        _agrees(prometheus, sandbox)
        assert _by_hand(sandbox) == 1
        assert prometheus.values(f'{BY_UPDATE}{{elasticache_service_update=~"elasticache-(one|two)"}}') == [1, 1]

        one.stop()
        prometheus.wait_for("count(up == 0)", 1)
        _agrees(prometheus, sandbox)
        other.stop()
        prometheus.wait_for(BY_REGION)
        prometheus.wait_for(OVERALL)


def test_an_exporter_that_restarts_is_unknown_and_then_right_again(tmp_path: Path) -> None:
    """Down it is absent; back, but not yet surveyed, it is absent; then it has the number again. Never 0."""
    with (
        Sandbox(Options(instances=12)) as sandbox,
        running_exporter(tmp_path, sandbox.environment, EVERY_SECOND) as exporter,
        running_prometheus(tmp_path, [_target(exporter)], RULES_FILE) as prometheus,
    ):
        _agrees(prometheus, sandbox)
        exporter.stop()
        prometheus.wait_for(BY_REGION)

        sandbox.faults.add("cloudfoundry:status:503")
        same_port = {"PORT": _target(exporter).rpartition(":")[2]}
        with running_exporter(tmp_path, sandbox.environment, EVERY_SECOND, same_port):
            prometheus.wait_for("up", 1)
            assert prometheus.values(BY_REGION) == []
            sandbox.faults.clear()
            _agrees(prometheus, sandbox)
            assert prometheus.values(f"min_over_time({BY_REGION}[1m])") == [pytest.approx(_by_hand(sandbox))]


def test_no_instance_at_all(tmp_path: Path) -> None:
    """Nothing waits for anybody: 0, by region and overall."""
    with (
        Sandbox(Options(instances=0)) as sandbox,
        running_exporter(tmp_path, sandbox.environment, EVERY_SECOND) as exporter,
        running_prometheus(tmp_path, [_target(exporter)], RULES_FILE) as prometheus,
    ):
        prometheus.wait_for(BY_REGION, 0)
        prometheus.wait_for(OVERALL, 0)


def test_one_region_fails_and_the_other_keeps_its_number(tmp_path: Path) -> None:
    """The one that fails keeps its number for three rounds, then it is absent, and so is the overall one."""
    regions = ("eu-west-1", "eu-west-2")
    with Sandbox(Options(instances=12)) as ireland, Sandbox(Options(instances=9, region="eu-west-2", seed=2)) as london:
        environment = {"REGIONS_FILE": str(tmp_path / "regions.toml")}
        text = ""
        for region, sandbox in zip(regions, (ireland, london), strict=True):
            given = sandbox.environment
            text += (
                f'[[regions]]\nname = "{region}"\naws_region = "{region}"\n'
                f'cf_api_address = "{given["CF_API_ADDRESS"]}"\n'
                f'aws_endpoint_url_elasticache = "{given["AWS_ENDPOINT_URL_ELASTICACHE"]}"\n'
            )
        (tmp_path / "regions.toml").write_text(text)
        secrets = {name: value for name, value in ireland.environment.items() if name.startswith(("AWS_", "CF_CLIENT"))}
        with (
            running_exporter(tmp_path, secrets, environment, EVERY_SECOND) as exporter,
            running_prometheus(tmp_path, [_target(exporter)], RULES_FILE) as prometheus,
        ):
            prometheus.wait_for(BY_REGION, *sorted((_by_hand(ireland), _by_hand(london))))
            waiting = [len(_waiting(sandbox)) for sandbox in (ireland, london)]
            instances = [len(_instances(sandbox)) for sandbox in (ireland, london)]
            prometheus.wait_for(OVERALL, sum(waiting) / sum(instances))

            london.faults.add("elasticache:status:500")
            prometheus.wait_for("aws_region:elasticache_update_exporter_region:unsurveyed", 1)
            prometheus.wait_for(f'{BY_REGION}{{aws_region="eu-west-1"}}', _by_hand(ireland))
            prometheus.wait_for(f'{BY_REGION}{{aws_region="eu-west-2"}}')
            prometheus.wait_for(OVERALL, _by_hand(ireland))

            london.faults.clear()
            prometheus.wait_for(OVERALL, sum(waiting) / sum(instances))


def _target(exporter: ExporterProcess) -> str:
    return exporter.url.removeprefix("http://")


def _agrees(prometheus: Prometheus, sandbox: Sandbox) -> None:
    prometheus.wait_for(BY_REGION, _by_hand(sandbox))
    prometheus.wait_for(OVERALL, _by_hand(sandbox))


def _by_hand(sandbox: Sandbox) -> float:
    instances = _instances(sandbox)
    return len(_waiting(sandbox)) / len(instances) if instances else 0


def _waiting(sandbox: Sandbox) -> set[object]:
    return {row["service_instance_guid"] for row in required(sandbox.world.truth)} - {None}


def _instances(sandbox: Sandbox) -> list[ServiceInstance]:
    truth = sandbox.world.truth
    redis = {guid for guid, offering in truth.service_offerings.items() if offering.name == "redis"}
    plans = {guid for guid, plan in truth.service_plans.items() if plan.offering_guid in redis}
    return [instance for instance in truth.service_instances.values() if instance.plan_guid in plans]

"""AWS releases an update, somebody is told; it is applied, and the alert resolves; the exporter dies, and that is told."""

import signal
from pathlib import Path

import yaml

from sandbox.server import Options, Sandbox
from tests.alerts.promtool import ALERTS
from tests.exporter_process import running_exporter
from tests.journeys.hurried_rules import hurried_rules
from tests.servers import listening_receiver, running_alertmanager, running_prometheus, wait_until

RATIO = "aws_region:paas_aws_elasticache_update_required:ratio"
INHIBIT_RULES = yaml.safe_load((ALERTS / "alertmanager.example.yml").read_text())["inhibit_rules"]


def test_the_backlog_grows_and_is_applied_and_the_exporter_dies(tmp_path: Path) -> None:
    """Sandbox, exporter, Prometheus, Alertmanager and webhook are all real, and 300 times as fast as in life."""
    with (
        Sandbox(Options(instances=20)) as sandbox,
        running_exporter(tmp_path, sandbox.environment, {"POLL_INTERVAL": "1"}) as exporter,
        listening_receiver() as receiver,
        running_alertmanager(tmp_path, receiver, INHIBIT_RULES) as alertmanager,
        running_prometheus(
            tmp_path, [exporter.url.removeprefix("http://")], hurried_rules(tmp_path, times=300), alertmanager
        ) as prometheus,
    ):
        sandbox.updates.complete()
        prometheus.wait_for(RATIO, 0)

        sandbox.updates.release("elasticache-urgent", severity="critical")
        prometheus.wait_for(RATIO, _share_on_aws(sandbox))
        receiver.wait_for("ElastiCacheUpdateBacklogAboveThreshold", "firing")
        receiver.wait_for("ElastiCacheUpdateReleased", "firing")

        sandbox.updates.complete()
        prometheus.wait_for(RATIO, 0)
        receiver.wait_for("ElastiCacheUpdateBacklogAboveThreshold", "resolved")

        exporter.process.send_signal(signal.SIGKILL)
        receiver.wait_for("ElastiCacheUpdateExporterDown", "firing")
        receiver.wait_for("ElastiCacheUpdateExporterAbsent", "firing")
        prometheus.wait_for(RATIO)
        wait_until(lambda: alertmanager.alerts() == ["ElastiCacheUpdateExporterAbsent"], alertmanager.alerts)
        assert ("ElastiCacheUpdateReleased", "resolved") not in receiver.told


def _share_on_aws(sandbox: Sandbox) -> float:
    """An update just released waits for every instance, but for those whose group AWS has not created yet."""
    truth = sandbox.world.truth
    redis = {
        plan.guid
        for plan in truth.service_plans.values()
        if truth.service_offerings[plan.offering_guid].name == "redis"
    }
    instances = [instance for instance in truth.service_instances.values() if instance.plan_guid in redis]
    return sum(instance.replication_group_id in truth.replication_groups for instance in instances) / len(instances)

"""A real Prometheus with the rules, on a real exporter that reads a real ledger: what a window could take."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from alerts.rules_file import RULES_FILE
from ledger.deferral import Target
from ledger.deferrals import end_deferrals
from ledger.ledger import Ledger
from ledger.maintenance_key import MaintenanceKey
from sandbox.server import Options, Sandbox
from sandbox.state import required
from tests.exporter_process import running_exporter
from tests.ledger_contents import DEFERRAL, REGION, WINDOW, defer, tell
from tests.servers import running_prometheus

SCHEDULABLE = "aws_region:paas_aws_elasticache_update_schedulable:ratio"
REQUIRED = "aws_region:paas_aws_elasticache_update_required:ratio"
KNOWN = "maintenance_window:paas_aws_elasticache_maintenance_window_start:known"


def test_the_ratio_follows_the_ledger_and_outlasts_it(tmp_path: Path, ledger_url: str) -> None:
    """
    Deferred, taken back, and remembered while the ledger is gone; the honest fraction stays as it is.

    Each number is waited for, because a scrape that fails on a busy machine leaves none for a moment. What is forgotten is
    not known again later, so that waiting hides nothing.
    """
    with Ledger(ledger_url):
        pass
    with (
        Sandbox(Options(instances=12)) as sandbox,
        running_exporter(tmp_path, sandbox.environment, {"POLL_INTERVAL": "1", "LEDGER_URL": ledger_url}) as exporter,
        running_prometheus(tmp_path, [exporter.url.removeprefix("http://")], RULES_FILE) as prometheus,
    ):
        for update in list(sandbox.world.truth.service_updates):
            sandbox.updates.complete(update)
        sandbox.updates.release("elasticache-one")
        prometheus.wait_for("aws_region:elasticache_update_exporter_ledger_up:max", 1)
        prometheus.wait_for(
            'count(paas_aws_elasticache_cluster_update_required{elasticache_service_update!~".*-one"}) or vector(0)', 0
        )
        waiting = sorted({str(row["service_instance_guid"]) for row in required(sandbox.world.truth)} - {"None"})
        instances = _instances(sandbox)
        prometheus.wait_for(SCHEDULABLE, len(waiting) / instances)

        first = defer(ledger_url, replace(DEFERRAL, guid=waiting[0]))
        second = defer(ledger_url, replace(DEFERRAL, guid=waiting[1], target=Target.INSTANCE))
        prometheus.wait_for(SCHEDULABLE, (len(waiting) - 2) / instances)
        prometheus.wait_for(REQUIRED, len(waiting) / instances)

        with Ledger(ledger_url) as ledger:
            end_deferrals(ledger, [first.id], datetime.now(UTC), "ada")
        prometheus.wait_for(SCHEDULABLE, (len(waiting) - 1) / instances)

        tell(ledger_url)
        prometheus.wait_for(f"count({KNOWN})", 1)
        if ledger_url.startswith("sqlite"):
            path = Path(ledger_url.removeprefix("sqlite:///"))
            away = path.rename(tmp_path / "away")
            prometheus.wait_for("aws_region:elasticache_update_exporter_ledger_up:max", 0)
            assert exporter.value("paas_aws_elasticache_service_instance_deferred_until_timestamp_seconds") is None
            prometheus.wait_for(f"max_over_time({SCHEDULABLE}[3s])", (len(waiting) - 1) / instances)
            prometheus.wait_for(SCHEDULABLE, (len(waiting) - 1) / instances)
            prometheus.wait_for(f"count({KNOWN})", 1)
            away.rename(path)
            prometheus.wait_for("aws_region:elasticache_update_exporter_ledger_up:max", 1)
        with Ledger(ledger_url) as ledger:
            ledger.record_cancelled(MaintenanceKey(WINDOW, REGION))
            end_deferrals(ledger, [second.id], datetime.now(UTC), "ada")
        prometheus.wait_for(KNOWN)
        prometheus.wait_for(SCHEDULABLE, len(waiting) / instances)


def _instances(sandbox: Sandbox) -> int:
    """Those of the exporter's offering, counted by hand."""
    truth = sandbox.world.truth
    redis = {guid for guid, offering in truth.service_offerings.items() if offering.name == "redis"}
    plans = {guid for guid, plan in truth.service_plans.items() if plan.offering_guid in redis}
    return sum(instance.plan_guid in plans for instance in truth.service_instances.values())

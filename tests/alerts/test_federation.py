"""Prometheus's own federation, configured as docs/scale.md says, over Prometheis that watch a platform each."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts.rules_file import RULES_FILE
from sandbox.server import Options, Sandbox
from sandbox.state import required
from tests.exporter_process import ExporterProcess, running_exporter
from tests.servers import FOUR_TIMES_A_SECOND, Prometheus, configured_prometheus, running_prometheus, wait_until

SCALE = (Path(__file__).parents[2] / "docs" / "scale.md").read_text()
SHORT_LOOKBACK = "--query.lookback-delta=3s"
"""Instead of five minutes: federated samples bring their time with them, and such a series ends by its age only."""
OVERALL = "paas:paas_aws_elasticache_update_required:ratio"


def documented() -> tuple[dict[str, Any], dict[str, Any]]:
    """What the document says for each platform's Prometheus, and for the one above them."""
    leaf, above = (yaml.safe_load(block) for block in re.findall(r"```yaml\n(.+?)```", SCALE, re.DOTALL))
    return leaf, above


def documented_query() -> str:
    """The share over all platforms."""
    (query,) = re.findall(r"^    (sum\(aws_region:.+)$", SCALE, re.MULTILINE)
    return str(query)


@pytest.mark.parametrize("number", [0, 1])
def test_promtool_accepts_the_configuration(tmp_path: Path, number: int) -> None:
    """As it is printed, but for the path of the rules file."""
    config = documented()[number]
    config["rule_files"] = [str(RULES_FILE) for _ in config.get("rule_files", [])]
    path = tmp_path / "prometheus.yml"
    path.write_text(json.dumps(config))
    checked = subprocess.run(("promtool", "check", "config", path), capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_prometheus_above_has_every_platforms_fraction_and_that_of_all(tmp_path: Path) -> None:
    """
    Two accounts with the same region, each with a Prometheus of its own, are told apart; one of them has an exporter
    for each of two regions, which its Prometheus adds up.
    """
    with (
        Sandbox(Options(instances=12)) as one,
        Sandbox(Options(instances=20, seed=3, region="us-east-1")) as far,
        Sandbox(Options(instances=30, seed=2)) as other,
        running_exporter(tmp_path, one.environment, {"POLL_INTERVAL": "1"}) as of_one,
        running_exporter(tmp_path, far.environment, {"POLL_INTERVAL": "1"}) as of_far,
        running_exporter(tmp_path, other.environment, {"POLL_INTERVAL": "1"}) as of_other,
        running_prometheus(tmp_path, _addresses(of_one, of_far), RULES_FILE, None, _labels("one")) as below_one,
        running_prometheus(tmp_path, _addresses(of_other), RULES_FILE, None, _labels("other")) as below_other,
    ):
        _, config = documented()
        (scrape,) = config["scrape_configs"]
        scrape["static_configs"] = [{"targets": _addresses(below_one, below_other)}]
        scrape |= {name: value for name, value in FOUR_TIMES_A_SECOND.items() if name in scrape}
        with configured_prometheus(tmp_path, {**config, "global": FOUR_TIMES_A_SECOND}, [SHORT_LOOKBACK]) as above:
            expected = {"one": _waiting(one, far), "other": _waiting(other)}
            for platform, (waiting, instances) in expected.items():
                above.wait_for(f'{OVERALL}{{platform="{platform}"}}', waiting / instances)
            waiting = sum(part[0] for part in expected.values())
            instances = sum(part[1] for part in expected.values())
            above.wait_for(documented_query(), waiting / instances)

            other.updates.complete()
            above.wait_for(f'{OVERALL}{{platform="other"}}', 0)
            above.wait_for(documented_query(), expected["one"][0] / instances)
            assert not above.series("paas_aws_elasticache_replication_group_nodes_count")

            of_other.stop()
            wait_until(
                lambda: [dict(labels)["platform"] for labels in above.series(OVERALL)] == ["one"],
                lambda: f"the platform that nobody surveys is still there: {above.series(OVERALL)}",
            )


def _labels(platform: str) -> dict[str, str]:
    """The document's external label, with this platform's name."""
    (name,) = documented()[0]["global"]["external_labels"]
    return {name: platform}


def _addresses(*programs: ExporterProcess | Prometheus) -> list[str]:
    return [program.url.removeprefix("http://") for program in programs]


def _waiting(*sandboxes: Sandbox) -> tuple[int, int]:
    """Instances with an update required, and instances, counted by hand."""
    waiting = instances = 0
    for sandbox in sandboxes:
        truth = sandbox.world.truth
        redis = {guid for guid, offering in truth.service_offerings.items() if offering.name == "redis"}
        plans = {guid for guid, plan in truth.service_plans.items() if plan.offering_guid in redis}
        instances += sum(instance.plan_guid in plans for instance in truth.service_instances.values())
        waiting += len({row["service_instance_guid"] for row in required(truth)} - {None})
    return waiting, instances

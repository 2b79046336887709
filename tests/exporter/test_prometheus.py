"""A real Prometheus scrapes the real exporter: the runbook's own query gives the number computed by hand."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from sandbox.server import Options, Sandbox
from sandbox.state import required, state
from tests.exporter_process import ExporterProcess, free_port, running_exporter

RUNBOOK_QUERY = (
    "count(paas_aws_elasticache_cluster_update_required) / count(paas_aws_elasticache_replication_group_nodes_count)"
)


class Prometheus:
    def __init__(self, url: str) -> None:
        self.url = url

    def query(self, expression: str) -> list[dict[str, object]]:
        reply = requests.get(f"{self.url}/api/v1/query", params={"query": expression}, timeout=5)
        result: list[dict[str, object]] = reply.json()["data"]["result"]
        return result

    def value(self, expression: str, deadline_seconds: float = 20) -> float:
        """Of the one series that the expression has, once it has one."""
        deadline = time.monotonic() + deadline_seconds
        while not (result := self.query(expression)):
            assert time.monotonic() < deadline, f"{expression} stayed empty"
            time.sleep(0.1)
        (series,) = result
        assert isinstance(series["value"], list)
        return float(series["value"][1])


@contextmanager
def running_prometheus(tmp_path: Path, exporter: ExporterProcess) -> Iterator[Prometheus]:
    assert shutil.which("prometheus"), "prometheus is not installed: apt-get install prometheus"
    port = free_port()
    target = exporter.url.removeprefix("http://")
    config = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
        "scrape_configs": [{"job_name": "exporter", "static_configs": [{"targets": [target]}]}],
    }
    (tmp_path / "prometheus.yml").write_text(json.dumps(config))
    with (tmp_path / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={tmp_path / 'prometheus.yml'}",
                f"--storage.tsdb.path={tmp_path / 'tsdb'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=log,
            stderr=log,
        )
    try:
        deadline = time.monotonic() + 20
        while True:
            assert process.poll() is None, (tmp_path / "prometheus.log").read_text()
            assert time.monotonic() < deadline
            try:
                if requests.get(f"http://127.0.0.1:{port}/-/ready", timeout=1).ok:
                    break
            except requests.RequestException:
                time.sleep(0.1)
        yield Prometheus(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.mark.parametrize("instances", [1, 57, 3000])
def test_the_runbooks_query_gives_the_number_computed_by_hand(instances: int, tmp_path: Path) -> None:
    """For fleets of several sizes, with hostile names, scraped without complaint."""
    with (
        Sandbox(Options(instances=instances, seed=3)) as sandbox,
        running_exporter(tmp_path, sandbox.environment, {"POLL_INTERVAL": "60"}) as exporter,
    ):
        exporter.wait_until("elasticache_update_exporter_surveys_total", 1)
        with running_prometheus(tmp_path, exporter) as prometheus:
            waiting = sum(row["service_instance_guid"] is not None for row in required(sandbox.world.truth))
            rows = state(sandbox.world.truth)["service_instances"]
            assert isinstance(rows, list)
            redis = sum(row["offering_name"] == "redis" for row in rows)
            assert prometheus.value("count(paas_aws_elasticache_replication_group_nodes_count)") == redis
            if waiting:
                assert prometheus.value(RUNBOOK_QUERY) == pytest.approx(waiting / redis)
            else:
                assert prometheus.query(RUNBOOK_QUERY) == []
            assert prometheus.value("up") == 1
            series = prometheus.value("scrape_samples_scraped")
            assert series == prometheus.value("scrape_samples_post_metric_relabeling")
            assert series == len(exporter.samples())
            log = (tmp_path / "prometheus.log").read_text()
            assert "level=warn" not in log
            assert "level=error" not in log

"""
The compose files in action: every program that Debian has, on the mounted files, with the command lines of the file.

Grafana is in no distribution that the tests can install from, and was not started: test_compose_files.py holds what it
is given against what it documents.
"""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from prometheus_client.parser import text_string_to_metric_families

from sandbox import credentials
from sandbox.__main__ import DEFAULT_PORT
from sandbox.demo import RUNBOOK_QUERY
from tests.deployment.compose_file import COMPOSE, REQUIRED, ROOT, SANDBOX, services
from tests.deployment.containers import Stack, stack
from tests.servers import wait_until

CONTROL = f"http://127.0.0.1:{DEFAULT_PORT}/"
EXPORTER_READY = "http://127.0.0.1:8080/-/ready"
METRICS = "http://127.0.0.1:8080/metrics"
PROMETHEUS = "http://127.0.0.1:9090"
ALERTMANAGER = "http://127.0.0.1:9093"
BACKLOG_ALERT = {
    "alertname": "ElastiCacheUpdateBacklogAboveThreshold",
    "aws_account_id": credentials.AWS_ACCOUNT,
    "aws_region": "eu-west-1",
    "product": "elasticache-updates",
    "severity": "warning",
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """compose.yml with an operator's settings and secrets; the sandbox is in its network where AWS would be."""
    folder = tmp_path_factory.mktemp("compose")
    environment = {
        **REQUIRED,
        "AWS_ACCESS_KEY_ID": credentials.AWS_ACCESS_KEY_ID,
        "AWS_ENDPOINT_URL_ELASTICACHE": "http://127.0.0.1:9701",
        "POLL_INTERVAL": "1",
        "PWD": str(ROOT),
        "SECRETS_FOLDER": str(_secrets(folder / "secrets")),
    }
    described = services(COMPOSE, environment)
    sandbox = services(SANDBOX, {})["sandbox"]
    with (
        stack(folder, described) as started,
        started.running(sandbox, CONTROL),
        started.running(described["exporter"], EXPORTER_READY),
        started.running(described["alertmanager"], f"{ALERTMANAGER}/-/ready"),
    ):
        _write_history(folder / "prometheus", started.fetch(METRICS).decode())
        with started.running(described["prometheus"], f"{PROMETHEUS}/-/ready"):
            yield started


def _secrets(folder: Path) -> Path:
    folder.mkdir()
    for name, text in {
        "cf_client_secret": credentials.CF_CLIENT_SECRET,
        "aws_secret_access_key": credentials.AWS_SECRET_ACCESS_KEY,
        "smtp_password": "invented",
        "slack_url": "http://127.0.0.1:9/invented",
    }.items():
        (folder / name).write_text(f"{text}\n")
    return folder


def _write_history(volume: Path, metrics: str) -> None:
    """As if Prometheus had been stopped a minute ago, when the alert had been pending for an hour: nobody waits for it."""
    now = time.time()
    target = 'job="elasticache-update-exporter",instance="exporter:8080"'
    scraped = re.findall(r"^([a-z_]+)(?:\{(.*)\})? (\S+)$", metrics, re.MULTILINE)
    alert = ",".join(f'{name}="{value}"' for name, value in BACKLOG_ALERT.items())
    samples = [(name, ",".join(filter(None, (target, labels))), value) for name, labels, value in scraped]
    samples.append(("ALERTS_FOR_STATE", alert, f"{now - 3600}"))
    history = volume.with_name("history.openmetrics")
    lines = [f"{name}{{{labels}}} {value} {now - 60}\n" for name, labels, value in samples]
    history.write_text("".join([*lines, "# EOF\n"]))
    command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(history), str(volume)]
    subprocess.run(command, check=True, capture_output=True)


def _api(running: Stack, path: str, **parameters: str) -> Any:  # noqa: ANN401 — each call has its own form
    return json.loads(running.fetch(f"{PROMETHEUS}/api/v1/{path}?{urlencode(parameters)}"))["data"]


def _values(running: Stack, expression: str) -> list[float]:
    return [float(row["value"][1]) for row in _api(running, "query", query=expression)["result"]]


def test_prometheus_scrapes_the_exporter_by_its_name(running: Stack) -> None:
    """The one target is exporter:8080, and it is up."""
    wait_until(lambda: _values(running, "up") == [1], lambda: _api(running, "targets"))
    (target,) = _api(running, "targets")["activeTargets"]
    assert target["scrapeUrl"] == "http://exporter:8080/metrics"


def test_the_runbooks_query_gives_the_number_computed_by_hand(running: Stack) -> None:
    """By hand: counting lines of /metrics."""
    wait_until(lambda: _values(running, "up") == [1], lambda: _api(running, "targets"))
    lines = running.fetch(METRICS).decode()
    count = {family.name: len(family.samples) for family in text_string_to_metric_families(lines)}
    assert _values(running, RUNBOOK_QUERY) == [
        count["paas_aws_elasticache_cluster_update_required"]
        / count["paas_aws_elasticache_replication_group_nodes_count"]
    ]


def test_the_projects_rules_are_loaded_and_evaluated(running: Stack) -> None:
    """All of them, without an error; the honest fraction is there."""
    wait_until(
        lambda: _values(running, "aws_region:paas_aws_elasticache_update_required:ratio") != [],
        lambda: _api(running, "rules"),
    )
    (group,) = _api(running, "rules")["groups"]
    assert group["file"] == "/tmp/elasticache-updates.rules.yml"
    links = [rule["annotations"] for rule in group["rules"] if "annotations" in rule]
    assert {link["runbook_url"].partition("#")[0] for link in links} == {(ROOT / "docs" / "runbook.md").as_uri()}
    pages = {link["page_url"].partition("?")[0] for link in links if "page_url" in link}
    assert pages == {"http://127.0.0.1:8080/"}
    assert {rule["health"] for rule in group["rules"]} <= {"ok", "unknown"}


def test_an_alert_reaches_alertmanager_and_leads_back(running: Stack) -> None:
    """It was pending before Prometheus was stopped; the volume remembers, and the link is one that people can open."""
    wait_until(lambda: _api(running, "alerts")["alerts"] != [], lambda: running.log("prometheus"))
    wait_until(lambda: _alerts(running) != [], lambda: _api(running, "alerts"))
    (alert,) = _alerts(running)
    assert alert["labels"] == BACKLOG_ALERT
    assert alert["generatorURL"].startswith(f"{PROMETHEUS}/graph?")
    assert [receiver["name"] for receiver in alert["receivers"]] == ["platform-team-mail-and-slack"]
    page = alert["annotations"]["page_url"]
    assert running.fetch(page.partition("#")[0])


def _alerts(running: Stack) -> list[dict[str, Any]]:
    alerts: list[dict[str, Any]] = json.loads(running.fetch(f"{ALERTMANAGER}/api/v2/alerts"))
    return alerts


def test_alertmanagers_configuration_is_valid() -> None:
    """As amtool sees it."""
    (configuration, *_) = services(COMPOSE, REQUIRED)["alertmanager"].files.values()
    subprocess.run(["amtool", "check-config", configuration], check=True, capture_output=True)


def test_the_try_out_needs_nothing_but_its_file(tmp_path: Path) -> None:
    """The exporter, on what is written in compose.sandbox.yml, surveys what the document tells of the sandbox."""
    described = services(SANDBOX, {})
    with (
        stack(tmp_path, described) as started,
        started.running(described["sandbox"], CONTROL),
        started.running(described["exporter"], EXPORTER_READY),
    ):
        page = started.fetch("http://127.0.0.1:8080/").decode()
    (told,) = re.findall(r"(\d+ of \d+) instances wait", (ROOT / "docs/deploying/compose.md").read_text())
    assert f"{told} tenant instances" in " ".join(re.sub(r"<[^>]+>", "", page).split())

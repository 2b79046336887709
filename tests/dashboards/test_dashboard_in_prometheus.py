"""Every expression of the dashboard, asked of a real Prometheus that scrapes the exporter on the sandbox."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from dashboards.dashboard import DASHBOARD_FILE
from sandbox.server import Options, Sandbox
from tests.exporter_process import ExporterProcess, running_exporter
from tests.ledger_contents import DEFERRAL, defer, tell
from tests.servers import Prometheus, running_prometheus

DASHBOARD: dict[str, Any] = json.loads(DASHBOARD_FILE.read_text(encoding="utf-8"))
EXPRESSIONS = {
    f"{panel['title']}: {target['refId']}": str(target["expr"])
    for panel in DASHBOARD["panels"]
    for target in panel.get("targets", [])
} | {annotation["name"]: str(annotation["expr"]) for annotation in DASHBOARD["annotations"]["list"]}
COLUMNS = {
    panel["title"]: {name for name in panel["transformations"][1]["options"]["renameByName"] if "Value" not in name}
    for panel in DASHBOARD["panels"]
    if panel["type"] == "table"
}
WORDS = {
    *("by", "on", "group_left", "or", "and", "unless", "max", "min", "sum", "count", "group", "topk", "time", "rate"),
    *("aws_region", "status", "system", "version", "severity", "job", "instance"),
}


@pytest.fixture(scope="module")
def exporter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExporterProcess]:
    """It surveys a platform on which every kind of update action is to be found, and reads a ledger."""
    folder = tmp_path_factory.mktemp("exporter")
    ledger_url = f"sqlite:///{folder}/ledger/ledger.sqlite3"
    tell(ledger_url)
    with (
        Sandbox(Options(instances=120)) as sandbox,
        running_exporter(folder, sandbox.environment, {"POLL_INTERVAL": "1", "LEDGER_URL": ledger_url}) as running,
    ):
        running.wait_for_surveys()
        defer(ledger_url, replace(DEFERRAL, guid=_an_instance(running)))
        running.wait_until("paas_aws_elasticache_service_instance_deferred_until_timestamp_seconds", 1)
        yield running


def _an_instance(exporter: ExporterProcess) -> str:
    counted = [dict(labels) for name, labels in exporter.samples() if name.endswith("replication_group_nodes_count")]
    return counted[0]["service_instance_guid"]


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory, exporter: ExporterProcess) -> Iterator[Prometheus]:
    folder = tmp_path_factory.mktemp("prometheus")
    with running_prometheus(folder, [exporter.url.removeprefix("http://")]) as running:
        running.wait_for("count(rate(elasticache_update_exporter_surveys_total[1m]))", 1)
        yield running


@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=EXPRESSIONS.keys())
def test_each_expression_has_data(expression: str, prometheus: Prometheus) -> None:
    """With everything chosen; it parses, and is not empty."""
    assert prometheus.series(_as_asked(expression))


@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=EXPRESSIONS.keys())
def test_each_expression_names_only_what_the_exporter_has(expression: str, exporter: ExporterProcess) -> None:
    """A metric or label that there is not would be an empty panel, not an error."""
    known = {name for name, _ in exporter.samples()} | {name for _, labels in exporter.samples() for name, _ in labels}
    named = set(re.findall(r"[a-z_]\w+", re.sub(r'"[^"]*"|\[[^\]]*\]', "", expression)))
    assert named - WORDS <= known


@pytest.mark.parametrize("title", COLUMNS)
def test_the_columns_of_each_table_are_labels_of_its_series(title: str, prometheus: Prometheus) -> None:
    """All of them, over the table's queries taken together."""
    labels = {
        label
        for name, expression in EXPRESSIONS.items()
        if name.startswith(f"{title}: ")
        for pairs in prometheus.series(_as_asked(expression))
        for label, _ in pairs
    }
    assert COLUMNS[title] <= labels


def test_the_share_can_be_asked_of_one_org(prometheus: Prometheus) -> None:
    """An org's instances that wait ÷ the org's instances, whatever is chosen."""
    instances = prometheus.series("count by (org_name) (paas_aws_elasticache_replication_group_nodes_count)")
    ((label, org),) = next(pairs for pairs in instances if dict(pairs)["org_name"].isascii())
    expression = EXPRESSIONS["Share waiting now: A"].replace("$org", re.escape(org).replace("\\", "\\\\"))
    waiting = prometheus.values(
        f'count(group by (service_instance_guid) (paas_aws_elasticache_cluster_update_required{{{label}="{org}"}}))'
    )
    (share,) = prometheus.values(_as_asked(expression))
    assert share == pytest.approx(sum(waiting) / instances[frozenset({(label, org)})])


def _as_asked(expression: str) -> str:
    """As Grafana asks when all of each variable is chosen."""
    return re.sub(r"\$(region|org|update)\b", ".*", expression).replace("$__rate_interval", "1m")

"""Real Prometheis with labels on their targets and two replicas: every query says what it says of one plain exporter."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts.rules_file import RULES_FILE
from dashboards.dashboard import DASHBOARD_FILE
from sandbox.server import Options, Sandbox
from tests.alerts.promtool import rules
from tests.exporter_process import running_exporter
from tests.servers import Prometheus, configured_prometheus, wait_until

DOCS = Path(__file__).parents[2] / "docs"
METRICS = (DOCS / "metrics.md").read_text()
HONOR, RELABEL = (yaml.safe_load(block) for block in re.findall(r"```yaml\n(.+?)```", METRICS, re.DOTALL))

RATIO = "aws_region:paas_aws_elasticache_update_required:ratio"
MISLABELLED = 'ALERTS{alertname="ElastiCacheUpdateExporterMislabelled"}'
OUR_LABELS = {
    "aws_region": "nowhere",
    "org_name": "platform",
    "space_name": "tools",
    "severity": "page",
    "status": "live",
    "system": "legacy",
    "plan": "free",
    "engine": "v8",
    "version": "2",
}
"""What somebody may put on targets, under names that the exporter has too."""

EVERY_SECOND = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
OF_EACH_REPLICA = ("job", "instance", "zone")
NOT_STEADY = re.compile(
    r"^target:|\b(rate|increase|time)\(|duration_seconds|timestamp_seconds|surveys_total|requests_total"
)
OF_THE_EXPORTERS = re.compile(r"count by \(version\)")
"""How many of each version there are: with a replica, one more."""


def queries() -> dict[str, str]:
    documented = re.findall(r"```promql\n(.+?)\n```", METRICS, re.DOTALL)
    runbook = re.findall(r"^    ((?:count|aws_region:).+)$", (DOCS / "runbook.md").read_text(), re.MULTILINE)
    dashboard: dict[str, Any] = json.loads(DASHBOARD_FILE.read_text(encoding="utf-8"))
    drawn = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    asked = [re.sub(r"\$(region|account|org|update)\b", ".*", expression) for expression in drawn]
    recorded = [str(rule["record"]) for rule in rules() if "record" in rule]
    assert min(len(listed) for listed in (documented, runbook, asked, recorded)) > 1
    everything = [*documented, *runbook, *asked, *recorded]
    return {query: query.replace("$__rate_interval", "1m") for query in everything}


@pytest.fixture(scope="module")
def prometheis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Prometheus]]:
    """
    Of the same platform: one plain exporter, two replicas whose labels win or are renamed as documented, two whose labels
    are hidden.
    """
    folder = tmp_path_factory.mktemp("prometheis")
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(Options(instances=60)))
        replicas = [
            stack.enter_context(running_exporter(folder, sandbox.environment, {"POLL_INTERVAL": "2"})) for _ in range(2)
        ]
        for replica in replicas:
            replica.wait_for_surveys()
        targets = [replica.url.removeprefix("http://") for replica in replicas]
        labelled = [
            {"targets": [target], "labels": {**OUR_LABELS, "zone": zone}}
            for target, zone in zip(targets, ("a", "b"), strict=True)
        ]
        (honoring,) = HONOR["scrape_configs"]
        jobs: dict[str, Mapping[str, object]] = {
            "plain": {"static_configs": [{"targets": targets[:1]}]},
            "honored": {"honor_labels": honoring["honor_labels"], "static_configs": labelled},
            "renamed": {**RELABEL, "static_configs": labelled},
            "hidden": {"static_configs": labelled},
        }
        running = {}
        for name, job in jobs.items():
            config = {
                "global": {**EVERY_SECOND, "external_labels": {"aws_region": "elsewhere", "replica": name}},
                "rule_files": [str(RULES_FILE)],
                "scrape_configs": [{"job_name": "elasticache", **job}],
            }
            running[name] = stack.enter_context(configured_prometheus(folder, config))
        for prometheus in running.values():
            prometheus.wait_for("count(count_over_time(up[1m]) > 3)", 1 if prometheus is running["plain"] else 2)
        for name in ("plain", "honored", "renamed"):
            running[name].wait_for(f"count({RATIO} > 0)", 1)
        yield running


@pytest.mark.parametrize("labelled", ["honored", "renamed"])
@pytest.mark.parametrize("query", queries().values(), ids=queries().keys())
def test_each_query_says_the_same(query: str, labelled: str, prometheis: dict[str, Prometheus]) -> None:
    """It has no error either, where two replicas match. Labels that only the targets have are left aside."""
    differing: list[set[object]] = []

    def is_the_same() -> bool:
        plain = prometheis["plain"].series(query)
        names = {name for labels in plain for name, _ in labels} - {*OF_EACH_REPLICA}
        differing[:] = [_told(series, names, query) for series in (plain, prometheis[labelled].series(query))]
        return differing[0] == differing[1]

    wait_until(is_the_same, lambda: differing)


def test_hidden_labels_are_told_of_and_nothing_is_believed(prometheis: dict[str, Prometheus]) -> None:
    """No fraction is better than that of a region that there is not."""
    hidden = prometheis["hidden"]
    hidden.wait_for(f"count({MISLABELLED})", 2)
    hidden.wait_for("aws_region:elasticache_update_exporter_region:unsurveyed", 1)
    for rule in rules():
        if str(rule.get("record", "")).startswith(("aws_region:paas", "paas:", "update:")):
            assert hidden.series(str(rule["record"])) == {}
    assert all(prometheis[name].series(MISLABELLED) == {} for name in ("plain", "honored", "renamed"))


@pytest.mark.parametrize("name", ["plain", "honored", "renamed", "hidden"])
def test_no_rule_fails(name: str, prometheis: dict[str, Prometheus]) -> None:
    """A rule that cannot be evaluated is silent."""
    assert prometheis[name].failed_rules() == {}


def _told(series: Mapping[frozenset[tuple[str, str]], float], names: set[str], query: str) -> set[object]:
    told = {(frozenset(pair for pair in labels if pair[0] in names), value) for labels, value in series.items()}
    if NOT_STEADY.search(query) or OF_THE_EXPORTERS.search(query):
        return {labels for labels, _ in told}
    return set(told)

"""
Every expression of the dashboard, asked of a real Prometheus with labels on its targets.

It scrapes two replicas of the exporter, which read a ledger with an open window; another one scrapes a single replica.
"""

import itertools
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.rules_file import RULES_FILE
from dashboards.appearance import GREEN, ORANGE, RED
from dashboards.dashboard import DASHBOARD_FILE
from ledger.update_record import UpdateState
from sandbox.server import Options, Sandbox
from sandbox.state import required
from tests.exporter_process import ExporterProcess, running_exporter
from tests.ledger_contents import DEFERRAL, begin, defer, tell
from tests.servers import Prometheus, configured_prometheus, wait_until

DASHBOARD: dict[str, Any] = json.loads(DASHBOARD_FILE.read_text(encoding="utf-8"))
PANELS: list[dict[str, Any]] = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS = {
    f"{panel['title']}: {target['refId']}": str(target["expr"]) for panel in PANELS for target in panel["targets"]
} | {annotation["name"]: str(annotation["expr"]) for annotation in DASHBOARD["annotations"]["list"]}
COLORS = (RED, ORANGE, GREEN)
BY_STATE = [panel["title"] for panel in PANELS if [target["refId"] for target in panel["targets"]] == [*COLORS]]
TABLES = {panel["title"]: panel for panel in PANELS if panel["type"] == "table"}
NOW = datetime.now(UTC).replace(second=0, microsecond=0)
OPEN = f"{NOW - timedelta(hours=2):%Y-%m-%dT%H:%MZ}/{NOW + timedelta(hours=2):%Y-%m-%dT%H:%MZ}"
BEGUN = [UpdateState.COMPLETE] * 3 + [UpdateState.STARTED, UpdateState.STARTING, UpdateState.FAILED]
THRESHOLD = 0.5
NODES = "paas_aws_elasticache_replication_group_nodes_count"
OUR_LABELS = {
    "aws_region": "nowhere",
    "region_name": "Nowhere",
    "org_name": "platform",
    "severity": "page",
    "state": "live",
    "status": "live",
    "plan": "free",
    "maintenance_window": "never",
}
"""What somebody may put on targets, under names that the exporter has too."""
OF_TARGETS = {"job", "instance", "zone"}
MOVING = re.compile(r"\b(rate|time)\(|duration_seconds|success_timestamp_seconds|by \(version\)")
"""What changes from one moment, or from one replica, to the next."""
WORDS = {
    *("by", "on", "group_left", "or", "and", "unless", "max", "min", "sum", "count", "group", "topk", "time", "rate"),
    *(
        "clamp",
        "label_replace",
        "label_join",
        "aws_region",
        "aws_account_id",
        "status",
        "system",
        "version",
        "severity",
        "job",
        "instance",
    ),
    *("ALERTS", "alertname", "alertstate"),
}


@dataclass(frozen=True)
class Running:
    exporter: ExporterProcess
    replicas: Prometheus
    alone: Prometheus
    names: frozenset[str]
    """Of the exporter's samples and of their labels."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """On a platform on which every kind of update action is to be found."""
    folder = tmp_path_factory.mktemp("dashboard")
    ledger_url = f"sqlite:///{folder}/ledger/ledger.sqlite3"
    tell(ledger_url, OPEN)
    begin(ledger_url, OPEN, BEGUN)
    settings = {"POLL_INTERVAL": "2", "LEDGER_URL": ledger_url, "UPDATE_FRACTION_THRESHOLD": str(THRESHOLD)}
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(Options(instances=120)))
        waiting = {str(row["service_instance_guid"]) for row in required(sandbox.world.truth)} - {"None"}
        defer(ledger_url, replace(DEFERRAL, guid=min(waiting)))
        exporters = [stack.enter_context(running_exporter(folder, sandbox.environment, settings)) for _ in range(2)]
        targets = [exporter.url.removeprefix("http://") for exporter in exporters]
        labelled = [
            {"targets": [target], "labels": {**OUR_LABELS, "zone": zone}}
            for target, zone in zip(targets, ("a", "b"), strict=True)
        ]
        config = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(RULES_FILE)],
            "scrape_configs": [{"job_name": "elasticache", "honor_labels": True, "static_configs": labelled}],
        }
        plain = {"job_name": "elasticache", "static_configs": [{"targets": targets[:1]}]}
        replicas = stack.enter_context(configured_prometheus(folder, config))
        alone = stack.enter_context(configured_prometheus(folder, {**config, "scrape_configs": [plain]}))
        for prometheus, number in ((replicas, 2), (alone, 1)):
            prometheus.wait_for("count(paas_aws_elasticache_maintenance_window_updates{state='complete'} == 3)", number)
            prometheus.wait_for("count(rate(elasticache_update_exporter_surveys_total[1m]))", number)
            prometheus.wait_for('count(group by (alertname) (ALERTS{alertname="ElastiCacheUpdateReleased"}))', 1)
        samples = exporters[0].samples()
        labels = {name for _, pairs in samples for name, _ in pairs}
        yield Running(exporters[0], replicas, alone, frozenset(labels | {name for name, _ in samples}))


@pytest.mark.parametrize("name", [name for name in EXPRESSIONS if name.rpartition(": ")[0] not in BY_STATE])
def test_each_expression_has_data(name: str, running: Running) -> None:
    """With everything chosen; it parses, has no error where replicas match, and is not empty."""
    assert _series(running, EXPRESSIONS[name])


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_replicas_and_their_labels_change_nothing(name: str, running: Running) -> None:
    """The same series as of one plain exporter, with the same values where these stand still."""
    expression = _as_asked(EXPRESSIONS[name])
    differing: list[object] = []

    def is_the_same() -> bool:
        plain = running.alone.series(expression)
        names = {label for labels in plain for label, _ in labels} - OF_TARGETS
        differing[:] = [
            {
                (frozenset(pair for pair in labels if pair[0] in names), None if MOVING.search(expression) else value)
                for labels, value in series.items()
            }
            for series in (plain, running.replicas.series(expression))
        ]
        return differing[0] == differing[1]

    wait_until(is_the_same, lambda: differing)


@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=EXPRESSIONS.keys())
def test_each_expression_names_only_what_the_exporter_has(expression: str, running: Running) -> None:
    """A metric or label that there is not would be an empty panel, not an error."""
    named = set(re.findall(r"[a-z_]\w+", re.sub(r'"[^"]*"|\[[^\]]*\]', "", expression)))
    assert named - WORDS <= running.names


@pytest.mark.parametrize("title", TABLES)
def test_the_columns_of_each_table_are_labels_of_its_series(title: str, running: Running) -> None:
    """All of them, over the table's queries taken together; and the rows of each query are rows of the first."""
    columns = TABLES[title]["transformations"][1]["options"]["includeByName"]
    answers = [[dict(labels) for labels in _series(running, target["expr"])] for target in TABLES[title]["targets"]]
    labels = [{name for row in rows for name in row} for rows in answers]
    assert {name for name in columns if "Value" not in name} <= set().union(*labels)
    for rows, names in zip(answers[1:], labels[1:], strict=True):
        key = names & labels[0]
        first = [tuple(row.get(name) for name in sorted(key)) for row in answers[0]]
        assert {tuple(row.get(name) for name in sorted(key)) for row in rows} <= set(first)
        assert len(set(first)) == len(first), "Grafana would not know which row to put the value in"


@pytest.mark.parametrize("title", BY_STATE)
def test_each_region_has_one_colour(title: str, running: Running) -> None:
    """One and only one of the three queries has it."""
    asked = [f"({EXPRESSIONS[f'{title}: {color}']})" for color in COLORS]
    assert len(_series(running, " or ".join(asked))) == 1
    for first, second in itertools.combinations(asked, 2):
        assert running.replicas.series(_as_asked(f"{first} and {second}")) == {}


def test_colours_go_by_the_exporters_own_threshold(running: Running) -> None:
    """With 0.5 as its threshold, 40 % are not red; the dashboard's own 0.2 is not asked."""
    (share,) = _series(running, EXPRESSIONS[f"Share waiting now: {ORANGE}"]).values()
    assert THRESHOLD / 2 < share <= THRESHOLD


def test_labels_of_legends_and_links_are_there(running: Running) -> None:
    """Else a legend would be empty, and a link lead to nowhere."""
    for panel in PANELS:
        links = json.dumps(panel["fieldConfig"]["defaults"].get("links", []))
        in_links = set(re.findall(r"__field\.labels\.(\w+)", links))
        for target in panel["targets"]:
            wanted = set(re.findall(r"{{(\w+)}}", target["legendFormat"])) if panel["type"] != "table" else set()
            for series in _series(running, target["expr"]) if panel["title"] not in BY_STATE else ():
                is_threshold = target["refId"] == "B" and panel["type"] == "timeseries"
                assert wanted | (set() if is_threshold else in_links) <= {name for name, _ in series}


def test_a_windows_progress_is_the_ledgers(running: Running) -> None:
    """Still to do is what a window could take; half of the time is used, and at this pace the rest needs longer."""

    def value(ref: str) -> float:
        (found,) = _series(running, EXPRESSIONS[f"Planned windows and their progress: {ref}"]).values()
        return found

    to_do, under_way, done, failed = (value(ref) for ref in "CDEF")
    (schedulable,) = _series(running, EXPRESSIONS["Instances for a window: A"]).values()
    assert (to_do, under_way, done, failed) == (schedulable, 2, 3, 1)
    assert value("G") == pytest.approx(done / (to_do + under_way + done))
    assert value("H") == pytest.approx(0.5, abs=0.02)
    assert value("I") == pytest.approx(7200 - 7200 * (to_do + under_way) / done, rel=0.05)


def test_regions_are_chosen_by_name(running: Running) -> None:
    """From what Grafana writes of each series of `query_result`, its expression takes a name and a code."""
    (variable,) = [one for one in DASHBOARD["templating"]["list"] if one["name"] == "region"]
    query = re.fullmatch(r"query_result\((.+)\)", variable["query"]["query"])
    assert query
    (labels,) = _series(running, query[1])
    written = "{" + ",".join(f'{name}="{value}"' for name, value in sorted(labels)) + "} 1 1750000000000"
    found = re.search(variable["regex"].strip("/").replace("(?<", "(?P<"), written)
    assert found
    assert found.groupdict() == {"value": "eu-west-1", "text": dict(labels)["region_name"]}


def test_the_share_can_be_asked_of_one_org(running: Running) -> None:
    """An org's instances that wait ÷ the org's instances, whatever is chosen."""
    instances = _series(running, f"count by (org_name) (group by (org_name, service_instance_guid) ({NODES}))")
    ((label, org),) = next(pairs for pairs in instances if dict(pairs)["org_name"].isascii())
    required = f'paas_aws_elasticache_cluster_update_required{{{label}="{org}"}}'
    (waiting,) = _series(running, f"count(group by (service_instance_guid) ({required})) or vector(0)").values()
    chosen = re.escape(org).replace("\\", "\\\\")
    colors = (EXPRESSIONS[f"Share waiting now: {color}"].replace("$org", chosen) for color in COLORS)
    (share,) = _series(running, " or ".join(f"({expression})" for expression in colors)).values()
    assert share == pytest.approx(waiting / instances[frozenset({(label, org)})])


@pytest.mark.parametrize("title", TABLES)
def test_the_exporters_page_answers_each_link_of_a_row(title: str, running: Running) -> None:
    """With the parameters that it knows, filled in from the table's first row."""
    rows = [dict(labels) for target in TABLES[title]["targets"] for labels in _series(running, target["expr"])]
    for link in _links(TABLES[title]):
        url = link
        wanted = re.findall(r"__data\.fields\.(\w+)", url)
        row = next(row for row in rows if set(wanted) <= row.keys())
        for name in wanted:
            url = url.replace(f"${{__data.fields.{name}}}", row[name])
        url = re.sub(r"\$\{(\w+):queryparam\}", r"var-\1=$__all", url)  # as Grafana writes it where nothing is chosen
        if url.startswith("${page}"):
            assert running.exporter.get(url.removeprefix("${page}")).status_code == 200


def _series(running: Running, expression: str) -> dict[frozenset[tuple[str, str]], float]:
    """Of the replicas, once there is one: a machine that is busy may miss a scrape."""
    asked = _as_asked(expression)
    found: dict[frozenset[tuple[str, str]], float] = {}

    def is_there() -> bool:
        found.update(running.replicas.series(asked))
        return bool(found)

    wait_until(is_there, lambda: f"no data: {asked}")
    return found


def _links(panel: dict[str, Any]) -> Iterator[str]:
    for override in panel["fieldConfig"]["overrides"]:
        for one in override["properties"]:
            if one["id"] == "links":
                yield from (link["url"] for link in one["value"])


def _as_asked(expression: str) -> str:
    """As Grafana asks when all of each variable is chosen; of alerts, those too that do not fire yet."""
    chosen = re.sub(r"\$(region|account|org|update)\b", ".*", expression).replace("$__rate_interval", "1m")
    return chosen.replace('alertstate="firing"', 'alertstate=~"pending|firing"')

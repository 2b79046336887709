"""
A real Prometheus that scrapes two AWS accounts with the same region: it says of each what a Prometheus of its own says.

Rules, their alerts' texts and the dashboard; nothing in the scrape configuration tells the accounts apart.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from alerts.rules_file import RULES_FILE
from dashboards.dashboard import DASHBOARD_FILE
from ledger.update_record import UpdateState
from sandbox.server import Options, Sandbox
from sandbox.state import required
from tests.alerts.promtool import rules
from tests.exporter_process import ExporterProcess, running_exporter
from tests.ledger_contents import DEFERRAL, begin, defer, tell
from tests.servers import Prometheus, configured_prometheus, running_prometheus, wait_until

ONE, OTHER = "111111111111", "222222222222"
RATIO = "aws_region:paas_aws_elasticache_update_required:ratio"
OVERALL = "paas:paas_aws_elasticache_update_required:ratio"
UNSURVEYED = "aws_region:elasticache_update_exporter_region:unsurveyed"
DASHBOARD: dict[str, Any] = json.loads(DASHBOARD_FILE.read_text(encoding="utf-8"))
NOT_STEADY = re.compile(r"^target:|\b(rate|time)\(|duration_seconds|success_timestamp_seconds|time_left")
OF_ALL_ACCOUNTS = re.compile(r"^(3600 \* )?(sum|count)( by \((severity|status|version|system)\) )?\(")
"""What the dashboard adds up over everything that is chosen."""
AN_ACCOUNT = "aws_account_id"
OF_TARGETS = {"job", "instance"}
NOW = datetime.now(UTC).replace(second=0, microsecond=0)
OPEN = f"{NOW - timedelta(hours=2):%Y-%m-%dT%H:%MZ}/{NOW + timedelta(hours=2):%Y-%m-%dT%H:%MZ}"
BEGUN = [UpdateState.COMPLETE] * 3 + [UpdateState.STARTED, UpdateState.FAILED]

Series = Mapping[frozenset[tuple[str, str]], float]


@dataclass(frozen=True)
class Running:
    both: Prometheus
    alone: Mapping[str, Prometheus]
    """By account, one that scrapes only its exporter."""
    sandboxes: Mapping[str, Sandbox]


def queries() -> dict[str, str]:
    """By name, what is recorded and what the dashboard asks when all of each variable is chosen."""
    drawn = {
        f"{panel['title']}: {target['refId']}": str(target["expr"])
        for panel in DASHBOARD["panels"]
        for target in panel.get("targets", [])
    }
    drawn |= {mark["name"]: str(mark["expr"]) for mark in DASHBOARD["annotations"]["list"] if mark["name"] != "Alerts"}
    recorded = {str(rule["record"]): str(rule["record"]) for rule in rules() if "record" in rule}
    asked = {name: re.sub(r"\$(region|account|org|update)\b", ".*", text) for name, text in drawn.items()}
    return recorded | {name: text.replace("$__rate_interval", "1m") for name, text in asked.items()}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One has an open window and a deferred instance; the other's ledger is empty. Their thresholds differ, too."""
    folder = tmp_path_factory.mktemp("accounts")
    with ExitStack() as stack:
        sandboxes = {
            ONE: stack.enter_context(Sandbox(Options(instances=90, account=ONE))),
            OTHER: stack.enter_context(Sandbox(Options(instances=60, seed=2, account=OTHER))),
        }
        exporters = {}
        for account, sandbox in sandboxes.items():
            url = f"sqlite:///{folder}/{account}/ledger.sqlite3"
            if account == ONE:
                tell(url, OPEN)
                begin(url, OPEN, BEGUN)
            defer(url, replace(DEFERRAL, guid=min(_waiting(sandbox)) if account == ONE else "of-nobody"))
            threshold = "0.3" if account == ONE else "0.1"
            settings = {"POLL_INTERVAL": "2", "LEDGER_URL": url, "UPDATE_FRACTION_THRESHOLD": threshold}
            exporters[account] = stack.enter_context(running_exporter(folder, sandbox.environment, settings))
        both = stack.enter_context(configured_prometheus(folder, _config(*exporters.values())))
        alone = {
            account: stack.enter_context(configured_prometheus(folder, _config(exporter)))
            for account, exporter in exporters.items()
        }
        for prometheus, number in ((both, 2), *((one, 1) for one in alone.values())):
            prometheus.wait_for(f"count({RATIO} > 0)", number)
            prometheus.wait_for("count(rate(elasticache_update_exporter_surveys_total[1m]))", number)
        yield Running(both, alone, sandboxes)


@pytest.mark.parametrize("query", queries().values(), ids=queries().keys())
def test_each_query_says_of_each_account_what_it_says_of_that_account_alone(query: str, running: Running) -> None:
    """The same series with the same values, where these stand still; what is of no account is of both together."""
    differing: list[object] = []

    def is_the_same() -> bool:
        both = running.both.series(query)
        alone = {account: prometheus.series(query) for account, prometheus in running.alone.items()}
        if query == OVERALL or OF_ALL_ACCOUNTS.search(query):
            differing[:] = [_labels(both), set().union(*(_labels(series) for series in alone.values()))]
        else:
            names = {name for series in alone.values() for labels in series for name, _ in labels}
            by_account = [_told(series, query) for series in alone.values()]
            differing[:] = [_told(both, query), set().union(*by_account)]
            if AN_ACCOUNT in names:
                assert sum(map(len, by_account)) == len(set().union(*by_account)), "the accounts are not told apart"
        return differing[0] == differing[1]

    wait_until(is_the_same, lambda: differing)


def test_the_fractions_are_those_counted_by_hand(running: Running) -> None:
    """By account and, over all, of all instances together."""
    counted = {account: (len(_waiting(box)), _instances(box)) for account, box in running.sandboxes.items()}
    for account, (waiting, instances) in counted.items():
        running.both.wait_for(f'{RATIO}{{aws_region="eu-west-1", aws_account_id="{account}"}}', waiting / instances)
    waiting, instances = (sum(numbers) for numbers in zip(*counted.values(), strict=True))
    running.both.wait_for(OVERALL, waiting / instances)


def test_each_alert_is_about_one_account_and_names_only_its_tenants(running: Running) -> None:
    """While it is pending, too. The one that asks for a window is quiet where one is planned."""
    of_accounts = {
        account: {str(instance.guid) for instance in box.world.truth.service_instances.values()}
        for account, box in running.sandboxes.items()
    }
    named: dict[str, set[str]] = {account: set() for account in of_accounts}
    wait_until(lambda: len(_alerts(running.both)) > 4, lambda: _alerts(running.both))
    for alert in _alerts(running.both):
        if "aws_region" in alert["labels"]:
            account = alert["labels"][AN_ACCOUNT]
            assert f"eu-west-1 (AWS account {account})" in alert["annotations"]["summary"]
            text = alert["annotations"]["description"]
            (other,) = of_accounts.keys() - {account}
            assert not any(guid in text for guid in of_accounts[other] - of_accounts[account])
            named[account] |= {guid for guid in of_accounts[account] if guid in text}
    assert all(named.values())
    asking = {"alertname": "ElastiCacheUpdateBacklogAboveThreshold", "aws_account_id": OTHER}
    backlog = [
        alert["labels"] for alert in _alerts(running.both) if alert["labels"]["alertname"] == asking["alertname"]
    ]
    assert [asking.items() <= labels.items() for labels in backlog] == [True]


def test_the_dashboard_names_the_account_where_two_have_the_region(running: Running) -> None:
    """And only there, so that nobody else reads twelve digits."""
    query = next(text for name, text in queries().items() if name == "Instances waiting: B")
    plain = {name for account in running.alone for name in _names(running.alone[account].series(query))}
    assert len(plain) == 1
    assert _names(running.both.series(query)) == {f"{name} {account}" for name in plain for account in (ONE, OTHER)}


def test_one_account_can_be_chosen(running: Running) -> None:
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", []):
            chosen = target["expr"].replace("$account", ONE).replace("$__rate_interval", "1m")
            asked = re.sub(r"\$(region|org|update)\b", ".*", chosen)
            shown = {dict(labels).get(AN_ACCOUNT, ONE) for labels in running.both.series(asked)}
            assert shown <= {ONE}, panel["title"]


def test_no_rule_fails(running: Running) -> None:
    """A rule that cannot be evaluated is silent."""
    assert running.both.failed_rules() == {}


def test_an_account_that_is_not_surveyed_any_more_is_told_of_and_the_other_goes_on(tmp_path: Path) -> None:
    """A replica of the other one is no replacement; after a restart all is as before."""
    with (
        Sandbox(Options(instances=12, account=ONE)) as one,
        Sandbox(Options(instances=20, seed=2, account=OTHER)) as other,
        running_exporter(tmp_path, one.environment, {"POLL_INTERVAL": "1"}) as of_one,
        running_exporter(tmp_path, one.environment, {"POLL_INTERVAL": "1"}) as replica,
        running_exporter(tmp_path, other.environment, {"POLL_INTERVAL": "1"}) as of_other,
        running_prometheus(tmp_path, [_address(e) for e in (of_one, replica, of_other)], RULES_FILE) as prometheus,
    ):
        shares = {ONE: len(_waiting(one)) / _instances(one), OTHER: len(_waiting(other)) / _instances(other)}
        prometheus.wait_for(RATIO, *sorted(shares.values()))
        of_other.stop()
        prometheus.wait_for(f'{UNSURVEYED}{{aws_account_id="{OTHER}"}}', 1)
        prometheus.wait_for(UNSURVEYED, 1)
        prometheus.wait_for(RATIO, shares[ONE])
        prometheus.wait_for(OVERALL, shares[ONE])
        of_one.stop()
        prometheus.wait_for("count(up == 0)", 2)
        prometheus.wait_for(RATIO, shares[ONE])

        same_port = {"PORT": _address(of_other).rpartition(":")[2]}
        with running_exporter(tmp_path, other.environment, {"POLL_INTERVAL": "1"}, same_port):
            prometheus.wait_for(UNSURVEYED)
            prometheus.wait_for(RATIO, *sorted(shares.values()))


def _config(*exporters: ExporterProcess) -> dict[str, object]:
    return {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(RULES_FILE)],
        "scrape_configs": [
            {"job_name": "elasticache", "static_configs": [{"targets": [_address(one) for one in exporters]}]}
        ],
    }


def _address(exporter: ExporterProcess) -> str:
    return exporter.url.removeprefix("http://")


def _told(series: Series, query: str) -> set[object]:
    """Without what tells targets apart, and without a region's name, which has the account where there are two."""
    return {
        (frozenset(pair for pair in labels if pair[0] not in OF_TARGETS | {"region_name"}), _steady(value, query))
        for labels, value in series.items()
    }


def _steady(value: float, query: str) -> float | None:
    return None if NOT_STEADY.search(query) else value


def _labels(series: Series) -> set[frozenset[tuple[str, str]]]:
    return set(series)


def _names(series: Series) -> set[str]:
    return {dict(labels)["region_name"] for labels in series}


def _alerts(prometheus: Prometheus) -> list[dict[str, dict[str, str]]]:
    """Those that are pending or fire."""
    reply = requests.get(f"{prometheus.url}/api/v1/alerts", timeout=5).json()
    found: list[dict[str, dict[str, str]]] = reply["data"]["alerts"]
    return found


def _waiting(sandbox: Sandbox) -> set[str]:
    return {str(row["service_instance_guid"]) for row in required(sandbox.world.truth)} - {"None"}


def _instances(sandbox: Sandbox) -> int:
    truth = sandbox.world.truth
    redis = {guid for guid, offering in truth.service_offerings.items() if offering.name == "redis"}
    plans = {guid for guid, plan in truth.service_plans.items() if plan.offering_guid in redis}
    return sum(instance.plan_guid in plans for instance in truth.service_instances.values())

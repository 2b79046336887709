"""Rules file, ops-file, mixin and chart say the same, with whole links where an address is given."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import _gojsonnet  # type: ignore[import-not-found] # it is compiled, and has no stubs
import pytest
import yaml

from alerts.__main__ import DASHBOARD_FILE, derived
from alerts.boshrelease import ops_file
from alerts.jsonnet import rules_libsonnet
from alerts.rules_file import RULES_FILE, with_addresses
from alerts.thresholds import THRESHOLDS

ROOT = Path(__file__).parents[2]
MIXIN = ROOT / "alerts" / "mixin"
CHARTS_FILES = ROOT / "deploy" / "helm" / "elasticache-update-exporter" / "files"
RULES = RULES_FILE.read_text(encoding="utf-8")
RUNBOOK, PAGE = "https://git.example.org/updates/-/blob/main", "https://{{ $labels.aws_region }}.updates.example.org"
OURS = re.compile(
    r"(?<![\w:])(?:paas_aws_elasticache|elasticache_update_exporter)_\w+(?![\w:])|\bup(?= ==)|process_start_time_seconds"
)


def groups(rules: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(rules)["groups"]
    return found


def mixin(config: str = "{}") -> dict[str, Any]:
    """What jsonnet makes of the mixin with these settings."""
    program = f"local m = (import 'mixin.libsonnet') + {{ _config+:: {config} }};"
    program += "{ alerts: m.prometheusAlerts, rules: m.prometheusRules, dashboards: m.grafanaDashboards }"
    made: dict[str, Any] = json.loads(_gojsonnet.evaluate_snippet(str(MIXIN / "user.jsonnet"), program))
    return made


def expressions(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [str(value[key]) for key in ("expr", "query", "definition") if isinstance(value.get(key), str)]
        return own + [text for inner in value.values() for text in expressions(inner)]
    return [text for inner in value for text in expressions(inner)] if isinstance(value, list) else []


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-m", "alerts", *arguments), cwd=ROOT, check=False, capture_output=True, text=True
    )


@pytest.mark.parametrize("path", derived(), ids=lambda path: path.name)
def test_what_follows_from_the_rules_and_the_dashboard_is_up_to_date(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == derived()[path], "run: python -m alerts"


def test_the_charts_files_are_the_rules_and_the_dashboard() -> None:
    links = {path.name: path.resolve() for path in CHARTS_FILES.iterdir()}
    assert links == {path.name: path for path in (RULES_FILE, DASHBOARD_FILE.resolve())}


def test_the_ops_file_holds_the_same_rules() -> None:
    """And no expression looks like a variable of bosh's."""
    written = ops_file(RULES)
    assert [operation["value"] for operation in yaml.safe_load(written)] == groups(RULES)
    assert re.findall(r"\(\([-/.\w]+\)\)", written) == []


def test_the_mixin_makes_the_same_rules_and_the_same_dashboard() -> None:
    made = mixin()
    assert made["alerts"]["groups"] == groups(RULES)
    assert made["rules"]["groups"] == []
    assert made["dashboards"] == {DASHBOARD_FILE.name: json.loads(DASHBOARD_FILE.read_text(encoding="utf-8"))}


def test_with_addresses_every_form_has_the_same_whole_links() -> None:
    """The chart's own test compares it with the same."""
    linked = groups(with_addresses(RULES, RUNBOOK, PAGE))
    annotations = [rule["annotations"] for group in linked for rule in group["rules"] if "annotations" in rule]
    assert {links["runbook_url"].rpartition("#")[0] for links in annotations} == {f"{RUNBOOK}/docs/runbook.md"}
    assert {links["page_url"].partition("?")[0] for links in annotations if "page_url" in links} == {f"{PAGE}/"}
    assert len(annotations) == RULES.count("runbook_url: ")
    as_options = ("--runbook-url", f"{RUNBOOK}/", "--page-url", f"{PAGE}/")
    assert groups(run("rules", *as_options).stdout) == linked
    assert [operation["value"] for operation in yaml.safe_load(run("ops-file", *as_options).stdout)] == linked
    assert mixin(f"{{ runbookUrl: '{RUNBOOK}/', pageUrl: '{PAGE}' }}")["alerts"]["groups"] == linked


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("rules", "--runbook-url", "git.example.org"), "'git.example.org': begin it with https://"),
        (("ops-file", "--page-url", "https://example.org/#x"), "leave out spaces, ?, #"),
        (("rules", "--page-url", "https://example.org/?org=x"), "leave out spaces, ?, #"),
        (("rules", "--page-url", "https://updates example.org"), "leave out spaces, ?, #"),
        (("--page-url", "https://example.org"), "rules or ops-file"),
    ],
)
def test_what_is_no_address_is_refused(arguments: tuple[str, ...], said: str) -> None:
    ended = run(*arguments)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert said in ended.stderr


def test_the_mixins_selector_is_at_each_of_the_exporters_series(tmp_path: Path) -> None:
    """In rules, in the queries of alerts' texts and in the dashboard; taken away, everything is as it was."""
    made, plain = mixin("{ selector: 'job=\"updates\"' }"), mixin()
    text = json.dumps(
        [*expressions(made), *re.findall(r"printf `.+?`", json.dumps(made["alerts"]).replace('\\"', '"'))]
    )
    text = text.replace('\\"', '"')
    named = [match.end() for match in OURS.finditer(text)]
    assert len(named) > 100
    assert [text[max(0, end - 60) : end + 20] for end in named if not text[end:].startswith('{job="updates"')] == []
    without = json.dumps(made).replace('{job=\\"updates\\"}', "").replace('job=\\"updates\\", ', "")
    assert json.loads(without) == plain
    rules = {"groups": [*made["alerts"]["groups"], {"name": "drawn", "rules": _recorded(made["dashboards"])}]}
    (tmp_path / "rules.json").write_text(json.dumps(rules))
    checked = subprocess.run(("promtool", "check", "rules", tmp_path / "rules.json"), check=False, capture_output=True)
    assert checked.returncode == 0, checked.stderr


def test_each_threshold_of_the_mixin_changes_its_alerts_and_nothing_else() -> None:
    """Expression and words."""
    plain = mixin()["alerts"]["groups"][0]["rules"]
    for threshold in THRESHOLDS:
        changed = mixin(f"{{ {threshold.name}: 0.125 }}")["alerts"]["groups"][0]["rules"]
        differing = [after for before, after in zip(plain, changed, strict=True) if before != after]
        assert {rule["alert"] for rule in differing} == set(threshold.alerts)
        for place in threshold.places:
            assert any(place.replace("(#)", "0.125") in json.dumps(rule).replace("\\n", "\n") for rule in differing)


def test_a_threshold_that_the_rules_say_in_two_ways_is_refused() -> None:
    with pytest.raises(ValueError, match="dueSoonDays: the rules say"):
        rules_libsonnet(RULES.replace("is due within 14 days", "is due within 15 days"))
    with pytest.raises(ValueError, match=r"quotaShare: .*looks for it where there is none"):
        rules_libsonnet(RULES.replace("> 0.8\n", "> 4 / 5\n"))


def test_the_mixins_dashboard_takes_what_is_set() -> None:
    (dashboard,) = mixin("{ dashboard: { uid: 'mine', tags: ['redis'] } }")["dashboards"].values()
    assert (dashboard["uid"], dashboard["tags"]) == ("mine", ["redis"])


@pytest.mark.parametrize(
    ("page_url", "page"),
    [
        ("https://updates.example.org/", "https://updates.example.org"),
        ("https://{{ $labels.aws_region }}.example.org", "http://127.0.0.1:8080"),
    ],
)
def test_the_mixins_dashboard_leads_to_the_addresses_of_the_alerts(page_url: str, page: str) -> None:
    """But for a template of Prometheus's."""
    made = mixin(f"{{ runbookUrl: 'https://git.example.org/x/', pageUrl: '{page_url}' }}")
    (dashboard,) = made["dashboards"].values()
    constants = {one["name"]: one["query"] for one in dashboard["templating"]["list"] if one["type"] == "constant"}
    assert constants == {"page": page, "project": "https://git.example.org/x"}


def _recorded(dashboards: object) -> list[dict[str, str]]:
    """The dashboard's queries as rules, for promtool to read; Grafana's variables are filled in, as Grafana does."""
    other = ("label_values(", "query_result(", "http", "prometheus")  # what variables hold
    queries = [query for query in expressions(dashboards) if not query.startswith(other)]
    filled = [
        re.sub(r"\$\{?__\w+\}?", "1m", re.sub(r"\$(region|account|org|update)\b", "x", query)) for query in queries
    ]
    return [{"record": f"drawn:{number}", "expr": query} for number, query in enumerate(filled)]

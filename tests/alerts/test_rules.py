"""The rules and what belongs to them, as promtool, amtool and bosh will read them."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from alerts.boshrelease import OPS_FILE, RULES_FILE, ops_file
from tests.alerts.mutants import Rule, name_of
from tests.alerts.promtool import ALERTS, needed_rules, rules, unit_tests

RULES = rules()
ALERTING = [rule for rule in RULES if "alert" in rule]
ALERTMANAGER = ALERTS / "alertmanager.example.yml"
RUNBOOK = ALERTS.parent / "docs" / "runbook.md"


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_promtool_accepts_the_rules() -> None:
    """Without a lint warning either."""
    checked = run("promtool", "check", "rules", "--lint=all", "--lint-fatal", RULES_FILE)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("file", sorted((ALERTS / "tests").glob("*.test.yml")), ids=lambda file: file.name)
def test_the_unit_tests_pass(file: Path) -> None:
    """Against all the rules at once, as people run them."""
    tested = run("promtool", "test", "rules", file)
    assert tested.returncode == 0, tested.stdout + tested.stderr


@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_each_rule_has_a_unit_test(rule: Rule) -> None:
    """One whose expectations name it or rest on it; an alert is expected with its whole text at least once."""
    tests = [test for test in unit_tests() if rule in needed_rules(test.expectations, RULES)]
    assert tests, f"alerts/tests/: write a unit test that expects {name_of(rule)}"
    if "alert" in rule:
        expected = json.dumps([test.test.get("alert_rule_test") for test in tests])
        assert f'"{rule["alert"]}"' in expected, (
            f"alerts/tests/: expect {name_of(rule)} with its whole text in an alert_rule_test"
        )


@pytest.mark.parametrize("rule", ALERTING, ids=name_of)
def test_each_alert_says_what_people_need(rule: dict[str, dict[str, str]]) -> None:
    """How urgent, what, why, and where to read on: a heading that is there, under the name that GitHub gives it."""
    assert rule["labels"]["severity"] in {"critical", "warning", "info"}
    assert rule["labels"]["product"] == "elasticache-updates"
    annotations = rule["annotations"]
    assert annotations.keys() == {"summary", "description", "runbook_url"}, f"the annotations of {rule['alert']}"
    path, anchor = annotations["runbook_url"].split("#")
    assert ALERTS.parent / path == RUNBOOK
    name = str(rule["alert"])
    assert anchor == name.lower(), f"runbook_url of {name}: end it with #{name.lower()}"
    assert anchor in _anchors(RUNBOOK.read_text(encoding="utf-8")), (
        f"docs/runbook.md: add a section '### {name}', in the form of the others"
    )


def test_each_alert_has_the_same_four_parts_in_the_runbook() -> None:
    """Meaning, impact, what to look at, what to do; and the runbook describes no alert that is gone."""
    sections = dict(
        re.findall(r"^### (ElastiCache\w+)\n(.*?)(?=^##|\Z)", RUNBOOK.read_text(), re.MULTILINE | re.DOTALL)
    )
    alerts = {str(rule["alert"]) for rule in ALERTING}
    assert not alerts - sections.keys(), f"docs/runbook.md: add a section for {alerts - sections.keys()}"
    assert not sections.keys() - alerts, f"docs/runbook.md: remove the section on {sections.keys() - alerts}"
    for name, section in sections.items():
        assert re.findall(r"^\*\*(.+?)\.\*\*", section, re.MULTILINE) == [
            "Meaning",
            "Impact",
            "Look at",
            "Do",
        ], name


def test_the_ops_file_holds_the_same_rules() -> None:
    """It is what the generator makes of the rules file; and no expression looks like a variable of bosh's."""
    written = OPS_FILE.read_text(encoding="utf-8")
    assert written == ops_file(RULES_FILE.read_text(encoding="utf-8")), "run: python -m alerts.boshrelease"
    (operation,) = yaml.safe_load(written)
    assert operation["value"] == yaml.safe_load(RULES_FILE.read_text(encoding="utf-8"))["groups"][0]
    assert re.findall(r"\(\([-/.\w]+\)\)", written) == []


def test_amtool_accepts_the_example() -> None:
    checked = run("amtool", "check-config", ALERTMANAGER)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(
    ("severity", "receiver"),
    [
        ("critical", "platform-team-on-call"),
        ("warning", "platform-team-mail-and-slack"),
        ("info", "platform-team-news"),
    ],
)
def test_each_severity_reaches_somebody(severity: str, receiver: str) -> None:
    route = ("amtool", "config", "routes", "test", f"--config.file={ALERTMANAGER}")
    routed = run(*route, "product=elasticache-updates", f"severity={severity}")
    assert routed.stdout.strip() == receiver


def test_the_example_names_only_alerts_that_there_are() -> None:
    """An inhibition of a misspelt alert would inhibit nothing."""
    named = set(re.findall(r"ElastiCache\w+", ALERTMANAGER.read_text()))
    assert named - {"ElastiCacheUpdateExporter"} <= {str(rule["alert"]) for rule in ALERTING}


def _anchors(markdown: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", markdown, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}

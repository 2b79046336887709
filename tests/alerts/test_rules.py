"""The rules and what belongs to them, as promtool, amtool and bosh will read them."""

import json
import re
import subprocess
from importlib import import_module
from pathlib import Path

import click
import pytest
import yaml

from alerts.rules_file import RULES_FILE
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
    assert annotations.keys() - {"page_url"} == {"summary", "description", "runbook_url"}, rule["alert"]
    path, anchor = annotations["runbook_url"].split("#")
    assert ALERTS.parent / path == RUNBOOK
    name = str(rule["alert"])
    assert anchor == name.lower(), f"runbook_url of {name}: end it with #{name.lower()}"
    assert anchor in _anchors(RUNBOOK.read_text(encoding="utf-8")), (
        f"docs/runbook.md: add a section '### {name}', in the form of the others"
    )


def test_only_what_gets_worse_before_the_morning_pages() -> None:
    """Updates are applied in working hours only, so that everything else can wait for them."""
    critical = [rule["alert"] for rule in ALERTING if rule["labels"]["severity"] == "critical"]
    assert critical == ["ElastiCacheUpdateStuck", "ElastiCacheUpdateStoppedHalfWay"]


@pytest.mark.parametrize("rule", ALERTING, ids=name_of)
def test_each_alert_on_tenants_says_which(rule: dict[str, dict[str, str]]) -> None:
    """By a link to the page, filtered by what the alert is about; where no filter finds them, by name."""
    about = set(re.findall(r"\b(aws_region|elasticache_service_update)\b", rule["annotations"]["summary"]))
    if not about or "Quota" in str(rule["alert"]):
        return
    page = rule["annotations"]["page_url"]
    assert page.startswith("/?region={{ $labels.aws_region }}")
    if "elasticache_service_update" in about:
        assert "&update={{ $labels.elasticache_service_update | urlquery }}" in page or "&text=" in page


def test_each_link_to_the_page_has_only_parameters_that_it_knows() -> None:
    """Any other is an error there."""
    links = [rule["annotations"]["page_url"] for rule in ALERTING if "page_url" in rule["annotations"]]
    named = {name for link in links for name in re.findall(r"[?&](\w+)=", link)}
    assert named == {"region", "update", "show", "text"}
    shown = {value for link in links for value in re.findall(r"&show=([\w-]+)", link)}
    assert shown == {"schedulable", "deferred", "scheduled", "stopped", "unknown", "all"}


def test_no_text_has_a_name_of_a_tenants_as_it_stands() -> None:
    """A line break would end an alert's line, and a backtick begin a command; unit tests have such names."""
    texts = [rule["annotations"]["description"] for rule in ALERTING]
    actions = [action for text in texts for action in re.findall(r"\{\{(.+?)\}\}", re.sub(r"`[^`]*%s[^`]*`", "", text))]
    naming = [
        action for action in actions if re.search(r"\.Labels\.(org_name|space_name|service_instance_name)", action)
    ]
    assert len(naming) == 6
    assert all("| reReplaceAll " in action for action in naming)


def test_each_command_of_a_text_has_only_options_that_it_takes() -> None:
    """The region is given by its code: `--region` knows names, and no codes but those of two regions."""
    texts = [rule["annotations"]["description"] for rule in ALERTING]
    commands = [said for text in texts for said in re.findall(r"`elasticache-update-notifier (\w+)([^`]*)`", text)]
    assert {name for name, _ in commands} == {"print", "defer", "apply", "ledger"}
    for name, rest in commands:
        command: click.Command = import_module(f"notifier.commands.{name}").command
        if isinstance(command, click.Group):
            command = command.commands[rest.split()[0]]
        known = {flag for option in command.params for flag in option.opts}
        assert set(re.findall(r"--[\w-]+", rest)) <= known - {"--region"}


@pytest.mark.parametrize("rule", ALERTING, ids=name_of)
def test_who_is_listed_for_an_update_is_asked_by_its_name(rule: dict[str, dict[str, str]]) -> None:
    """Without it, `print` lists those too whom other updates concern, and leaves a major version out."""
    for rest in re.findall(r"`elasticache-update-notifier print ([^`]+)`", rule["annotations"]["description"]):
        about_one = "elasticache_service_update" in rule["annotations"]["summary"]
        assert ("--only-update {{ $labels.elasticache_service_update }}" in rest) == about_one


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


def test_amtool_accepts_the_example() -> None:
    checked = run("amtool", "check-config", ALERTMANAGER)
    assert checked.returncode == 0, checked.stderr


def test_the_examples_slack_shows_names_as_they_stand(tmp_path: Path) -> None:
    """No name addresses everybody there, or hides a link; and the link to the page is whole."""
    texts = {
        "summary": "Update <!channel> & more",
        "description": "Up to ten: <https://evil.example.org|brave-buses>/live",
        "page_url": "https://updates.example.org/?region=eu-west-1&show=all",
        "runbook_url": "",
    }
    alert = {"status": "firing", "labels": {}, "annotations": texts}
    data, none = tmp_path / "data.json", tmp_path / "none.tmpl"
    data.write_text(json.dumps({"status": "firing", "alerts": [alert]}))
    none.write_text("")
    example = yaml.safe_load(ALERTMANAGER.read_text(encoding="utf-8"))
    slack = [one for receiver in example["receivers"] for one in receiver.get("slack_configs", ())]
    assert len(slack) == 2
    for one in slack:
        options = (f"--template.glob={none}", f"--template.text={one['text']}", f"--template.data={data}")
        assert run("amtool", "template", "render", *options).stdout.strip().splitlines() == [
            "*Update &lt;!channel&gt; &amp; more*",
            "Up to ten: &lt;https://evil.example.org|brave-buses&gt;/live",
            "<https://updates.example.org/?region=eu-west-1&amp;show=all|Whom it concerns>",
        ]


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

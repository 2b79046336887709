"""Runs promtool's unit tests one by one, against rules that need not be those of the project."""

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from tests.alerts.mutants import Rule, name_of

ALERTS = Path(__file__).parents[2] / "alerts"
RULES = ALERTS / "elasticache-updates.rules.yml"
GROUP = "elasticache-updates"
SELDOM_COLLECTED = {**os.environ, "GOGC": "800"}
"""For promtool, which lives for seconds: a fifth of its time would go into collecting garbage."""

Expected = Mapping[str, Mapping[str, float]]
"""By query: the values at the end, by labels."""


def rules() -> list[Rule]:
    (group,) = yaml.safe_load(RULES.read_text())["groups"]
    listed: list[Rule] = group["rules"]
    return listed


@dataclass(frozen=True, eq=False)
class UnitTest:
    file: str
    evaluation_interval: str
    test: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.file}: {self.test['name']}"

    @property
    def texts(self) -> list[dict[str, object]]:
        """What it expects of alerts with their whole text."""
        return self.test.get("alert_rule_test") or []

    @cached_property
    def expectations(self) -> str:
        """As text; it names the rules that the test is about."""
        return yaml.safe_dump([self.texts, self.test.get("promql_expr_test")], width=1000)


@dataclass(frozen=True)
class Trial:
    """A unit test, and rules that it may find wrong."""

    test: UnitTest
    rules: Sequence[Rule]

    def write(self, folder: Path) -> Path:
        folder.mkdir()
        read = {str(expected["alertname"]) for expected in self.test.texts}
        needed = needed_rules(self.test.expectations, self.rules)
        write_rules(folder / "rules.yml", [rule if name_of(rule) in read else without_text(rule) for rule in needed])
        document = {
            "rule_files": ["rules.yml"],
            "evaluation_interval": self.test.evaluation_interval,
            "tests": [self.test.test],
        }
        path = folder / "test.yml"
        path.write_text(json.dumps(document))
        return path


def failed(trials: Sequence[Trial]) -> list[bool]:
    """Of each trial, whether promtool finds that the rules do not do what the test says. One process for all of them."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [trial.write(Path(folder) / str(number)) for number, trial in enumerate(trials)]
        command: list[str | Path] = ["promtool", "test", "rules", *paths]
        ran = subprocess.run(command, env=SELDOM_COLLECTED, check=False, capture_output=True, text=True)
    verdicts = {said.split()[0]: "SUCCESS" in said for said in ran.stdout.split("Unit Testing:")[1:]}
    return [not verdicts[str(path)] for path in paths]


def without_text(rule: Rule) -> Rule:
    """An alert whose text nobody reads: promtool fills it in at each evaluation, with queries of its own."""
    return {field: value for field, value in rule.items() if field != "annotations"}


def check(
    folder: Path, series: Sequence[Mapping[str, str]], expected: Expected, seconds: float, names: str = ""
) -> None:
    """
    One run of promtool over series with a sample a minute: what queries say at its end. With the rules that queries and
    these names of rules rest on; nobody reads alerts' texts.
    """
    needed = needed_rules(f"{names} {' '.join(expected)}", rules())
    write_rules(folder / "rules.json", [without_text(rule) for rule in needed])
    document = {
        "rule_files": ["rules.json"],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": series,
                "promql_expr_test": [
                    {
                        "expr": query,
                        "eval_time": f"{seconds}s",
                        "exp_samples": [{"labels": labels, "value": value} for labels, value in samples.items()],
                    }
                    for query, samples in expected.items()
                ],
            }
        ],
    }
    path = folder / "timeline.test.yml"
    path.write_text(json.dumps(document))
    command = ("promtool", "test", "rules", path)
    ran = subprocess.run(command, env=SELDOM_COLLECTED, check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def write_rules(path: Path, written: Sequence[Rule]) -> None:
    path.write_text(json.dumps({"groups": [{"name": GROUP, "rules": [dict(rule) for rule in written]}]}))


@cache
def unit_tests() -> tuple[UnitTest, ...]:
    """Read with libyaml, because there are thousands of series, and Python's own reader takes a second for them."""
    documents = {
        path.name: yaml.load(path.read_text(), yaml.CSafeLoader)
        for path in sorted((ALERTS / "tests").glob("*.test.yml"))
    }
    return tuple(
        UnitTest(file, document["evaluation_interval"], test)
        for file, document in documents.items()
        for test in document["tests"]
    )


def needed_rules(text: str, candidates: Sequence[Rule]) -> list[Rule]:
    """
    The rules that a text names and those that they rest on, in their order; the fewer, the faster promtool is.

    A rule may rest on a later one: on what that was when it was evaluated last.
    """
    words_of = {name_of(rule): _words(str(rule["expr"])) for rule in candidates}
    needed: set[str] = set()
    found = set(_words(text) & words_of.keys())
    while found - needed:
        needed |= found
        found = {word for name in needed for word in words_of[name]} & words_of.keys()
    return [rule for rule in candidates if name_of(rule) in needed]


@cache
def _words(text: str) -> frozenset[str]:
    """What could be names of rules and metrics."""
    return frozenset(re.findall(r"[\w:]+", text))

"""The dashboard against Grafana's own schema; there is no Grafana here to import it into."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from dashboards.dashboard import DASHBOARD_FILE
from tests.dashboards.schema import problems

DASHBOARD: dict[str, Any] = json.loads(DASHBOARD_FILE.read_text(encoding="utf-8"))
OPEN = {"titleFormat", "textFormat", "tagKeys", "useValueForTime", "step"}
"""Fields that Grafana 11.6's Prometheus data source reads of an annotation, though only later schemas name them."""


def test_it_is_what_the_schema_says() -> None:
    dashboard = deepcopy(DASHBOARD)
    for annotation in dashboard["annotations"]["list"]:
        assert annotation.keys() >= OPEN
        for name in OPEN:
            del annotation[name]
    assert list(problems(dashboard)) == []


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (lambda d, _: d.update(refreshh="1m"), "no such field: refreshh"),
        (lambda d, _: d.update(schemaVersion="41"), "'41' is no"),
        (lambda d, _: d.pop("templating"), "missing: templating"),
        (lambda d, _: d["templating"]["list"][1].update(refresh=7), "7 is no VariableRefresh"),
        (lambda _, p: p["targets"][0].update(format="tabel"), "'tabel' is no PromQueryFormat"),
        (lambda _, p: p["options"].update(sort_by=[]), "no such field: sort_by"),
        (lambda _, p: p["options"]["sortBy"][0].update(desc="yes"), "'yes' is no"),
        (lambda _, p: p["fieldConfig"]["defaults"]["custom"].update(filterable=1), "1 is no"),
        (lambda _, p: _override(p, "custom.hiden", value=True), "no such property: custom.hiden"),
        (lambda _, p: _override(p, "thresholds", {"mode": "absolut", "steps": []}), "'absolut' is no ThresholdsMode"),
        (lambda _, p: _override(p, "custom.cellOptions", {"type": "gauge", "mode": "colour"}), "custom.cellOptions"),
        (lambda _, p: _override(p, "mappings", [{"type": "value", "options": {"1": {"txt": "yes"}}}]), "txt"),
    ],
)
def test_each_kind_of_mistake_is_found(mistake: Callable[[dict[str, Any], dict[str, Any]], object], said: str) -> None:
    """In the dashboard, or in one of its tables."""
    dashboard = deepcopy(DASHBOARD)
    table = next(panel for panel in dashboard["panels"] if panel["type"] == "table")
    mistake(dashboard, table)
    assert [problem for problem in problems(dashboard) if said in problem]


def _override(panel: dict[str, Any], name: str, value: object) -> None:
    properties = [{"id": name, "value": value}]
    panel["fieldConfig"]["overrides"].append({"matcher": {"id": "byName", "options": "x"}, "properties": properties})

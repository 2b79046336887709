"""The dashboard: its rows in the order in which an operator reads them, and the JSON that Grafana imports."""

import json
from pathlib import Path
from typing import Any

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync

from dashboards import backlog_row, exporter_row, links, plan_row, variables, waiting_row, window_row
from dashboards.events import EVENTS

DASHBOARD_FILE = Path(__file__).parent / "elasticache-updates.json"
UID = "elasticache-updates"
_ROWS = (backlog_row, plan_row, window_row, waiting_row, exporter_row)


def dashboard_json() -> str:
    """Importable without edits; the same code gives the same text."""
    built: dict[str, Any] = json.loads(json.dumps(_dashboard().build(), cls=JSONEncoder))
    built["id"] = None  # Grafana gives it one of its own
    for number, panel in enumerate(built["panels"], start=1):
        panel["id"] = number
    for variable in built["templating"]["list"]:
        if variable["type"] == "constant":
            variable.update(variables.AS_CONSTANT)
    for annotation, event in zip(built["annotations"]["list"], EVENTS, strict=True):
        annotation.update(event.beyond_the_schema)
    return json.dumps(built, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _dashboard() -> Dashboard:
    dashboard = (
        Dashboard("ElastiCache service updates")
        .uid(UID)
        .description(
            "How many tenants' Redis and Valkey instances wait for an AWS service update, whose, and until when."
        )
        .tags(["elasticache", "cloud-foundry", "maintenance"])
        .time("now-7d", "now")
        .refresh("1m")
        .timezone("browser")
        .editable()
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .with_variable(variables.datasource())
        .links([links.built(link) for link in links.HEAD])
        .annotations([event.query for event in EVENTS])
    )
    for choice in variables.choices():
        dashboard = dashboard.with_variable(choice)
    for address in variables.addresses():
        dashboard = dashboard.with_variable(address)
    for row in _ROWS:
        dashboard = dashboard.with_row(Row(row.TITLE))
        for panel in row.panels():
            dashboard = dashboard.with_panel(panel)
    return dashboard

"""The dashboard: its rows in the order in which an operator reads them, and the JSON that Grafana imports."""

import json
from pathlib import Path
from typing import Any

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync

from dashboards import backlog_row, exporter_row, plan_row, variables, waiting_row, window_row

DASHBOARD_FILE = Path(__file__).parent / "elasticache-updates.json"
UID = "elasticache-updates"
_ROWS = (backlog_row, plan_row, waiting_row, window_row, exporter_row)

_WORDING = {
    "Releases": {"titleFormat": "{{elasticache_service_update}}", "textFormat": "released in {{aws_region}}"},
    "Planned windows": {"titleFormat": "{{maintenance_window}}", "textFormat": "window begins in {{aws_region}}"},
}


def dashboard_json() -> str:
    """Importable without edits; the same code gives the same text."""
    built: dict[str, Any] = json.loads(json.dumps(_dashboard().build(), cls=JSONEncoder))
    built["id"] = None  # Grafana gives it one of its own
    for number, panel in enumerate(built["panels"], start=1):
        panel["id"] = number
    for annotation in built["annotations"]["list"]:
        # Not in the library's schema: the event is when the value says, and is named by labels.
        annotation |= {
            "useValueForTime": "on",
            **_WORDING[annotation["name"]],
            "step": "10m",
        }
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
        .annotation(variables.releases())
        .annotation(variables.windows())
    )
    for choice in variables.choices():
        dashboard = dashboard.with_variable(choice)
    for row in _ROWS:
        dashboard = dashboard.with_row(Row(row.TITLE))
        for panel in row.panels():
            dashboard = dashboard.with_panel(panel)
    return dashboard

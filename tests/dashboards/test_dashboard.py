"""The dashboard's JSON: what Grafana needs to import it, and what a newcomer needs to read it."""

import json
import re
from typing import Any

import pytest

from dashboards.dashboard import DASHBOARD_FILE, dashboard_json
from tests.exporter.test_metrics_document import published

DASHBOARD: dict[str, Any] = json.loads(DASHBOARD_FILE.read_text(encoding="utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
VARIABLES = {variable["name"]: variable for variable in DASHBOARD["templating"]["list"]}

LEFT_OUT = {
    "paas_aws_elasticache_service_update_end_timestamp_seconds": "windows are planned by the apply-by date before it",
    "paas_aws_elasticache_unclaimed_update_required": "a panel counts the groups; the exporter's page lists them",
    "elasticache_update_exporter_surveys_total": "only failed surveys ask for attention",
    "elasticache_update_exporter_remote_requests_total": "only failed requests ask for attention",
    "elasticache_update_exporter_poll_interval_seconds": "a setting; the alert on stale surveys compares with it",
}
"""Metrics that no panel shows, and why."""


def title(panel: dict[str, str]) -> str:
    return panel["title"]


def test_the_file_is_what_the_code_builds() -> None:
    assert DASHBOARD_FILE.read_text(encoding="utf-8") == dashboard_json(), "run: python -m dashboards"


def test_every_metric_is_on_the_dashboard_or_left_out_for_a_reason() -> None:
    """A metric that nobody looks at costs every scrape and helps nobody."""
    shown = set(re.findall(r"\w+", DASHBOARD_FILE.read_text(encoding="utf-8")))
    forgotten = published().keys() - shown - LEFT_OUT.keys()
    assert not forgotten, (
        f"on no panel: {', '.join(sorted(forgotten))}; show it in one of dashboards/*_row.py and run"
        " `python -m dashboards`, or say in LEFT_OUT of tests/dashboards/test_dashboard.py why not"
    )
    stale = LEFT_OUT.keys() & shown | LEFT_OUT.keys() - published().keys()
    assert not stale, f"remove from LEFT_OUT, as it is shown, or is no metric any more: {', '.join(sorted(stale))}"


def test_it_can_be_imported_without_edits() -> None:
    """Its own identity, no other Grafana's id, a known schema, and no input to fill in."""
    assert DASHBOARD["uid"] == "elasticache-updates"
    assert DASHBOARD["title"] == "ElastiCache service updates"
    assert DASHBOARD["id"] is None
    assert DASHBOARD["schemaVersion"] >= 39
    assert "__inputs" not in DASHBOARD


def test_everything_asks_the_datasource_that_the_reader_chose() -> None:
    chosen = {"type": "prometheus", "uid": "${datasource}"}
    assert VARIABLES["datasource"] == {**VARIABLES["datasource"], "type": "datasource", "query": "prometheus"}
    asking = [*PANELS, *(target for panel in PANELS for target in panel["targets"]), *DASHBOARD["annotations"]["list"]]
    asking += [variable for variable in VARIABLES.values() if variable["type"] == "query"]
    assert [asker["datasource"] for asker in asking] == [chosen] * len(asking)


def test_region_org_and_update_can_be_chosen() -> None:
    """Several of each, or all; each narrows the next."""
    assert list(VARIABLES) == ["datasource", "region", "org", "update"]
    for name in ("region", "org", "update"):
        variable = VARIABLES[name]
        assert variable["multi"]
        assert variable["includeAll"]
        assert variable["query"]["query"].startswith("label_values(")


@pytest.mark.parametrize("panel", PANELS, ids=title)
def test_each_panel_tells_a_newcomer_what_to_make_of_it(panel: dict[str, Any]) -> None:
    """A title, a unit or named columns, at least one sentence, and something to show."""
    assert panel["title"]
    assert panel["description"].endswith(".")
    assert len(panel["description"]) > 40
    assert panel["targets"]
    assert "unit" in panel["fieldConfig"]["defaults"] or panel["type"] == "table"


def test_panels_have_ids_and_places_of_their_own() -> None:
    """In Grafana's grid of 24 columns, none over another."""
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert place["x"] + place["w"] <= 24, (
            f"'{panel['title']}' does not fit into its line: have the widths of the panels of each line add up to 24,"
            " by .span(columns)"
        )
        assert not cells & taken, panel["title"]
        taken |= cells


def test_the_fraction_is_drawn_against_the_threshold_that_the_alert_uses() -> None:
    """Each region's own, in the one style that marks a limit."""
    (panel,) = [panel for panel in PANELS if panel["title"] == "Share waiting over time"]
    drawn = panel["targets"][1]
    assert "elasticache_update_exporter_update_fraction_threshold_ratio" in drawn["expr"]
    assert drawn["expr"].startswith("max by (aws_region) (")
    (override,) = panel["fieldConfig"]["overrides"]
    assert override["matcher"] == {"id": "byFrameRefID", "options": drawn["refId"]}


def test_releases_and_planned_windows_are_marked_when_they_happen() -> None:
    """The value of the series is the moment, in milliseconds; and each mark says what it is."""
    for annotation, metric in zip(
        DASHBOARD["annotations"]["list"], ("release_timestamp_seconds", "window_start_timestamp_seconds"), strict=True
    ):
        assert annotation["useValueForTime"] == "on"
        assert annotation["expr"].startswith("1000 * ")
        assert metric in annotation["expr"]
        assert annotation["titleFormat"] != annotation["textFormat"]


@pytest.mark.parametrize("panel", [panel for panel in PANELS if panel["type"] == "table"], ids=title)
def test_tables_join_what_they_ask(panel: dict[str, Any]) -> None:
    """One row for each set of labels, only named columns, and units only for columns that there are."""
    merge, organize = panel["transformations"]
    assert merge["id"] == "merge"
    columns = organize["options"]["renameByName"]
    assert organize["options"]["includeByName"].keys() == columns.keys()
    refs = [target["refId"] for target in panel["targets"]]
    values = {f"Value #{ref}" for ref in refs} if len(refs) > 1 else {"Value"}
    shown = {name for name in columns if name.startswith("Value")}
    assert shown <= values
    assert all(target["format"] == "table" and target["instant"] for target in panel["targets"])
    assert {override["matcher"]["options"] for override in panel["fieldConfig"]["overrides"]} <= set(columns.values())

"""The dashboard's JSON: what Grafana needs to import it, and what a newcomer needs to read it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from dashboards.dashboard import DASHBOARD_FILE, dashboard_json
from dashboards.links import PAGE_ADDRESS, PROJECT_ADDRESS
from tests.exporter.test_metrics_document import published

DASHBOARD: dict[str, Any] = json.loads(DASHBOARD_FILE.read_text(encoding="utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
VARIABLES = {variable["name"]: variable for variable in DASHBOARD["templating"]["list"]}

LEFT_OUT = {
    "paas_aws_elasticache_service_update_end_timestamp_seconds": "windows are planned by the apply-by date before it",
    "paas_aws_elasticache_unclaimed_update_required": "a panel counts the groups; the exporter's page lists them",
    "elasticache_update_exporter_surveys_total": "only failed surveys ask for attention",
    "elasticache_update_exporter_remote_requests_total": "only failed requests ask for attention",
}
"""Metrics that no panel shows, and why."""


RUNBOOK = Path(__file__).parents[2] / "docs" / "runbook.md"
PARAMETERS = {"region", "org", "update", "show", "text"}
"""Of the exporter's page, those that the dashboard uses."""


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


def test_region_account_org_and_update_can_be_chosen() -> None:
    """Several of each, or all; each narrows the next."""
    assert list(VARIABLES) == ["datasource", "region", "account", "org", "update", "page", "project"]
    for name in ("region", "account", "org", "update"):
        variable = VARIABLES[name]
        assert variable["multi"]
        assert variable["includeAll"]
        assert variable["query"]["query"].startswith("query_result(" if name == "region" else "label_values(")


def test_addresses_are_constants_that_one_replacement_sets() -> None:
    """As deploy/grafana/README.md says; a constant cannot be set by a link to the dashboard."""
    for name, address in (("page", PAGE_ADDRESS), ("project", PROJECT_ADDRESS)):
        variable = VARIABLES[name]
        assert variable["type"] == "constant"
        assert (variable["query"], variable["hide"], variable["skipUrlSync"]) == (address, 2, True)
        written = json.dumps(DASHBOARD).replace(address, "https://elsewhere.example.org")
        assert address not in written
    assert set(re.findall(r"\$\{(page|project)\}", json.dumps(DASHBOARD))) == {"page", "project"}


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
    for title, metric in (
        ("Share waiting over time", "elasticache_update_exporter_update_fraction_threshold_ratio"),
        ("Duration of surveys", "elasticache_update_exporter_poll_interval_seconds"),
    ):
        (panel,) = [panel for panel in PANELS if panel["title"] == title]
        drawn = panel["targets"][1]
        assert metric in drawn["expr"]
        (override,) = panel["fieldConfig"]["overrides"]
        assert override["matcher"] == {"id": "byFrameRefID", "options": drawn["refId"]}


@pytest.mark.parametrize(
    ("title", "metric"),
    [
        ("Share waiting now", "elasticache_update_exporter_update_fraction_threshold_ratio"),
        ("Share that a window could take", "elasticache_update_exporter_update_fraction_threshold_ratio"),
        ("Age of these numbers", "elasticache_update_exporter_poll_interval_seconds"),
    ],
)
def test_colours_are_decided_by_what_the_exporter_publishes(title: str, metric: str) -> None:
    """One query for each colour, worst first, and no number of the dashboard's own."""
    (panel,) = [panel for panel in PANELS if panel["title"] == title]
    assert [target["refId"] for target in panel["targets"]] == ["red", "orange", "green"]
    assert all(metric in target["expr"] for target in panel["targets"])
    assert [step["value"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]] == [None]
    for override, target in zip(panel["fieldConfig"]["overrides"], panel["targets"], strict=True):
        assert override["matcher"] == {"id": "byFrameRefID", "options": target["refId"]}
        assert override["properties"] == [{"id": "color", "value": {"mode": "fixed", "fixedColor": target["refId"]}}]


def test_releases_windows_and_alerts_are_marked_when_they_happen() -> None:
    """Moments are values in milliseconds, and what lasts is above 0 while it does; each mark says what it is."""
    marks = {annotation["name"]: annotation for annotation in DASHBOARD["annotations"]["list"]}
    assert list(marks) == ["Releases", "Planned windows", "Open windows", "Alerts"]
    for mark in marks.values():
        assert mark["useValueForTime"] == mark["expr"].startswith("1000 * ")
        assert mark["titleFormat"] != mark["textFormat"]
        by = re.search(r"by \(([^)]+)\)", mark["expr"])
        assert by
        named = re.findall(r"{{(\w+)}}", mark["titleFormat"] + mark["textFormat"]) + mark["tagKeys"].split(",")
        assert set(named) <= set(by[1].split(", "))


@pytest.mark.parametrize("panel", PANELS, ids=title)
def test_no_value_is_a_bare_1_or_0(panel: dict[str, Any]) -> None:
    """What is yes or no is shown in words: of metrics, and of labels."""
    yes_or_no = re.compile(r"(_success|_up|_enabled)\b")
    asked = [target["refId"] for target in panel["targets"] if yes_or_no.search(target["expr"])]
    for ref in asked:
        if panel["type"] == "stat":
            mappings = panel["fieldConfig"]["defaults"]["mappings"]
        else:
            shown = panel["transformations"][1]["options"]["renameByName"][f"Value #{ref}"]
            mappings = _properties(panel, shown)["mappings"]
        assert mappings[0]["options"].keys() == {"0", "1"}
        assert {meaning["text"][:2] for meaning in mappings[0]["options"].values()} == {"no", "ye"}


def test_links_lead_to_the_runbooks_own_sections() -> None:
    """By the anchors that its headings have."""
    headings = re.findall(r"^#+ (.+)$", RUNBOOK.read_text(encoding="utf-8"), re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    linked = set(re.findall(r"\$\{project\}/docs/runbook\.md#([\w-]+)", json.dumps(DASHBOARD)))
    assert len(linked) > 8
    assert linked <= anchors


def test_the_runbook_names_panels_that_there_are() -> None:
    """In italics, over one line or two; `Targets` is a page of Prometheus's."""
    named = re.findall(r"(?<![*\w])\*([A-Z][^*]+)\*(?!\*)", RUNBOOK.read_text(encoding="utf-8"))
    titles = {" ".join(name.split()) for name in named} - {"Targets"}
    assert len(titles) > 3
    assert titles <= {panel["title"] for panel in PANELS}


def test_links_to_the_page_have_only_its_parameters() -> None:
    """Any other would be refused there."""
    urls = re.findall(r"\$\{page\}/\?([^\"]+)", json.dumps(DASHBOARD))
    assert len(urls) > 10
    for url in urls:
        parts = url.partition("#")[0].split("&")
        kept = {match[1] for part in parts if (match := re.fullmatch(r"\$\{(\w+):queryparam\}", part))}
        chosen = {part.partition("=")[0] for part in parts if "=" in part}
        assert len(kept) + len(chosen) == len(parts)
        assert kept <= {"region", "org", "update"}
        assert chosen <= PARAMETERS
        assert not kept & chosen, "both would have to match"


def test_links_keep_what_is_chosen_at_the_top() -> None:
    """The dashboard's own all of it; those of a value what the value was counted with, but what is more exact."""
    by_title = {panel["title"]: panel for panel in PANELS}
    head = DASHBOARD["links"][0]["url"]
    assert head == "${page}/?${region:queryparam}&${org:queryparam}&${update:queryparam}"
    for title in (
        "Share waiting now",
        "Instances waiting",
        "Share waiting over time",
        "Share that a window could take",
    ):
        (link,) = by_title[title]["fieldConfig"]["defaults"]["links"]
        assert "region=${__field.labels.aws_region}&" in link["url"]
        assert link["url"].endswith("&${org:queryparam}&${update:queryparam}")
    of_update = _properties(by_title["What waits, by update"], "Update")["links"][0]["url"]
    assert of_update.endswith("&update=${__data.fields.elasticache_service_update}&${org:queryparam}")


@pytest.mark.parametrize(("title", "show"), [("Under way", "under-way"), ("Deferred instances", "deferred")])
def test_links_of_a_table_lead_to_what_it_lists(title: str, show: str) -> None:
    """What is under way does not wait, and who is deferred need not."""
    (panel,) = [panel for panel in PANELS if panel["title"] == title]
    for column in {"Region", "Org", "Update"} & set(panel["transformations"][1]["options"]["renameByName"].values()):
        assert f"&show={show}" in _properties(panel, column)["links"][0]["url"]


@pytest.mark.parametrize("panel", [panel for panel in PANELS if panel["type"] == "table"], ids=title)
def test_tables_join_what_they_ask(panel: dict[str, Any]) -> None:
    """One row for each set of labels, looks and links only for columns that there are, and sorted by one that is shown."""
    merge, organize = panel["transformations"]
    assert merge["id"] == "merge"
    columns, titles = organize["options"]["includeByName"], organize["options"]["renameByName"]
    hidden = columns.keys() - titles.keys()
    refs = [target["refId"] for target in panel["targets"]]
    assert {name for name in columns if name.startswith("Value")} <= {f"Value #{ref}" for ref in refs}
    assert len(refs) > 1, "with one query its column would be called Value"
    assert all(target["format"] == "table" and target["instant"] for target in panel["targets"])
    for override in panel["fieldConfig"]["overrides"]:
        column = override["matcher"]["options"]
        is_hidden = {"id": "custom.hidden", "value": True} in override["properties"]
        assert column in (hidden if is_hidden else set(titles.values()))
    assert all("custom.hidden" in _properties(panel, name) for name in hidden)
    assert panel["options"]["sortBy"][0]["displayName"] in titles.values()
    in_links = set(re.findall(r"__data\.fields\.(\w+)", json.dumps(panel["fieldConfig"]["overrides"])))
    assert in_links <= columns.keys()


@pytest.mark.parametrize(
    ("column", "looks"),
    [
        ("Severity", {"mappings", "custom.cellOptions"}),
        ("Time left", {"thresholds", "custom.cellOptions"}),
        ("Group's status", {"mappings", "custom.cellOptions"}),
        ("Highly available", {"mappings", "custom.cellOptions"}),
        ("Failed", {"thresholds", "custom.cellOptions"}),
        ("Instance", {"links"}),
        ("Replication group", {"links"}),
    ],
)
def test_a_column_looks_the_same_in_every_table(column: str, looks: set[str]) -> None:
    found = [properties for panel in PANELS if (properties := _properties(panel, column))]
    assert found
    assert all(properties == found[0] for properties in found)
    assert looks <= found[0].keys()


def _properties(panel: dict[str, Any], column: str) -> dict[str, Any]:
    return {
        one["id"]: one["value"]
        for override in panel["fieldConfig"]["overrides"]
        if override["matcher"]["options"] == column
        for one in override["properties"]
    }

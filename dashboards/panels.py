"""What all panels have in common: where they ask, and how a table is put together."""

from collections.abc import Mapping
from typing import TypeVar

from grafana_foundation_sdk.builders import prometheus, stat, table, timeseries
from grafana_foundation_sdk.builders.common import (
    ReduceDataOptions,
    TableSortByFieldState,
    VizLegendOptions,
    VizTooltipOptions,
)
from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.models.common import (
    BigValueGraphMode,
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    TooltipDisplayMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    DataTransformerConfig,
    DynamicConfigValue,
    Threshold,
    ThresholdsMode,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from dashboards.appearance import GREY, Column, Steps, colored
from dashboards.links import Link, built

DATASOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
NOTHING = "nothing"
UNKNOWN = "unknown"
_HIDDEN = DynamicConfigValue("custom.hidden", value=True)
Panel = TypeVar("Panel", stat.Panel, table.Panel, timeseries.Panel)


def now(expression: str, ref_id: str = "A", legend: str = "{{region_name}}") -> prometheus.Dataquery:
    """The value at the end of the dashboard's time range."""
    return _query(expression, ref_id, legend).instant()


def over_time(expression: str, legend: str, ref_id: str = "A") -> prometheus.Dataquery:
    return _query(expression, ref_id, legend).range()


def stat_panel(
    title: str, description: str, unit: str, steps: Steps | None = None, when_empty: str = UNKNOWN
) -> stat.Panel:
    """One large number for each region; without steps it has no colour."""
    return (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .unit(unit)
        .no_value(when_empty)
        .thresholds(_thresholds(steps or {None: GREY}))
        .reduce_options(ReduceDataOptions().calcs(["lastNotNull"]))
        .graph_mode(BigValueGraphMode.NONE)
        .height(5)
        .span(6)
    )


def with_states(panel: stat.Panel, states: Mapping[str, str]) -> stat.Panel:
    """
    Asks for the values in each colour on their own, worst first.

    Grafana's thresholds are numbers in the dashboard. Ours are the exporter's, and may differ from region to region.
    """
    for color, expression in states.items():
        panel = panel.with_target(now(expression, color)).override_by_query(color, [*colored(color)])
    return panel


def time_panel(title: str, description: str, unit: str, width: int = 12) -> timeseries.Panel:
    return (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .unit(unit)
        .min(0)
        .fill_opacity(10)
        .legend(
            VizLegendOptions()
            .display_mode(LegendDisplayMode.LIST)
            .placement(LegendPlacement.BOTTOM)
            .show_legend(show_legend=True)
        )
        .tooltip(VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING))
        .height(8)
        .span(width)
    )


def table_panel(
    title: str, description: str, columns: Mapping[str, Column], sorted_by: str, *, descending: bool = False
) -> table.Panel:
    """`columns`: fields of the queries, merged by their labels; in this order, all others left out."""
    organize = {
        "includeByName": dict.fromkeys(columns, True),
        "indexByName": {name: position for position, name in enumerate(columns)},
        "renameByName": {name: column.title for name, column in columns.items() if column.title},
    }
    panel = (
        table.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .filterable(filterable=True)
        .no_value(NOTHING)
        .with_transformation(DataTransformerConfig(id_val="merge", options={}))
        .with_transformation(DataTransformerConfig(id_val="organize", options=organize))
        .sort_by([TableSortByFieldState().display_name(sorted_by).desc(descending)])
        .height(9)
        .span(24)
    )
    for name, column in columns.items():
        properties = column.properties if column.title else (_HIDDEN,)
        if properties:
            panel = panel.override_by_name(column.title or name, list(properties))
    return panel


def rows_of(expression: str, ref_id: str) -> prometheus.Dataquery:
    """A table's query: one row for each series, its labels in columns and its value in `Value #ref_id`."""
    return now(expression, ref_id).format(PromQueryFormat.TABLE)


def with_links(panel: Panel, *links: Link) -> Panel:
    """In the panel's head, such as the part of the runbook that it belongs to."""
    return panel.links([built(link) for link in links])


def _query(expression: str, ref_id: str, legend: str) -> prometheus.Dataquery:
    return prometheus.Dataquery().datasource(DATASOURCE).expr(expression).ref_id(ref_id).legend_format(legend)


def _thresholds(steps: Steps) -> ThresholdsConfig:
    listed = [Threshold(value=value, color=color) for value, color in steps.items()]
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(listed)

"""What all panels have in common: where they ask, and how a table is put together."""

from grafana_foundation_sdk.builders import prometheus, stat, table, timeseries
from grafana_foundation_sdk.builders.common import ReduceDataOptions
from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.models.common import BigValueGraphMode
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    DataTransformerConfig,
    DynamicConfigValue,
    Threshold,
    ThresholdsMode,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

DATASOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
NOTHING = "nothing"
UNKNOWN = "unknown"

Steps = dict[float | None, str]
"""Colours, each from its value on; the first has none."""


def now(expression: str, ref_id: str = "A", legend: str = "{{aws_region}}") -> prometheus.Dataquery:
    """The value at the end of the dashboard's time range."""
    return _query(expression, ref_id, legend).instant()


def over_time(expression: str, legend: str, ref_id: str = "A") -> prometheus.Dataquery:
    return _query(expression, ref_id, legend).range()


def stat_panel(title: str, description: str, unit: str, steps: Steps, when_empty: str = UNKNOWN) -> stat.Panel:
    """One large number for each region."""
    return (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .unit(unit)
        .no_value(when_empty)
        .thresholds(_thresholds(steps))
        .reduce_options(ReduceDataOptions().calcs(["lastNotNull"]))
        .graph_mode(BigValueGraphMode.NONE)
        .height(5)
        .span(6)
    )


def time_panel(title: str, description: str, unit: str, width: int = 12) -> timeseries.Panel:
    return (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .unit(unit)
        .min(0)
        .fill_opacity(10)
        .height(8)
        .span(width)
    )


def table_panel(title: str, description: str, columns: dict[str, str], width: int = 24, height: int = 9) -> table.Panel:
    """`columns`: what fields of the queries, merged by their labels, are called; in this order, all others hidden."""
    organize = {
        "includeByName": dict.fromkeys(columns, True),
        "indexByName": {name: position for position, name in enumerate(columns)},
        "renameByName": columns,
    }
    return (
        table.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .filterable(filterable=True)
        .no_value(NOTHING)
        .with_transformation(DataTransformerConfig(id_val="merge", options={}))
        .with_transformation(DataTransformerConfig(id_val="organize", options=organize))
        .height(height)
        .span(width)
    )


def rows_of(expression: str, ref_id: str) -> prometheus.Dataquery:
    """A table's query: one row for each series, its labels in columns and its value in `Value #ref_id`."""
    return now(expression, ref_id).format(PromQueryFormat.TABLE)


def with_unit(panel: table.Panel, column: str, unit: str) -> table.Panel:
    return panel.override_by_name(column, [DynamicConfigValue("unit", unit)])


def _query(expression: str, ref_id: str, legend: str) -> prometheus.Dataquery:
    return prometheus.Dataquery().datasource(DATASOURCE).expr(expression).ref_id(ref_id).legend_format(legend)


def _thresholds(steps: Steps) -> ThresholdsConfig:
    listed = [Threshold(value=value, color=color) for value, color in steps.items()]
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(listed)

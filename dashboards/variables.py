"""What a reader of the dashboard can choose, and the events that are marked on it."""

from grafana_foundation_sdk.builders.dashboard import AnnotationQuery, DatasourceVariable, QueryVariable
from grafana_foundation_sdk.models.dashboard import VariableOption, VariableRefresh, VariableSort

from dashboards.panels import DATASOURCE
from dashboards.queries import REGION, date, window

_ALL = VariableOption(selected=True, text="All", value="$__all")


def datasource() -> DatasourceVariable:
    return DatasourceVariable("datasource").label("Data source").type("prometheus")


def choices() -> tuple[QueryVariable, ...]:
    """In the order in which each narrows the next."""
    return (
        _choice("region", "Region", "label_values(elasticache_update_exporter_region_info, aws_region)"),
        _choice(
            "org", "Org", f"label_values(paas_aws_elasticache_replication_group_nodes_count{{{REGION}}}, org_name)"
        ),
        _choice(
            "update",
            "Update",
            f"label_values(paas_aws_elasticache_service_update_info{{{REGION}}}, elasticache_service_update)",
        ),
    )


def releases() -> AnnotationQuery:
    """One mark when AWS released each update: the value is the moment."""
    return (
        AnnotationQuery()
        .name("Releases")
        .datasource(DATASOURCE)
        .enable(enable=True)
        .icon_color("purple")
        .expr(f"1000 * {date('release')}")
    )


def windows() -> AnnotationQuery:
    """One mark when each planned window begins: the value is the moment."""
    return (
        AnnotationQuery()
        .name("Planned windows")
        .datasource(DATASOURCE)
        .enable(enable=True)
        .icon_color("blue")
        .expr(f"1000 * {window('start')}")
    )


def _choice(name: str, label: str, query: str) -> QueryVariable:
    return (
        QueryVariable(name)
        .label(label)
        .datasource(DATASOURCE)
        .query({"query": query, "refId": name, "qryType": 1})
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
        .include_all(include_all=True)
        .all_value(".*")
        .multi(multi=True)
        .current(_ALL)
    )

"""What a reader of the dashboard can choose, and what whoever installs it has to set."""

from grafana_foundation_sdk.builders.dashboard import ConstantVariable, DatasourceVariable, QueryVariable
from grafana_foundation_sdk.models.dashboard import VariableHide, VariableOption, VariableRefresh, VariableSort

from dashboards.links import PAGE_ADDRESS, PROJECT_ADDRESS
from dashboards.panels import DATASOURCE
from dashboards.queries import REGION

AS_CONSTANT = {"hide": VariableHide.HIDE_VARIABLE, "skipUrlSync": True}
"""What the library has no way to say of a constant: it is not shown, and no address of the dashboard changes it."""

_ALL = VariableOption(selected=True, text="All", value="$__all")
_LABEL_VALUES, _QUERY_RESULT = 1, 3  # as Grafana's editor of Prometheus variables numbers its kinds of query
_REGION_NAMES = '/aws_region="(?<value>[^"]+)".*region_name="(?<text>[^"]+)"/'


def datasource() -> DatasourceVariable:
    return DatasourceVariable("datasource").label("Data source").type("prometheus")


def choices() -> tuple[QueryVariable, ...]:
    """In the order in which each narrows the next. Regions are shown by their names."""
    regions = "query_result(group by (aws_region, region_name) (elasticache_update_exporter_region_info))"
    return (
        _choice("region", "Region", regions, _QUERY_RESULT).regex(_REGION_NAMES),
        _choice(
            "account",
            "AWS account",
            f"label_values(elasticache_update_exporter_region_info{{{REGION}}}, aws_account_id)",
        ),
        _choice(
            "org", "Org", f"label_values(paas_aws_elasticache_replication_group_nodes_count{{{REGION}}}, org_name)"
        ),
        _choice(
            "update",
            "Update",
            f"label_values(paas_aws_elasticache_service_update_info{{{REGION}}}, elasticache_service_update)",
        ),
    )


def addresses() -> tuple[ConstantVariable, ...]:
    """Not to be chosen: nobody can lead a colleague elsewhere by a link to the dashboard."""
    return (
        ConstantVariable("page").description("Where people reach the exporter's page.").value(PAGE_ADDRESS),
        ConstantVariable("project").description("Where people read docs/runbook.md.").value(PROJECT_ADDRESS),
    )


def _choice(name: str, label: str, query: str, kind: int = _LABEL_VALUES) -> QueryVariable:
    return (
        QueryVariable(name)
        .label(label)
        .datasource(DATASOURCE)
        .query({"query": query, "refId": name, "qryType": kind})
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
        .include_all(include_all=True)
        .all_value(".*")
        .multi(multi=True)
        .current(_ALL)
    )

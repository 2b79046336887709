"""Progress while a maintenance window runs."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders import table, timeseries
from grafana_foundation_sdk.builders.common import StackingConfig
from grafana_foundation_sdk.models.common import StackingMode

from dashboards.panels import over_time, rows_of, table_panel, time_panel, with_unit
from dashboards.queries import UPDATE, merged

TITLE = "While a window runs"


def panels() -> Iterator[timeseries.Panel | table.Panel]:
    actions = merged("paas_aws_elasticache_update_actions", UPDATE, "elasticache_service_update", "status")
    groups = merged("paas_aws_elasticache_service_update_replication_groups", UPDATE, "elasticache_service_update")
    yield (
        time_panel(
            "Update actions by status",
            "Replication groups by what the chosen updates are doing on them. not-applied and stopped wait; scheduling"
            " and scheduled are AWS's own plans; a window moves groups from not-applied over waiting-to-start and"
            " in-progress to done. stopped needs applying again. Done are the groups of the update's engine on which"
            " nothing is left to do, those too that never needed it.",
            "short",
        )
        .stacking(StackingConfig().mode(StackingMode.NORMAL))
        .with_target(over_time(f"sum by (status) ({actions}) > 0", "{{status}}"))
        .with_target(over_time(f"sum({groups}) - sum({actions})", "done", "B"))
    )
    group = ("elasticache_service_update", "elasticache_replication_group_id")
    since = merged("paas_aws_elasticache_update_action_under_way_since_timestamp_seconds", UPDATE, *group, "status")
    estimated = merged("paas_aws_elasticache_update_action_estimated_duration_seconds", UPDATE, *group)
    panel = (
        table_panel(
            "Under way",
            "Replication groups on which AWS is at work, and for how long. Twice the estimate is too long: see"
            " ElastiCacheUpdateStuck in the runbook. Empty when no window runs.",
            {
                "aws_region": "Region",
                "elasticache_service_update": "Update",
                "elasticache_replication_group_id": "Replication group",
                "status": "Status",
                "Value #A": "For",
                "Value #B": "Estimate",
            },
            width=12,
            height=8,
        )
        .with_target(rows_of(f"time() - {since}", "A"))
        .with_target(rows_of(estimated, "B"))
    )
    yield with_unit(with_unit(panel, "For", "s"), "Estimate", "s")

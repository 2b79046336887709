"""The table of what AWS is at work on, for how long, and whose it is."""

from grafana_foundation_sdk.builders import table

from dashboards import links
from dashboards.appearance import DURATION, GREEN, ORANGE, RED, Column, by_steps, unit
from dashboards.panels import rows_of, table_panel, with_links
from dashboards.queries import AN_ACTION, AN_INSTANCE, PLACE, UPDATE, WAITING, merged, named, one_each, placed

_UPDATE_LINKS = links.update_links("Instances on which it is under way, on the exporter's page", show="under-way")
_OF_ACTION = f"{PLACE}, elasticache_service_update, elasticache_replication_group_id"


def under_way() -> table.Panel:
    since = merged("paas_aws_elasticache_update_action_under_way_since_timestamp_seconds", UPDATE, *AN_ACTION, "status")
    estimated = merged("paas_aws_elasticache_update_action_estimated_duration_seconds", UPDATE, *AN_ACTION)
    ratio = f"(time() - {since}) / on ({_OF_ACTION}) group_left () ({estimated} > 0)"
    whose = one_each(placed(f"paas_aws_elasticache_update_action_info{{{WAITING}}}"), AN_ACTION, *AN_INSTANCE)
    panel = (
        table_panel(
            "Under way",
            "Replication groups on which AWS is at work, for how long, and whose they are. Past twice the estimate"
            " (red) it is stuck. A group that no tenant claims has no org. Empty when nothing is under way.",
            {
                "aws_region": Column(),
                "org_guid": Column(),
                "service_instance_guid": Column(),
                "region_name": Column("Region", links.region_links(show="under-way")),
                "org_name": Column("Org", links.org_links(show="under-way")),
                "space_name": Column("Space"),
                "service_instance_name": Column("Instance", links.INSTANCE_LINKS),
                "elasticache_service_update": Column("Update", _UPDATE_LINKS),
                "elasticache_replication_group_id": Column("Replication group", links.GROUP_LINKS),
                "status": Column("Status"),
                "Value #A": Column("For", DURATION),
                "Value #B": Column("Estimate", DURATION),
                "Value #C": Column(
                    "Of the estimate", (*unit("percentunit"), *by_steps({None: GREEN, 1: ORANGE, 2: RED}))
                ),
            },
            sorted_by="Of the estimate",
            descending=True,
        )
        .height(8)
        .with_target(
            rows_of(named(f"(time() - {since}) * on ({_OF_ACTION}) group_left ({', '.join(AN_INSTANCE)}) {whose}"), "A")
        )
        .with_target(rows_of(f"{estimated} and on ({_OF_ACTION}) {whose}", "B"))
        .with_target(rows_of(f"{ratio} and on ({_OF_ACTION}) {whose}", "C"))
    )
    return with_links(panel, links.runbook("ElastiCacheUpdateStuck"))

"""What waits, for whom, and by when: from the update over the org down to the instance."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders import table

from dashboards.panels import rows_of, table_panel, with_unit
from dashboards.queries import (
    ORG,
    UPDATE,
    WAITING,
    date,
    instances,
    merged,
    severities,
    waiting_groups,
    waiting_instances,
    waiting_share,
)

TITLE = "What waits, for whom, by when"

_IN_MILLISECONDS = "1000 *"  # as Grafana reads dates


def panels() -> Iterator[table.Panel]:
    yield _updates()
    yield _spaces()
    yield _instances()


def _updates() -> table.Panel:
    panel = table_panel(
        "What waits, by update",
        "Every update that AWS has available for Redis or Valkey. Groups include those of no tenant, whom nobody will"
        " tell. Where AWS applies it by itself (1), it does so after the apply-by date, when it likes. Updates are"
        " cumulative: the latest brings the earlier ones.",
        {
            "aws_region": "Region",
            "elasticache_service_update": "Update",
            "severity": "Severity",
            "update_type": "Kind",
            "Value #D": "Released",
            "Value #E": "Apply by",
            "Value #F": "Time left",
            "Value #G": "AWS applies it",
            "Value #B": "Instances waiting",
            "Value #C": "Groups waiting",
        },
    )
    auto_update = merged(
        "paas_aws_elasticache_service_update_auto_update_enabled", UPDATE, "elasticache_service_update"
    )
    panel = (
        panel.with_target(rows_of(severities(), "A"))
        .with_target(rows_of(f"{waiting_instances('elasticache_service_update')} or 0 * {waiting_groups()}", "B"))
        .with_target(rows_of(waiting_groups(), "C"))
        .with_target(rows_of(f"{_IN_MILLISECONDS} {date('release')}", "D"))
        .with_target(rows_of(f"{_IN_MILLISECONDS} {date('recommended_apply_by')}", "E"))
        .with_target(rows_of(f"{date('recommended_apply_by')} - time()", "F"))
        .with_target(rows_of(auto_update, "G"))
    )
    return with_unit(
        with_unit(with_unit(panel, "Released", "dateTimeAsIso"), "Apply by", "dateTimeAsIso"), "Time left", "s"
    )


def _spaces() -> table.Panel:
    place = ("org_name", "space_name")
    panel = (
        table_panel(
            "Who waits, by org and space",
            "Whom a maintenance window concerns: the managers of these orgs are told by"
            " `elasticache-update-notifier email`.",
            {
                "aws_region": "Region",
                "org_name": "Org",
                "space_name": "Space",
                "Value #A": "Waiting",
                "Value #B": "Instances",
                "Value #C": "Share",
            },
        )
        .with_target(rows_of(waiting_instances(*place), "A"))
        .with_target(rows_of(f"{instances(*place)} and {waiting_instances(*place)}", "B"))
        .with_target(rows_of(f"({waiting_share(*place)}) > 0", "C"))
    )
    return with_unit(panel, "Share", "percentunit")


def _instances() -> table.Panel:
    required = (
        "group by (aws_region, elasticache_service_update, elasticache_replication_group_id, service_instance_guid,"
        " service_instance_name, org_name, space_name)"
        f" (paas_aws_elasticache_cluster_update_required{{{WAITING}}})"
    )
    # While a window runs, two replicas may know different facts of an instance. One of them is enough; both would be an
    # error instead of a table.
    facts = (
        "topk by (aws_region, service_instance_guid) (1, "
        "group by (aws_region, service_instance_guid, plan, engine, highly_available, replication_group_status)"
        ' (paas_aws_elasticache_service_instance_info{aws_region=~"$region"}))'
    )
    nodes = merged("paas_aws_elasticache_replication_group_nodes_count", ORG, "service_instance_guid")
    return table_panel(
        "Every instance that waits",
        "One row for each update required on each instance. Highly available: expect an interruption of up to a minute;"
        " else of up to 30. Apply only where the group's status is 'available'.",
        {
            "aws_region": "Region",
            "org_name": "Org",
            "space_name": "Space",
            "service_instance_name": "Instance",
            "plan": "Plan",
            "engine": "Engine",
            "highly_available": "Highly available",
            "Value": "Nodes",
            "elasticache_service_update": "Update",
            "elasticache_replication_group_id": "Replication group",
            "replication_group_status": "Group's status",
        },
        height=12,
    ).with_target(
        rows_of(
            f"{required} * on (aws_region, service_instance_guid)"
            f" group_left (plan, engine, highly_available, replication_group_status) {facts}"
            f" * on (aws_region, service_instance_guid) group_left () {nodes}",
            "A",
        )
    )

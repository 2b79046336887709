"""What waits, for whom, and by when: from the update over the org down to the instance."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders import table

from dashboards import links
from dashboards.appearance import (
    BY_ITSELF,
    DATE,
    DURATION,
    GROUP_STATUS,
    HIGHLY_AVAILABLE,
    KIND,
    RED,
    SEVERITY,
    TIME_LEFT,
    Column,
    bar,
    by_steps,
)
from dashboards.panels import rows_of, table_panel, with_links
from dashboards.queries import (
    AN_INSTANCE,
    MILLISECONDS,
    ORG,
    PLACE,
    REGION,
    UPDATE,
    WAITING,
    date,
    instances,
    merged,
    named,
    one_each,
    placed,
    severities,
    waiting_groups,
    waiting_instances,
    waiting_share,
)

TITLE = "What waits, for whom, by when"

_LEFT = Column("Time left", (*DURATION, *by_steps(TIME_LEFT)))
_AN_UPDATE = f"{PLACE}, elasticache_service_update"


def panels() -> Iterator[table.Panel]:
    yield _updates()
    yield _spaces()
    yield _instances()


def _updates() -> table.Panel:
    auto_update = merged(
        "paas_aws_elasticache_service_update_auto_update_enabled", UPDATE, "elasticache_service_update"
    )
    panel = (
        table_panel(
            "What waits, by update",
            "Every update that AWS has available for Redis or Valkey; what is due first comes first, whatever its"
            " severity. Groups include those of no tenant, whom nobody will tell. Where AWS applies it by itself, it"
            " does so after the apply-by date, when it likes. Updates are cumulative: the latest brings the earlier"
            " ones.",
            {
                "aws_region": Column(),
                "region_name": Column("Region", links.REGION_LINKS),
                "elasticache_service_update": Column("Update", links.UPDATE_LINKS),
                "severity": Column("Severity", SEVERITY),
                "update_type": Column("Kind", KIND),
                "Value #D": Column("Released", DATE),
                "Value #E": Column("Apply by", DATE),
                "Value #F": _LEFT,
                "Value #G": Column("AWS applies it by itself", BY_ITSELF),
                "Value #B": Column("Instances waiting"),
                "Value #C": Column("Groups waiting"),
            },
            sorted_by="Time left",
        )
        .with_target(rows_of(named(severities()), "A"))
        .with_target(rows_of(f"{waiting_instances('elasticache_service_update')} or 0 * {waiting_groups()}", "B"))
        .with_target(rows_of(waiting_groups(), "C"))
        .with_target(rows_of(f"{MILLISECONDS} {date('release')}", "D"))
        .with_target(rows_of(f"{MILLISECONDS} {date('recommended_apply_by')}", "E"))
        .with_target(rows_of(f"{date('recommended_apply_by')} - time()", "F"))
        .with_target(rows_of(auto_update, "G"))
    )
    return with_links(panel, links.runbook("1-see-what-waits"))


def _spaces() -> table.Panel:
    place = ("org_guid", "org_name", "space_name")
    return (
        table_panel(
            "Who waits, by org and space",
            "Whom a maintenance window concerns: the managers of these orgs are told by"
            " `elasticache-update-notifier email`. Those with most instances waiting come first.",
            {
                "aws_region": Column(),
                "org_guid": Column(),
                "region_name": Column("Region", links.REGION_LINKS),
                "org_name": Column("Org", links.ORG_LINKS),
                "space_name": Column("Space"),
                "Value #A": Column("Waiting"),
                "Value #B": Column("Instances"),
                "Value #C": Column("Share", bar(RED)),
            },
            sorted_by="Waiting",
            descending=True,
        )
        .with_target(rows_of(named(waiting_instances(*place)), "A"))
        .with_target(rows_of(f"{instances(*place)} and {waiting_instances(*place)}", "B"))
        .with_target(rows_of(f"({waiting_share(*place)}) > 0", "C"))
    )


def _instances() -> table.Panel:
    panel = (
        table_panel(
            "Every instance that waits",
            "One row for each update required on each instance; what is due first comes first. Highly available: expect"
            " an interruption of up to a minute; else of up to 30. Apply only where the group's status is 'available'.",
            {
                "aws_region": Column(),
                "org_guid": Column(),
                "service_instance_guid": Column(),
                "region_name": Column("Region", links.REGION_LINKS),
                "org_name": Column("Org", links.ORG_LINKS),
                "space_name": Column("Space"),
                "service_instance_name": Column("Instance", links.INSTANCE_LINKS),
                "elasticache_service_update": Column("Update", links.UPDATE_LINKS),
                "severity": Column("Severity", SEVERITY),
                "Value #B": _LEFT,
                "Value #C": Column("Deferred until", DATE),
                "plan": Column("Plan"),
                "engine": Column("Engine"),
                "highly_available": Column("Highly available", HIGHLY_AVAILABLE),
                "Value #A": Column("Nodes"),
                "elasticache_replication_group_id": Column("Replication group", links.GROUP_LINKS),
                "replication_group_status": Column("Group's status", GROUP_STATUS),
            },
            sorted_by="Time left",
        )
        .height(12)
        .with_target(rows_of(_facts(), "A"))
        .with_target(rows_of(f"{_required()} * on ({_AN_UPDATE}) group_left (severity) {_left_by_severity()}", "B"))
        .with_target(rows_of(_deferred_until(), "C"))
    )
    return with_links(panel, links.runbook("5-apply-when-the-window-opens"))


def _required(*labels: str) -> str:
    """1 for each update that waits for each instance."""
    by = ", ".join((PLACE, "elasticache_service_update", "service_instance_guid", *labels))
    return f"group by ({by}) {placed(f'paas_aws_elasticache_cluster_update_required{{{WAITING}}}')}"


def _facts() -> str:
    """By update and instance, the instance's nodes, with all that is known of it."""
    of_instance = placed(f"paas_aws_elasticache_service_instance_info{{{REGION}}}")
    facts = ("plan", "engine", "highly_available", "replication_group_status")
    nodes = merged("paas_aws_elasticache_replication_group_nodes_count", ORG, "service_instance_guid")
    return named(
        f"{_required(*AN_INSTANCE[1:], 'elasticache_replication_group_id')} * on ({PLACE}, service_instance_guid)"
        f" group_left ({', '.join(facts)}) {one_each(of_instance, ('service_instance_guid',), *facts)}"
        f" * on ({PLACE}, service_instance_guid) group_left () {nodes}"
    )


def _left_by_severity() -> str:
    """By update, how much time is left, with its severity."""
    return f"({severities()} * on ({_AN_UPDATE}) group_left () ({date('recommended_apply_by')} - time()))"


def _deferred_until() -> str:
    metric = "paas_aws_elasticache_service_instance_deferred_until_timestamp_seconds"
    until = merged(metric, ORG, "service_instance_guid")
    return f"{MILLISECONDS} {_required()} * on ({PLACE}, service_instance_guid) group_left () {until}"

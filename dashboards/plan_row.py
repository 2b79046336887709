"""What a window could take, which windows are planned, and who asked to wait; empty where no ledger is read."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders import stat, table

from dashboards.panels import NOTHING, now, rows_of, stat_panel, table_panel, with_unit
from dashboards.queries import (
    ORG,
    REGION,
    deferred,
    instances,
    merged,
    schedulable_instances,
    schedulable_share,
    window,
)

TITLE = "What a window could take, and what is planned"

_IN_MILLISECONDS = "1000 *"  # as Grafana reads dates


def panels() -> Iterator[stat.Panel | table.Panel]:
    yield stat_panel(
        "Share that a window could take",
        "Distinct instances of the chosen orgs with at least one of the chosen updates required that is no major"
        " version, without deferred instances ÷ all their instances. The alert that asks for a window goes by it, and"
        " is quiet while one is planned.",
        "percentunit",
        {None: "green", 0.1: "orange", 0.2: "red"},
    ).with_target(now(schedulable_share()))
    yield (
        stat_panel(
            "Instances for a window",
            "How many instances a window could take, and how many are deferred, something waiting for them or not.",
            "short",
            {None: "text"},
            NOTHING,
        )
        .with_target(now(f"{schedulable_instances()} or 0 * {instances()}", "A", "{{aws_region}} for a window"))
        .with_target(now(f"count by (aws_region) ({deferred()})", "B", "{{aws_region}} deferred"))
    )
    yield stat_panel(
        "Until the next planned window",
        "Time left until the next window begins that somebody was told of; negative while one is open; 'nothing' where"
        " none is planned, or no ledger is read.",
        "s",
        {None: "text"},
        NOTHING,
    ).with_target(now(f"min by (aws_region) ({window('start')}) - time()"))
    yield stat_panel(
        "Ledger read",
        "1 if the exporter could read the ledger when it last tried; 0 if deferrals and windows are not known: see"
        " ElastiCacheUpdateExporterLedgerUnreadable in the runbook. 'nothing' without LEDGER_URL.",
        "short",
        {None: "red", 1: "green"},
        NOTHING,
    ).with_target(now("elasticache_update_exporter_ledger_up", legend="{{instance}}"))
    yield _windows()
    yield _deferred()


def _windows() -> table.Panel:
    panel = (
        table_panel(
            "Planned windows",
            "Windows that somebody was told of, and that are not over, moved or cancelled, as the ledger has them.",
            {"aws_region": "Region", "Value #A": "Begins", "Value #B": "Ends"},
            width=8,
            height=8,
        )
        .with_target(rows_of(f"{_IN_MILLISECONDS} {window('start')}", "A"))
        .with_target(rows_of(f"{_IN_MILLISECONDS} {window('end')}", "B"))
    )
    return with_unit(with_unit(panel, "Begins", "dateTimeAsIso"), "Ends", "dateTimeAsIso")


def _deferred() -> table.Panel:
    until = merged(
        "paas_aws_elasticache_service_instance_deferred_until_timestamp_seconds",
        ORG,
        "service_instance_guid",
        "service_instance_name",
        "org_name",
    )
    panel = table_panel(
        "Deferred instances",
        "Whose tenants asked to wait, and until when. Windows leave them out, and AWS may apply an update all the same"
        " once its apply-by date has passed.",
        {
            "aws_region": "Region",
            "org_name": "Org",
            "space_name": "Space",
            "service_instance_name": "Instance",
            "Value": "Deferred until",
        },
        width=16,
        height=8,
    ).with_target(
        rows_of(
            f"{_IN_MILLISECONDS} {until} * on (aws_region, service_instance_guid) group_left (space_name)"
            " topk by (aws_region, service_instance_guid) (1, group by (aws_region, service_instance_guid, space_name)"
            f" (paas_aws_elasticache_replication_group_nodes_count{{{REGION}}}))",
            "A",
        )
    )
    return with_unit(panel, "Deferred until", "dateTimeAsIso")

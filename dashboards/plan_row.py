"""What a window could take, when the next one is, and who asked to wait; empty where no ledger is read."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders import stat, table

from dashboards import links
from dashboards.appearance import DATE, GREEN, RED, Column, words
from dashboards.panels import NOTHING, now, rows_of, stat_panel, table_panel, with_links, with_states
from dashboards.queries import (
    MILLISECONDS,
    ORG,
    PLACE,
    REGION,
    deferred,
    instances,
    merged,
    named,
    one_each,
    placed,
    schedulable_instances,
    schedulable_share,
    states,
    threshold,
    window,
)

TITLE = "What a window could take, and who asked to wait"

_UNTIL = "paas_aws_elasticache_service_instance_deferred_until_timestamp_seconds"


def panels() -> Iterator[stat.Panel | table.Panel]:
    yield with_states(
        with_links(
            stat_panel(
                "Share that a window could take",
                "Distinct instances of the chosen orgs with at least one of the chosen updates required that is no"
                " major version, without deferred instances ÷ all their instances. The alert that asks for a window"
                " goes by it, and is quiet while one is planned. Red above the exporter's threshold, orange above half"
                " of it.",
                "percentunit",
            ).data_links(
                [links.built(_page("What a window could take, on the exporter's page", "schedulable", "org", "update"))]
            ),
            links.runbook("2-choose-a-window"),
        ),
        states(schedulable_share(), threshold(), 0.5),
    )
    yield (
        stat_panel(
            "Instances for a window",
            "How many instances a window could take, and how many are deferred, something waiting for them or not.",
            "short",
            when_empty=NOTHING,
        )
        .data_links([links.built(_page("Deferred instances on the exporter's page", "deferred", "org"))])
        .with_target(now(named(f"{schedulable_instances()} or 0 * {instances()}"), "A", "{{region_name}} for a window"))
        .with_target(now(named(f"count by ({PLACE}) ({deferred(ORG)})"), "B", "{{region_name}} deferred"))
    )
    yield stat_panel(
        "Until the next planned window",
        "Time left until the next window begins that somebody was told of; negative while one is open; 'nothing' where"
        " none is planned, or no ledger is read.",
        "s",
        when_empty=NOTHING,
    ).with_target(now(named(f"min by ({PLACE}) ({window('start')}) - time()")))
    yield with_links(
        stat_panel(
            "Ledger read",
            "Whether the exporter could read the ledger when it last tried. If not, deferrals and windows are not"
            " known. 'nothing' without LEDGER_URL.",
            "short",
            when_empty=NOTHING,
        )
        .mappings([words(("1", "yes", GREEN), ("0", "no", RED))])
        .with_target(now("elasticache_update_exporter_ledger_up", legend="{{instance}}")),
        links.runbook("ElastiCacheUpdateExporterLedgerUnreadable"),
    )
    yield _deferred()


def _deferred() -> table.Panel:
    until = merged(_UNTIL, ORG, "service_instance_guid", "service_instance_name", "org_guid", "org_name")
    nodes = placed(f"paas_aws_elasticache_replication_group_nodes_count{{{REGION}}}")
    spaces = one_each(nodes, ("service_instance_guid",), "space_name")
    return (
        table_panel(
            "Deferred instances",
            "Whose tenants asked to wait, and until when. Windows leave them out, and AWS may apply an update all the"
            " same once its apply-by date has passed.",
            {
                "aws_region": Column(),
                "org_guid": Column(),
                "service_instance_guid": Column(),
                "region_name": Column("Region", links.region_links(show="deferred")),
                "org_name": Column("Org", links.org_links(show="deferred")),
                "space_name": Column("Space"),
                "service_instance_name": Column("Instance", links.INSTANCE_LINKS),
                "Value #A": Column("Deferred until", DATE),
                "Value #B": Column("Updates waiting"),
            },
            sorted_by="Deferred until",
        )
        .height(8)
        .with_target(
            rows_of(
                named(f"{MILLISECONDS} {until} * on ({PLACE}, service_instance_guid) group_left (space_name) {spaces}"),
                "A",
            )
        )
        .with_target(rows_of(_waiting_for_deferred(), "B"))
    )


def _waiting_for_deferred() -> str:
    """By deferred instance, how many updates wait for it."""
    required = merged(
        "paas_aws_elasticache_cluster_update_required", ORG, "service_instance_guid", "elasticache_service_update"
    )
    by = f"{PLACE}, service_instance_guid"
    return f"sum by ({by}) ({required} and on ({by}) {deferred()}) or 0 * {deferred(ORG)}"


def _page(title: str, show: str, *kept: str) -> links.Link:
    return links.page(title, *kept, region=links.label("aws_region"), show=show)

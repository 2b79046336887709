"""Whether the exporter is well, and what surrounds the backlog: what does not join, and room in the account."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders import stat, timeseries

from dashboards import links
from dashboards.appearance import GREEN, LIMIT, ORANGE, RED, words
from dashboards.panels import now, over_time, stat_panel, time_panel, with_links
from dashboards.queries import PLACE, REGION, SURVEYED, merged, named, of_exporter, placed

TITLE = "The exporter's own health, and the account"

_OF_EXPORTER = "elasticache_update_exporter"


def panels() -> Iterator[stat.Panel | timeseries.Panel]:
    yield with_links(
        stat_panel(
            "Last survey succeeded",
            "Whether the region's last survey succeeded, by exporter; if it failed, you see an earlier one. The"
            " exporter's page and its log have the cause.",
            "short",
        )
        .mappings([words(("1", "yes", GREEN), ("0", "no", RED))])
        .with_target(now(_of_each("last_survey_success"), legend="{{region_name}} {{instance}}")),
        links.runbook("ElastiCacheUpdateExporterFailing"),
    )
    yield with_links(
        stat_panel(
            "Groups that nobody claims",
            "Replication groups with an update waiting that belong to no service instance: nobody will be told. Find"
            " out whose they are.",
            "short",
            {None: GREEN, 1: ORANGE},
        )
        .data_links([links.built(_page("The groups on the exporter's page", "waiting", "#unjoined"))])
        .with_target(now(named(merged("paas_aws_elasticache_unclaimed_replication_groups", REGION)))),
        links.runbook("ElastiCacheReplicationGroupsUnclaimed"),
    )
    yield with_links(
        stat_panel(
            "Instances unknown to AWS",
            "Service instances without a replication group. A few are being created or deleted; nearly all means that"
            " Cloud Foundry and the AWS account do not belong together.",
            "short",
            {None: GREEN, 1: ORANGE},
        )
        .data_links([links.built(_page("The instances on the exporter's page", "unknown"))])
        .with_target(now(named(merged("paas_aws_elasticache_unknown_service_instances", REGION)))),
        links.runbook("ElastiCacheServiceInstancesUnknownToAws"),
    )
    yield stat_panel(
        "Exporters by version",
        "How many exporters of each version are being scraped. Two versions for long: a deployment got stuck.",
        "short",
    ).with_target(now(f"count by (version) ({_OF_EXPORTER}_build_info)", legend="{{version}}"))
    yield with_links(
        time_panel(
            "Duration of surveys",
            "How long the last survey took, against the exporter's poll interval. Past it, surveys follow each other"
            " without a pause: raise POLL_INTERVAL.",
            "s",
            width=8,
        )
        .with_target(over_time(_of_each("last_survey_duration_seconds"), "{{region_name}} {{instance}}"))
        .with_target(
            over_time(named(of_exporter(f"{_OF_EXPORTER}_poll_interval_seconds")), "poll interval {{region_name}}", "B")
        )
        .override_by_query("B", list(LIMIT)),
        links.runbook("ElastiCacheUpdateExporterSlow"),
    )
    yield (
        time_panel(
            "Failures",
            "Failed surveys, and requests that a remote system refused, dropped or answered wrongly, per hour. Requests"
            " are retried, so some failures without a failed survey are harmless.",
            "short",
            width=8,
        )
        .with_target(
            over_time(
                named(_an_hour("survey_failures_total", PLACE)),
                "surveys {{region_name}}",
            )
        )
        .with_target(
            over_time(
                _an_hour("remote_request_failures_total", "system"),
                "requests to {{system}}",
                "B",
            )
        )
    )
    yield (
        time_panel(
            "Quotas used",
            "Cache nodes and parameter groups ÷ what the AWS account may have (NODES_QUOTA,"
            " CACHE_PARAMETER_GROUPS_QUOTA). Above 80 %, ask AWS for more.",
            "percentunit",
            width=8,
        )
        .with_target(
            over_time(named(_used("node_count", "nodes_quota")), "nodes {{region_name}}"),
        )
        .with_target(
            over_time(
                named(_used("cache_parameter_group_count", "cache_parameter_groups_quota")),
                "parameter groups {{region_name}}",
                "B",
            ),
        )
    )


def _of_each(metric: str) -> str:
    """Of each region and exporter, with the region's name."""
    return f"{_OF_EXPORTER}_{metric}{{{REGION}}} * on (aws_region, job, instance) group_left (region_name) {SURVEYED}"


def _page(title: str, show: str, place: str = "") -> links.Link:
    title, url = links.page(title, region=links.label("aws_region"), show=show)
    return title, url + place


def _an_hour(counter: str, label: str) -> str:
    return f"3600 * sum by ({label}) {placed(f'rate({_OF_EXPORTER}_{counter}{{{REGION}}}[$__rate_interval])')}"


def _used(count: str, quota: str) -> str:
    prefix = "paas_aws_elasticache_"
    return f"{merged(prefix + count, REGION)} / {merged(prefix + quota, REGION)}"

"""Whether the exporter is well, and what surrounds the backlog: what does not join, and room in the account."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders import stat, timeseries

from dashboards.panels import now, over_time, stat_panel, time_panel
from dashboards.queries import REGION, merged

TITLE = "The exporter's own health, and the account"

_OF_EXPORTER = "elasticache_update_exporter"


def panels() -> Iterator[stat.Panel | timeseries.Panel]:
    yield stat_panel(
        "Last survey succeeded",
        "1 if the region's last survey succeeded, by exporter; 0 if it failed and you see an earlier one. The"
        " exporter's page and its log have the cause.",
        "short",
        {None: "red", 1: "green"},
    ).with_target(now(f"{_OF_EXPORTER}_last_survey_success{{{REGION}}}", legend="{{aws_region}} {{instance}}"))
    yield stat_panel(
        "Groups that nobody claims",
        "Replication groups with an update waiting that belong to no service instance: nobody will be told. Find out"
        " whose they are.",
        "short",
        {None: "green", 1: "orange"},
    ).with_target(now(merged("paas_aws_elasticache_unclaimed_replication_groups", REGION)))
    yield stat_panel(
        "Instances unknown to AWS",
        "Service instances without a replication group. A few are being created or deleted; nearly all means that Cloud"
        " Foundry and the AWS account do not belong together.",
        "short",
        {None: "green", 1: "orange"},
    ).with_target(now(merged("paas_aws_elasticache_unknown_service_instances", REGION)))
    yield stat_panel(
        "Exporters by version",
        "How many exporters of each version are being scraped. Two versions for long: a deployment got stuck.",
        "short",
        {None: "text"},
    ).with_target(now(f"count by (version) ({_OF_EXPORTER}_build_info)", legend="{{version}}"))
    yield time_panel(
        "Duration of surveys",
        "How long the last survey took. Past the poll interval, surveys follow each other without a pause: raise"
        " POLL_INTERVAL, see ElastiCacheUpdateExporterSlow in the runbook.",
        "s",
        width=8,
    ).with_target(over_time(f"{_OF_EXPORTER}_last_survey_duration_seconds{{{REGION}}}", "{{aws_region}} {{instance}}"))
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
                _an_hour("survey_failures_total", "aws_region"),
                "surveys {{aws_region}}",
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
            over_time(_used("node_count", "nodes_quota"), "nodes {{aws_region}}"),
        )
        .with_target(
            over_time(
                _used("cache_parameter_group_count", "cache_parameter_groups_quota"),
                "parameter groups {{aws_region}}",
                "B",
            ),
        )
    )


def _an_hour(counter: str, label: str) -> str:
    return f"3600 * sum by ({label}) (rate({_OF_EXPORTER}_{counter}{{{REGION}}}[$__rate_interval]))"


def _used(count: str, quota: str) -> str:
    prefix = "paas_aws_elasticache_"
    return f"{merged(prefix + count, REGION)} / {merged(prefix + quota, REGION)}"

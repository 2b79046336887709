"""What share waits, how urgently, and whether the numbers can be trusted."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders import stat, timeseries
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from dashboards.panels import NOTHING, now, over_time, stat_panel, time_panel
from dashboards.queries import (
    REGION,
    date,
    instances,
    merged,
    severities,
    threshold,
    waiting_groups,
    waiting_instances,
    waiting_share,
)

TITLE = "What share waits"

_GREEN, _ORANGE, _RED = "green", "orange", "red"


def panels() -> Iterator[stat.Panel | timeseries.Panel]:
    yield stat_panel(
        "Share waiting now",
        "Distinct instances of the chosen orgs with at least one of the chosen updates required ÷ all their instances."
        " Above the threshold (20 % unless UPDATE_FRACTION_THRESHOLD says otherwise), schedule a maintenance window:"
        " see the runbook. Empty means that nothing is known, not that nothing waits.",
        "percentunit",
        {None: _GREEN, 0.1: _ORANGE, 0.2: _RED},
    ).with_target(now(waiting_share()))
    yield (
        stat_panel(
            "Instances waiting",
            "How many instances the maintenance window has to deal with, and of how many.",
            "short",
            {None: "text"},
        )
        .with_target(now(f"{waiting_instances()} or 0 * {instances()}", "A", "{{aws_region}} waiting"))
        .with_target(now(instances(), "B", "{{aws_region}} all"))
    )
    yield stat_panel(
        "Until the next apply-by date",
        "Time left until the earliest date by which AWS recommends to apply one of the chosen updates that still waits"
        " for a replication group, of any severity. Choose a window before it, with three working days' notice."
        " Negative when it has passed; 'nothing' when nothing waits.",
        "s",
        {None: _RED, 3 * 86400: _ORANGE, 14 * 86400: _GREEN},
        NOTHING,
    ).with_target(
        now(
            f"min by (aws_region) ({date('recommended_apply_by')} - time()"
            f" and on (aws_region, elasticache_service_update) {waiting_groups()} > 0)"
        )
    )
    yield stat_panel(
        "Age of these numbers",
        "Time since the last successful survey of the region began. Past three poll intervals (15 minutes unless"
        " POLL_INTERVAL says otherwise), and three times the length of a survey, do not trust this page: see the last"
        " row for what fails.",
        "s",
        {None: _GREEN, 600: _ORANGE, 900: _RED},
    ).with_target(now(f"time() - {merged('elasticache_update_exporter_last_success_timestamp_seconds', REGION)}"))
    yield (
        time_panel(
            "Share waiting over time",
            "The share against the region's threshold, above which the alert ElastiCacheUpdateBacklogAboveThreshold"
            " fires. A step up is a release (marked); a slope down is a maintenance window at work.",
            "percentunit",
        )
        .max(1)
        .with_target(over_time(waiting_share(), "{{aws_region}}"))
        .with_target(over_time(threshold(), "threshold {{aws_region}}", "B"))
        .override_by_query(
            "B",
            [
                DynamicConfigValue("color", {"mode": "fixed", "fixedColor": "red"}),
                DynamicConfigValue("custom.lineStyle", {"fill": "dash", "dash": [10, 10]}),
                DynamicConfigValue("custom.fillOpacity", 0),
            ],
        )
    )
    yield time_panel(
        "Updates required, by severity",
        "Each update on each instance counts once. Critical ones are due within 14 days of their release, important"
        " within 30, medium within 60, low within 90.",
        "short",
    ).with_target(
        over_time(
            f"sum by (severity) ({waiting_instances('elasticache_service_update')}"
            f" * on (aws_region, elasticache_service_update) group_left (severity) {severities()})",
            "{{severity}}",
        )
    )

"""What share waits, how urgently, and whether the numbers can be trusted."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders import stat, timeseries

from dashboards import links
from dashboards.appearance import BLUE, LIMIT, ORANGE, RED, TIME_LEFT, YELLOW, colored
from dashboards.panels import NOTHING, now, over_time, stat_panel, time_panel, with_links, with_states
from dashboards.queries import (
    PLACE,
    REGION,
    date,
    instances,
    longest_age,
    merged,
    named,
    schedulable_share,
    severities,
    states,
    threshold,
    waiting_groups,
    waiting_instances,
    waiting_share,
)

TITLE = "What share waits"

_REGION_PAGE = links.page(
    "The region's instances on the exporter's page", "org", "update", region=links.label("aws_region")
)


def panels() -> Iterator[stat.Panel | timeseries.Panel]:
    yield with_states(
        with_links(
            stat_panel(
                "Share waiting now",
                "Distinct instances of the chosen orgs with at least one of the chosen updates required ÷ all their"
                " instances. Red above the threshold that the exporter publishes (UPDATE_FRACTION_THRESHOLD), orange"
                " above half of it; the alert compares with it only what a window could take, as the row below does."
                " Empty means that nothing is known, not that nothing waits.",
                "percentunit",
            ).data_links([links.built(_REGION_PAGE)]),
            links.runbook("ElastiCacheUpdateBacklogAboveThreshold"),
        ),
        states(waiting_share(), threshold(), 0.5),
    )
    yield (
        stat_panel(
            "Instances waiting",
            "How many instances have an update waiting, and how many there are. A maintenance window leaves out those"
            " of the row below.",
            "short",
        )
        .data_links([links.built(_REGION_PAGE)])
        .with_target(now(named(f"{waiting_instances()} or 0 * {instances()}"), "A", "{{region_name}} waiting"))
        .with_target(now(named(instances()), "B", "{{region_name}} all"))
    )
    yield with_links(
        stat_panel(
            "Until the next apply-by date",
            "Time left until the earliest date by which AWS recommends to apply one of the chosen updates that still"
            " waits for a replication group, of any severity. Choose a window before it, with three working days'"
            " notice. Negative when it has passed; 'nothing' when nothing waits.",
            "s",
            TIME_LEFT,
            NOTHING,
        ).with_target(
            now(
                named(
                    f"min by ({PLACE}) ({date('recommended_apply_by')} - time()"
                    f" and on ({PLACE}, elasticache_service_update) {waiting_groups()} > 0)"
                )
            )
        ),
        links.runbook("ElastiCacheUpdateDueSoon"),
    )
    yield with_states(
        with_links(
            stat_panel(
                "Age of these numbers",
                "Time since the last successful survey of the region began. Red past three rounds, a round being the"
                " exporter's poll interval and the length of a survey: do not trust this page then, and see the last"
                " row for what fails; orange past two.",
                "s",
            ),
            links.runbook("ElastiCacheUpdateExporterStale"),
        ),
        states(
            f"time() - {merged('elasticache_update_exporter_last_success_timestamp_seconds', REGION)}",
            longest_age(),
            2 / 3,
        ),
    )
    yield (
        time_panel(
            "Share waiting over time",
            "The share, and that of it which a window could take, against the region's threshold: the alert"
            " ElastiCacheUpdateBacklogAboveThreshold fires where the latter is above it and no window is planned. A"
            " step up is a release (marked); a slope down is a maintenance window at work.",
            "percentunit",
        )
        .max(1)
        .data_links([links.built(_REGION_PAGE)])
        .with_target(over_time(named(waiting_share()), "{{region_name}}"))
        .with_target(over_time(named(threshold()), "threshold {{region_name}}", "B"))
        .with_target(over_time(named(schedulable_share()), "for a window {{region_name}}", "C"))
        .override_by_query("B", list(LIMIT))
    )
    yield (
        time_panel(
            "Updates required, by severity",
            "Each update on each instance counts once. Critical ones are due within 14 days of their release, important"
            " within 30, medium within 60, low within 90.",
            "short",
        )
        .with_target(
            over_time(
                f"sum by (severity) ({waiting_instances('elasticache_service_update')}"
                f" * on ({PLACE}, elasticache_service_update) group_left (severity) {severities()})",
                "{{severity}}",
            )
        )
        .override_by_name("critical", [*colored(RED)])
        .override_by_name("important", [*colored(ORANGE)])
        .override_by_name("medium", [*colored(YELLOW)])
        .override_by_name("low", [*colored(BLUE)])
    )

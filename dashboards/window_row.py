"""Maintenance windows: which are planned, how far one has come against its time, and what is under way."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders import table, timeseries
from grafana_foundation_sdk.builders.common import StackingConfig
from grafana_foundation_sdk.models.common import StackingMode

from dashboards import links
from dashboards.appearance import (
    BLUE,
    DATE,
    DURATION,
    GREEN,
    GREY,
    ORANGE,
    RED,
    Column,
    bar,
    by_steps,
    colored,
)
from dashboards.panels import over_time, rows_of, table_panel, time_panel, with_links
from dashboards.queries import (
    MILLISECONDS,
    PLACE,
    REGION,
    UPDATE,
    merged,
    named,
    schedulable_instances,
    window,
)
from dashboards.under_way import under_way

TITLE = "Maintenance windows: planned, and while one runs"

UNDER_WAY = "starting|started"
DONE = "complete"
FAILED = "failed|refused|stopped"
_TO_DO = links.page(
    "What a window could take, on the exporter's page", region=links.column("aws_region"), show="schedulable"
)
_OF_WINDOW = f"{PLACE}, maintenance_window"


def panels() -> Iterator[timeseries.Panel | table.Panel]:
    yield _windows()
    yield _begun()
    yield _statuses()
    yield under_way()


def _windows() -> table.Panel:
    panel = (
        table_panel(
            "Planned windows and their progress",
            "Windows that somebody was told of, and that are not over, moved or cancelled, as the ledger has them."
            " Still to do are the region's instances that a window could take, those that failed too; the window's own"
            " are under way, done or failed. More of its time used than of its work done: see the time to spare, which"
            " is what would be left of the window if the rest went as fast as it has so far.",
            {
                "aws_region": Column(),
                "region_name": Column("Region", links.of_column(_TO_DO)),
                "Value #A": Column("Begins", DATE),
                "Value #B": Column("Ends", DATE),
                "Value #C": Column("Still to do"),
                "Value #D": Column("Under way"),
                "Value #E": Column("Done"),
                "Value #F": Column("Failed", by_steps({None: GREY, 1: RED})),
                "Value #G": Column("Work done", bar(GREEN)),
                "Value #H": Column("Time used", bar(BLUE)),
                "Value #I": Column("Time to spare", (*DURATION, *by_steps({None: RED, 0: ORANGE, 900: GREEN}))),
            },
            sorted_by="Begins",
        )
        .with_target(rows_of(named(f"{MILLISECONDS} {window('start')}"), "A"))
        .with_target(rows_of(f"{MILLISECONDS} {window('end')}", "B"))
        .with_target(rows_of(_to_do(), "C"))
        .with_target(rows_of(_in_state(UNDER_WAY), "D"))
        .with_target(rows_of(_in_state(DONE), "E"))
        .with_target(rows_of(_in_state(FAILED), "F"))
        .with_target(rows_of(f"{_in_state(DONE)} / ({_all_work()} > 0)", "G"))
        .with_target(rows_of(f"clamp({_used()} / ({window('end')} - {window('start')}), 0, 1)", "H"))
        .with_target(
            rows_of(
                f"{window('end')} - time() - ({_used()} > 0) * ({_to_do()} + {_in_state(UNDER_WAY)})"
                f" / ({_in_state(DONE)} > 0)",
                "I",
            )
        )
        .height(7)
    )
    return with_links(panel, links.runbook("5-apply-when-the-window-opens"))


def _begun() -> timeseries.Panel:
    return (
        time_panel(
            "What the window has begun",
            "The updates of the windows that are open, as `apply` records them, each on one replication group. Failed"
            " are those that AWS refused, that were stopped, or that did not end well: `status` names them.",
            "short",
            width=8,
        )
        .stacking(StackingConfig().mode(StackingMode.NORMAL))
        .with_target(over_time(f"sum({_in_state(DONE)})", "done"))
        .with_target(over_time(f"sum({_in_state(UNDER_WAY)})", "under way", "B"))
        .with_target(over_time(f"sum({_in_state(FAILED)})", "failed", "C"))
        .override_by_name("done", [*colored(GREEN)])
        .override_by_name("under way", [*colored(BLUE)])
        .override_by_name("failed", [*colored(RED)])
    )


def _statuses() -> timeseries.Panel:
    actions = merged("paas_aws_elasticache_update_actions", UPDATE, "elasticache_service_update", "status")
    groups = merged("paas_aws_elasticache_service_update_replication_groups", UPDATE, "elasticache_service_update")
    return (
        time_panel(
            "Update actions by status",
            "Replication groups by what the chosen updates are doing on them. not-applied and stopped wait; scheduling"
            " and scheduled are AWS's own plans; a window moves groups from not-applied over waiting-to-start and"
            " in-progress to done. stopped needs applying again. Done are the groups of the update's engine on which"
            " nothing is left to do, those too that never needed it.",
            "short",
            width=16,
        )
        .stacking(StackingConfig().mode(StackingMode.NORMAL))
        .with_target(over_time(f"sum by (status) ({actions}) > 0", "{{status}}"))
        .with_target(over_time(f"sum({groups}) - sum({actions})", "done", "B"))
    )


def _in_state(states: str) -> str:
    """Of each window, how many updates are in one of these states of the ledger's."""
    updates = merged(
        "paas_aws_elasticache_maintenance_window_updates", f'{REGION},state=~"{states}"', "maintenance_window", "state"
    )
    return f"sum by ({_OF_WINDOW}) ({updates})"


def _to_do() -> str:
    """Of each window, how many instances of its region a window could take, of all orgs and for all updates."""
    waiting = schedulable_instances(REGION, REGION)
    return f"(0 * {window('start')} + on ({PLACE}) group_left () {waiting} or 0 * {window('start')})"


def _all_work() -> str:
    return f"({_to_do()} + {_in_state(UNDER_WAY)} + {_in_state(DONE)})"


def _used() -> str:
    """Of each window, the seconds since its beginning; negative before."""
    return f"(time() - {window('start')})"

"""What the ledger says: which tenants asked to wait, and which maintenance windows people were told of."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from exporter.collectors.families import fleet_gauge
from exporter.ledger_status import LedgerStatus
from exporter.region_status import RegionStatus
from ledger.outlook import Outlook
from ledger.update_record import UpdateState

_OF_THE_LEDGER = "as the ledger has it; while elasticache_update_exporter_ledger_up is 0 there are no series"


class LedgerCollector(Collector):
    """
    The time to come, as far as operators have recorded it. There are no series without LEDGER_URL.

    paas_aws_elasticache_service_instance_deferred_until_timestamp_seconds{...,service_instance_guid="..."} 1.7829e+09
    paas_aws_elasticache_maintenance_window_start_timestamp_seconds{...,maintenance_window="2026-06-16T08..."} 1.78e+09
    paas_aws_elasticache_maintenance_window_end_timestamp_seconds{...,maintenance_window="2026-06-16T08..."} 1.78e+09
    paas_aws_elasticache_maintenance_window_updates{...,maintenance_window="2026-06-16T08...",state="complete"} 11.0
    elasticache_update_exporter_ledger_up 1.0
    """

    def __init__(self, statuses: Sequence[RegionStatus], ledger: LedgerStatus | None, now: datetime) -> None:
        self._statuses = statuses
        self._ledger = ledger
        self._now = now

    def collect(self) -> Iterator[Metric]:
        if self._ledger is None:
            return
        yield ledger_up(self._ledger)
        if self._ledger.outlook is not None:
            yield deferred_until(self._statuses, self._ledger.outlook, self._now)
            yield from windows(self._statuses, self._ledger.outlook, self._now)


def ledger_up(ledger: LedgerStatus) -> Metric:
    return GaugeMetricFamily(
        "elasticache_update_exporter_ledger_up",
        "1 if the ledger (LEDGER_URL) could be read when it was last tried, at most half a minute ago; else 0, and the"
        " log and the page have the cause. Absent without LEDGER_URL.",
        value=int(ledger.outlook is not None),
    )


def deferred_until(statuses: Sequence[RegionStatus], outlook: Outlook, now: datetime) -> Metric:
    family = fleet_gauge(
        "paas_aws_elasticache_service_instance_deferred_until_timestamp_seconds",
        "Until when a tenant asked not to have this instance updated, as Unix time: from this moment on it may be, or"
        " it is the end of the one window that is skipped; of several deferrals the longest counts, and the series goes"
        f" when it ends ({_OF_THE_LEDGER}; joined with Cloud Foundry or tags).",
        ("service_instance_guid", "service_instance_name", "org_guid", "org_name"),
    )
    for status in statuses:
        if status.survey is None:
            continue
        deferred = outlook.deferred(status.aws_region, status.survey.service_instances, now)
        for instance in status.survey.service_instances:
            if (deferral := deferred.get(instance.guid)) is not None:
                labels = (status.aws_region, instance.guid, instance.name, instance.org_guid, instance.org_name)
                family.add_metric(labels, deferral.lasts_until.timestamp())
    return family


def windows(statuses: Sequence[RegionStatus], outlook: Outlook, now: datetime) -> Iterator[Metric]:
    start, end = (
        GaugeMetricFamily(
            f"paas_aws_elasticache_maintenance_window_{which}_timestamp_seconds",
            f"When a maintenance window {verb}, as Unix time: one that somebody was told of, and that is not over,"
            f" moved or cancelled ({_OF_THE_LEDGER}).",
            labels=("aws_region", "maintenance_window"),
        )
        for which, verb in (("start", "begins"), ("end", "ends"))
    )
    updates = GaugeMetricFamily(
        "paas_aws_elasticache_maintenance_window_updates",
        "Updates that a maintenance window has begun, each on one replication group, by what became of them: starting"
        " and started are under way, complete are done, failed, refused and stopped need a person; until the window is"
        f" over ({_OF_THE_LEDGER}).",
        labels=("aws_region", "maintenance_window", "state"),
    )
    for status in statuses:
        for window in outlook.windows_not_over(status.aws_region, now):
            labels = (status.aws_region, window.key.window_key)
            start.add_metric(labels, window.starts_at.timestamp())
            end.add_metric(labels, window.ends_at.timestamp())
            if window.updates is not None:
                for state in UpdateState:
                    updates.add_metric((*labels, state), window.updates.get(state, 0))
    yield from (start, end, updates)

"""Metrics about the available service updates, and for whom they wait."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from exporter.collectors.families import fleet_gauge, fleet_info
from exporter.collectors.update_groups import groups_by_update, unsettled_actions
from fleet.survey import Survey

_PREFIX = "paas_aws_elasticache_service_update"
_UNSETTLED_STATUSES = (
    "in-progress",
    "not-applied",
    "scheduled",
    "scheduling",
    "stopped",
    "stopping",
    "waiting-to-start",
)


class UpdatesCollector(Collector):
    """
    Available service updates for Redis and Valkey, and the replication groups that they wait for.

    paas_aws_elasticache_cluster_update_required{aws_region="eu-west-1",elasticache_service_update="redis-1",...} 1.0
    paas_aws_elasticache_service_update_not_applied_count{...,elasticache_service_update="redis-1"} 61.0
    paas_aws_elasticache_service_update_info{aws_region="eu-west-1",...,severity="critical",engines="redis,valkey"} 1.0
    paas_aws_elasticache_service_update_release_timestamp_seconds{...} 1.7817408e+09
    paas_aws_elasticache_service_update_recommended_apply_by_timestamp_seconds{...} 1.7844192e+09
    paas_aws_elasticache_service_update_end_timestamp_seconds{...} 1.7896896e+09
    paas_aws_elasticache_service_update_auto_update_enabled{...,elasticache_service_update="redis-1"} 0.0
    paas_aws_elasticache_service_update_replication_groups{...,elasticache_service_update="redis-1"} 100.0
    paas_aws_elasticache_update_actions{...,elasticache_service_update="redis-1",status="not-applied"} 61.0
    paas_aws_elasticache_unclaimed_update_required{...,elasticache_replication_group_id="cf-ux4xkdjccy5em"} 1.0
    paas_aws_elasticache_unclaimed_replication_groups{aws_region="eu-west-1"} 2.0
    """

    def __init__(self, surveys: Sequence[Survey]) -> None:
        self._surveys = surveys

    def collect(self) -> Iterator[Metric]:
        if not self._surveys:
            return
        yield update_required(self._surveys)
        yield not_applied(self._surveys)
        yield update_info(self._surveys)
        yield from update_dates(self._surveys)
        yield auto_update(self._surveys)
        yield replication_groups(self._surveys)
        yield update_actions(self._surveys)
        yield unclaimed_update_required(self._surveys)
        yield unclaimed_groups(self._surveys)


def update_required(surveys: Sequence[Survey]) -> Metric:
    family = fleet_gauge(
        "paas_aws_elasticache_cluster_update_required",
        "1 for each service update that waits for a tenant's instance: available, for Redis or Valkey, and not-applied"
        " or stopped on the instance's replication group (AWS DescribeUpdateActions joined with Cloud Foundry or tags)."
        " The series goes when the update is applied.",
        (
            "elasticache_service_update",
            "elasticache_replication_group_id",
            "service_instance_guid",
            "service_instance_name",
            "space_guid",
            "space_name",
            "org_guid",
            "org_name",
        ),
    )
    for survey in surveys:
        for required in survey.required_updates:
            if (instance := required.service_instance) is not None:
                labels = (
                    survey.aws_region,
                    required.service_update.name,
                    required.action.replication_group_id,
                    instance.guid,
                    instance.name,
                    instance.space_guid,
                    instance.space_name,
                    instance.org_guid,
                    instance.org_name,
                )
                family.add_metric(labels, 1)
    return family


def not_applied(surveys: Sequence[Survey]) -> Metric:
    family = fleet_gauge(
        f"{_PREFIX}_not_applied_count",
        "Replication groups that an available service update for Redis or Valkey waits for (not-applied or stopped),"
        " a tenant's or not; 0 when it is applied everywhere (AWS DescribeUpdateActions).",
        ("elasticache_service_update",),
    )
    for survey in surveys:
        waiting = Counter(required.service_update.name for required in survey.required_updates)
        for update in survey.our_service_updates:
            family.add_metric((survey.aws_region, update.name), waiting[update.name])
    return family


def update_info(surveys: Sequence[Survey]) -> Metric:
    family = fleet_info(
        _PREFIX,
        "What AWS says of each available service update for Redis or Valkey: severity (critical: apply within 14 days,"
        " important: 30, medium: 60, low: 90), kind and engines (AWS DescribeServiceUpdates).",
        ("elasticache_service_update",),
    )
    for survey in surveys:
        for update in survey.our_service_updates:
            facts = {"severity": update.severity, "update_type": update.type, "engines": ",".join(update.engines)}
            family.add_metric((survey.aws_region, update.name), facts)
    return family


def update_dates(surveys: Sequence[Survey]) -> Iterator[Metric]:
    """Three families of dates. An update has no series in a family if AWS gives no such date."""
    released = _date_gauge("release", "When AWS released the service update")
    apply_by = _date_gauge(
        "recommended_apply_by",
        "Until when AWS recommends to apply the service update; plan a maintenance window before it",
    )
    end = _date_gauge("end", "When the service update stops being available; it cannot be applied afterwards")
    for survey in surveys:
        for update in survey.our_service_updates:
            labels = (survey.aws_region, update.name)
            for family, moment in (
                (released, update.released_at),
                (apply_by, update.recommended_apply_by),
                (end, update.ends_at),
            ):
                _add_date(family, labels, moment)
    yield from (released, apply_by, end)


def _date_gauge(what: str, documentation: str) -> GaugeMetricFamily:
    return fleet_gauge(
        f"{_PREFIX}_{what}_timestamp_seconds",
        f"{documentation}, as Unix time (AWS DescribeServiceUpdates).",
        ("elasticache_service_update",),
    )


def _add_date(family: GaugeMetricFamily, labels: Sequence[str], moment: datetime | None) -> None:
    if moment is not None:
        family.add_metric(labels, moment.timestamp())


def auto_update(surveys: Sequence[Survey]) -> Metric:
    family = fleet_gauge(
        f"{_PREFIX}_auto_update_enabled",
        "1 if AWS applies the service update by itself once its recommended apply-by date has passed, in a window of"
        " AWS's choice; else 0 (AWS DescribeServiceUpdates).",
        ("elasticache_service_update",),
    )
    for survey in surveys:
        for update in survey.our_service_updates:
            labels = (survey.aws_region, update.name)
            family.add_metric(labels, int(update.auto_update_after_recommended_apply_by))
    return family


def replication_groups(surveys: Sequence[Survey]) -> Metric:
    family = fleet_gauge(
        f"{_PREFIX}_replication_groups",
        "Replication groups that an available service update is for: those of its engines, tenants' or not. On those"
        " that paas_aws_elasticache_update_actions does not count it is done: complete, or not applicable"
        " (AWS DescribeServiceUpdates, DescribeReplicationGroups, DescribeUpdateActions).",
        ("elasticache_service_update",),
    )
    for survey in surveys:
        for name, groups in groups_by_update(survey).items():
            family.add_metric((survey.aws_region, name), len(groups))
    return family


def update_actions(surveys: Sequence[Survey]) -> Metric:
    family = fleet_gauge(
        "paas_aws_elasticache_update_actions",
        "Replication groups by what the service update's action on them is doing: not-applied and stopped wait;"
        " waiting-to-start, in-progress and stopping are under way; scheduling and scheduled are AWS's own plans."
        " Those on which it is done are not counted; see paas_aws_elasticache_service_update_replication_groups"
        " (AWS DescribeUpdateActions).",
        ("elasticache_service_update", "status"),
    )
    for survey in surveys:
        counts = Counter((action.service_update_name, action.status) for action in unsettled_actions(survey))
        statuses = sorted({*_UNSETTLED_STATUSES, *(status for _, status in counts)})
        for update in survey.our_service_updates:
            for status in statuses:
                family.add_metric((survey.aws_region, update.name, status), counts[update.name, status])
    return family


def unclaimed_update_required(surveys: Sequence[Survey]) -> Metric:
    family = fleet_gauge(
        "paas_aws_elasticache_unclaimed_update_required",
        "1 for each service update that waits for a replication group of no tenant: nobody will be told, so find out"
        " whose it is (AWS DescribeUpdateActions joined with Cloud Foundry or tags).",
        ("elasticache_service_update", "elasticache_replication_group_id"),
    )
    for survey in surveys:
        for required in survey.required_updates:
            if required.service_instance is None:
                labels = (survey.aws_region, required.service_update.name, required.action.replication_group_id)
                family.add_metric(labels, 1)
    return family


def unclaimed_groups(surveys: Sequence[Survey]) -> Metric:
    family = fleet_gauge(
        "paas_aws_elasticache_unclaimed_replication_groups",
        "Replication groups with a service update waiting that belong to no service instance of the configured"
        " offerings (AWS DescribeUpdateActions joined with Cloud Foundry or tags).",
    )
    for survey in surveys:
        family.add_metric((survey.aws_region,), len(survey.unclaimed_group_ids))
    return family

"""Metrics about the exporter itself: whether its numbers can be trusted, and what they cost."""

import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from exporter.paths import METRICS_PATH
from exporter.region_status import RegionStatus
from fleet.program.revision import UNKNOWN
from fleet.region import Quotas

_PREFIX = "elasticache_update_exporter"
_REGION = ("aws_region",)
_SYSTEM = ("aws_region", "system")


@dataclass(frozen=True, slots=True)
class ExporterFacts:
    """What the exporter knows about itself; only the quotas may change while it runs."""

    version: str
    poll_interval_seconds: float
    update_fraction_threshold: float
    quotas: Mapping[str, Quotas]
    """By AWS region."""
    revision: str = UNKNOWN
    telemetry_path: str = METRICS_PATH
    """Where `/metrics` is."""


class SurveysCollector(Collector):
    """
    How each region's surveys go. The values change at the end of each survey, whether it failed or not.

    elasticache_update_exporter_last_survey_success{aws_region="eu-west-1"} 1.0
    elasticache_update_exporter_last_success_timestamp_seconds{aws_region="eu-west-1"} 1.7844192e+09
    elasticache_update_exporter_last_survey_duration_seconds{aws_region="eu-west-1"} 0.584
    elasticache_update_exporter_surveys_total{aws_region="eu-west-1"} 12.0
    elasticache_update_exporter_survey_failures_total{aws_region="eu-west-1"} 0.0
    elasticache_update_exporter_remote_requests_total{aws_region="eu-west-1",system="cloudfoundry"} 25.0
    elasticache_update_exporter_remote_request_failures_total{aws_region="eu-west-1",system="cloudfoundry"} 0.0
    elasticache_update_exporter_region_info{aws_region="eu-west-1",region_name="Ireland",aws_account_id="1234..."} 1.0
    elasticache_update_exporter_poll_interval_seconds 300.0
    elasticache_update_exporter_update_fraction_threshold_ratio 0.2
    elasticache_update_exporter_build_info{version="0.1.0",revision="0c4bb22...",python_version="3.11.7"} 1.0
    """

    def __init__(self, facts: ExporterFacts, statuses: Sequence[RegionStatus]) -> None:
        self._facts = facts
        self._statuses = statuses

    def collect(self) -> Iterator[Metric]:
        yield from last_survey(self._statuses)
        yield from survey_totals(self._statuses)
        yield from remote_totals(self._statuses)
        yield from constants(self._facts, self._statuses)


def last_survey(statuses: Sequence[RegionStatus]) -> Iterator[Metric]:
    success = GaugeMetricFamily(
        f"{_PREFIX}_last_survey_success",
        "1 if the region's last survey succeeded, 0 if it failed, or the one under way is overdue, and the fleet's"
        " metrics are those of an earlier one; the log has the cause. Absent until the first survey has ended.",
        labels=_REGION,
    )
    timestamp = GaugeMetricFamily(
        f"{_PREFIX}_last_success_timestamp_seconds",
        "When the last successful survey of the region was taken, as Unix time: the age of every fleet metric."
        " Absent until one has succeeded.",
        labels=_REGION,
    )
    duration = GaugeMetricFamily(
        f"{_PREFIX}_last_survey_duration_seconds",
        "How long the region's last survey took, failed or not; past the poll interval, they follow each other without"
        " a pause.",
        labels=_REGION,
    )
    for status in statuses:
        labels = (status.aws_region,)
        if status.survey is not None:
            timestamp.add_metric(labels, status.survey.taken_at.timestamp())
        if status.last_failure is not None or status.last_duration_seconds is not None:
            success.add_metric(labels, int(status.last_failure is None))
        if status.last_duration_seconds is not None:
            duration.add_metric(labels, status.last_duration_seconds)
    yield from (success, timestamp, duration)


def survey_totals(statuses: Sequence[RegionStatus]) -> Iterator[Metric]:
    surveys = CounterMetricFamily(f"{_PREFIX}_surveys", "Surveys that ended, failed ones too.", labels=_REGION)
    failures = CounterMetricFamily(
        f"{_PREFIX}_survey_failures", "Surveys that failed; the log has the causes.", labels=_REGION
    )
    for status in statuses:
        surveys.add_metric((status.aws_region,), status.surveys_count)
        failures.add_metric((status.aws_region,), status.failures_count)
    yield from (surveys, failures)


def remote_totals(statuses: Sequence[RegionStatus]) -> Iterator[Metric]:
    requests = CounterMetricFamily(
        f"{_PREFIX}_remote_requests",
        "Requests to each remote system, retries too; counted up to the end of the last survey.",
        labels=_SYSTEM,
    )
    failures = CounterMetricFamily(
        f"{_PREFIX}_remote_request_failures",
        "Requests that a remote system refused, dropped or answered wrongly, though a retry may have succeeded;"
        " counted up to the end of the last survey.",
        labels=_SYSTEM,
    )
    for status in statuses:
        for system, count in sorted(status.requests.items()):
            requests.add_metric((status.aws_region, system), count)
            failures.add_metric((status.aws_region, system), status.request_failures[system])
    yield from (requests, failures)


def constants(facts: ExporterFacts, statuses: Sequence[RegionStatus]) -> Iterator[Metric]:
    regions = InfoMetricFamily(
        f"{_PREFIX}_region",
        "The regions surveyed, by name, and the AWS account of their replication groups; it is empty until a survey has"
        " found one.",
        labels=_REGION,
    )
    for status in statuses:
        account = (status.survey and status.survey.aws_account_id) or ""
        regions.add_metric((status.aws_region,), {"region_name": status.region_name, "aws_account_id": account})
    yield regions
    yield GaugeMetricFamily(
        f"{_PREFIX}_poll_interval_seconds",
        "Time from the start of one survey to the next (POLL_INTERVAL); with none successful for three of them and"
        " three times the length of a survey, the fleet's metrics are stale.",
        value=facts.poll_interval_seconds,
    )
    yield GaugeMetricFamily(
        f"{_PREFIX}_update_fraction_threshold_ratio",
        "The share of instances that a maintenance window could take above which one should be scheduled, from 0 to 1"
        " (UPDATE_FRACTION_THRESHOLD). An update waits for these that is no major version, and they are not deferred.",
        value=facts.update_fraction_threshold,
    )
    yield InfoMetricFamily(
        f"{_PREFIX}_build",
        "The exporter's version, the revision of its source (unknown where nothing says it; -modified where files were"
        " changed since), and the Python it runs on.",
        value={"version": facts.version, "revision": facts.revision, "python_version": platform.python_version()},
    )

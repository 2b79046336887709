"""Makes metric families about the fleet, which all have a label for the region and say how old they are."""

from collections.abc import Sequence

from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily

_SNAPSHOT = (
    "Snapshot of the last successful survey; elasticache_update_exporter_last_success_timestamp_seconds has its age."
)


def fleet_gauge(name: str, documentation: str, labels: Sequence[str] = ()) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, f"{documentation} {_SNAPSHOT}", labels=("aws_region", *labels))


def fleet_info(name: str, documentation: str, labels: Sequence[str]) -> InfoMetricFamily:
    """`labels` identify a series; its facts are added with each series. `_info` is appended to the name."""
    return InfoMetricFamily(name, f"{documentation} {_SNAPSHOT}", labels=("aws_region", *labels))

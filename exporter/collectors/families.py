"""How every family about the fleet begins: labelled with its region, and honest about its age."""

from collections.abc import Sequence

from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily

_SNAPSHOT = (
    "Snapshot of the last successful survey; elasticache_update_exporter_last_success_timestamp_seconds has its age."
)


def fleet_gauge(name: str, documentation: str, labels: Sequence[str] = ()) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, f"{documentation} {_SNAPSHOT}", labels=("aws_region", *labels))


def fleet_info(name: str, documentation: str, labels: Sequence[str]) -> InfoMetricFamily:
    """`labels` are those that tell one series from another; the facts come with each series. `_info` is appended."""
    return InfoMetricFamily(name, f"{documentation} {_SNAPSHOT}", labels=("aws_region", *labels))

"""How much of the AWS account's quotas is in use, by tenants or not."""

from collections.abc import Iterator, Sequence

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from exporter.collectors.families import fleet_gauge
from fleet.survey import Survey


class CapacityCollector(Collector):
    """
    What AWS counts against the account's quotas in the region.

    paas_aws_elasticache_node_count{aws_region="eu-west-1"} 121.0
    paas_aws_elasticache_cache_parameter_group_count{aws_region="eu-west-1"} 58.0
    """

    def __init__(self, surveys: Sequence[Survey]) -> None:
        self._surveys = surveys

    def collect(self) -> Iterator[Metric]:
        if not self._surveys:
            return
        nodes = fleet_gauge(
            "paas_aws_elasticache_node_count",
            "Cache nodes of every engine in the account and region, a tenant's or not; AWS's quota is 300 unless it was"
            " raised (AWS DescribeReplicationGroups and DescribeCacheClusters).",
        )
        parameter_groups = fleet_gauge(
            "paas_aws_elasticache_cache_parameter_group_count",
            "Cache parameter groups in the account and region without the default ones; AWS's quota is 300 unless it"
            " was raised (AWS DescribeCacheParameterGroups).",
        )
        for survey in self._surveys:
            nodes.add_metric((survey.aws_region,), survey.cache_nodes_count)
            parameter_groups.add_metric((survey.aws_region,), len(survey.cache_parameter_groups))
        yield from (nodes, parameter_groups)

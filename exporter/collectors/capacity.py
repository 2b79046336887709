"""How much of the AWS account's quotas is in use, by tenants and by others."""

from collections.abc import Iterator, Mapping, Sequence

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from exporter.collectors.families import fleet_gauge
from fleet.region import Quotas
from fleet.survey import Survey


class CapacityCollector(Collector):
    """
    Counts what AWS limits by the account's quotas in the region.

    paas_aws_elasticache_node_count{aws_region="eu-west-1"} 121.0
    paas_aws_elasticache_nodes_quota{aws_region="eu-west-1"} 300.0
    paas_aws_elasticache_cache_parameter_group_count{aws_region="eu-west-1"} 58.0
    paas_aws_elasticache_cache_parameter_groups_quota{aws_region="eu-west-1"} 300.0
    """

    def __init__(self, surveys: Sequence[Survey], quotas: Mapping[str, Quotas]) -> None:
        """`quotas` are those in the settings, by AWS region; AWS is not asked for them."""
        self._surveys = surveys
        self._quotas = quotas

    def collect(self) -> Iterator[Metric]:
        if not self._surveys:
            return
        nodes = fleet_gauge(
            "paas_aws_elasticache_node_count",
            "Cache nodes of every engine in the account and region, a tenant's or not; see"
            " paas_aws_elasticache_nodes_quota (AWS DescribeReplicationGroups and DescribeCacheClusters).",
        )
        parameter_groups = fleet_gauge(
            "paas_aws_elasticache_cache_parameter_group_count",
            "Cache parameter groups in the account and region without the default ones; see"
            " paas_aws_elasticache_cache_parameter_groups_quota (AWS DescribeCacheParameterGroups).",
        )
        nodes_quota = fleet_gauge(
            "paas_aws_elasticache_nodes_quota",
            "Cache nodes that the AWS account may have in the region, as configured (NODES_QUOTA)."
            " Raise it at AWS first.",
        )
        parameter_groups_quota = fleet_gauge(
            "paas_aws_elasticache_cache_parameter_groups_quota",
            "Cache parameter groups that the AWS account may have in the region, as configured"
            " (CACHE_PARAMETER_GROUPS_QUOTA). Raise it at AWS first.",
        )
        for survey in self._surveys:
            quotas = self._quotas[survey.aws_region]
            nodes_quota.add_metric((survey.aws_region,), quotas.nodes)
            parameter_groups_quota.add_metric((survey.aws_region,), quotas.cache_parameter_groups)
            if survey.quota_use is not None:
                nodes.add_metric((survey.aws_region,), survey.quota_use.cache_nodes_count)
                parameter_groups.add_metric((survey.aws_region,), survey.quota_use.cache_parameter_groups_count)
        yield from (nodes, nodes_quota, parameter_groups, parameter_groups_quota)

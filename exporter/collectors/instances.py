"""The tenants' service instances, and the replication groups behind them."""

from collections.abc import Iterator, Sequence

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from exporter.collectors.families import fleet_gauge, fleet_info
from fleet.survey import Survey


class InstancesCollector(Collector):
    """
    One series per service instance of the configured offerings, whether or not anything waits for it.

    paas_aws_elasticache_replication_group_nodes_count{aws_region="eu-west-1",replication_group_id="cf-...",...} 2.0
    paas_aws_elasticache_service_instance_info{service_instance_guid="...",plan="small-ha-5.x",engine="redis",...} 1.0
    paas_aws_elasticache_unknown_service_instances{aws_region="eu-west-1"} 1.0
    """

    def __init__(self, surveys: Sequence[Survey]) -> None:
        self._surveys = surveys

    def collect(self) -> Iterator[Metric]:
        if not self._surveys:
            return
        yield nodes(self._surveys)
        yield instance_info(self._surveys)
        yield unknown_instances(self._surveys)


def nodes(surveys: Sequence[Survey]) -> Metric:
    family = fleet_gauge(
        "paas_aws_elasticache_replication_group_nodes_count",
        "Cache nodes of a tenant's instance, one series per service instance; 0 where AWS does not know its replication"
        " group (AWS DescribeReplicationGroups joined with Cloud Foundry or tags).",
        ("replication_group_id", "service_instance_guid", "space_name", "space_guid", "org_name", "org_guid"),
    )
    for survey in surveys:
        for instance in survey.service_instances:
            group = survey.groups_by_id.get(instance.replication_group_id)
            labels = (
                survey.aws_region,
                instance.replication_group_id,
                instance.guid,
                instance.space_name,
                instance.space_guid,
                instance.org_name,
                instance.org_guid,
            )
            family.add_metric(labels, group.nodes_count if group else 0)
    return family


def instance_info(surveys: Sequence[Survey]) -> Metric:
    family = fleet_info(
        "paas_aws_elasticache_service_instance",
        "What is known of each service instance: its name and plan, its engine, whether it is highly available"
        " (automatic failover and more than one node: expect up to a minute of interruption, else up to 30) and its"
        " replication group's status, unknown where AWS does not know it (AWS, Cloud Foundry or tags).",
        ("service_instance_guid",),
    )
    for survey in surveys:
        for instance in survey.service_instances:
            group = survey.groups_by_id.get(instance.replication_group_id)
            facts = {
                "service_instance_name": instance.name,
                "plan": instance.plan_name,
                "engine": group.engine if group else "",
                "highly_available": "true" if group and group.is_highly_available else "false",
                "replication_group_status": group.status if group else "unknown",
            }
            family.add_metric((survey.aws_region, instance.guid), facts)
    return family


def unknown_instances(surveys: Sequence[Survey]) -> Metric:
    family = fleet_gauge(
        "paas_aws_elasticache_unknown_service_instances",
        "Service instances whose replication group AWS does not know: being created, half deleted, or in another AWS"
        " account or region; their nodes_count is 0 (AWS DescribeReplicationGroups joined with Cloud Foundry or tags).",
    )
    for survey in surveys:
        family.add_metric((survey.aws_region,), len(survey.unknown_instances))
    return family

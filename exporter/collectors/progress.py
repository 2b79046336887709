"""Shows for each group what a maintenance window is doing right now, whose it is, and whether it takes too long."""

from collections.abc import Iterator, Sequence

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from exporter.collectors.families import fleet_gauge, fleet_info
from exporter.collectors.update_groups import unsettled_actions
from fleet.survey import Survey

_LABELS = ("elasticache_service_update", "elasticache_replication_group_id")
_WAITS = "not-applied"


class ProgressCollector(Collector):
    """
    Update actions under way (waiting-to-start, in-progress or stopping), stopped, or planned by AWS. There are none
    while no window runs and AWS plans nothing.

    paas_aws_elasticache_update_action_under_way_since_timestamp_seconds{...,status="in-progress"} 1.7844192e+09
    paas_aws_elasticache_update_action_estimated_duration_seconds{...} 3600.0
    paas_aws_elasticache_update_action_info{...,status="stopped",service_instance_guid="...",org_name="..."} 1.0
    """

    def __init__(self, surveys: Sequence[Survey]) -> None:
        self._surveys = surveys

    def collect(self) -> Iterator[Metric]:
        if not self._surveys:
            return
        since = fleet_gauge(
            "paas_aws_elasticache_update_action_under_way_since_timestamp_seconds",
            "When AWS began what it is doing with this service update on this replication group, as Unix time; the"
            " series goes when it ends (AWS DescribeUpdateActions).",
            (*_LABELS, "status"),
        )
        estimated = fleet_gauge(
            "paas_aws_elasticache_update_action_estimated_duration_seconds",
            "How long the update action under way should take: AWS's estimate for a node times the group's nodes;"
            " absent where AWS gives none (AWS DescribeServiceUpdates, DescribeReplicationGroups).",
            _LABELS,
        )
        for survey in self._surveys:
            updates = {update.name: update for update in survey.our_service_updates}
            for action in survey.our_update_actions:
                if not action.is_under_way:
                    continue
                labels = (survey.aws_region, action.service_update_name, action.replication_group_id)
                if action.status_modified_at is not None:
                    since.add_metric((*labels, action.status), action.status_modified_at.timestamp())
                group = survey.groups_by_id.get(action.replication_group_id)
                seconds_per_node = updates[action.service_update_name].estimated_seconds_per_node
                if group is not None and seconds_per_node is not None:
                    estimated.add_metric(labels, seconds_per_node * group.nodes_count)
        yield from (since, estimated)
        yield action_info(self._surveys)


def action_info(surveys: Sequence[Survey]) -> Metric:
    family = fleet_info(
        "paas_aws_elasticache_update_action",
        "What the service update's action on a replication group is doing, and whose group it is: one series for each"
        " that is under way, stopped, or planned by AWS (scheduling, scheduled). Those that are not-applied or done"
        " have none; nor has a group that no tenant claims the labels of a tenant (AWS DescribeUpdateActions joined"
        " with Cloud Foundry or tags).",
        _LABELS,
    )
    for survey in surveys:
        instances = {instance.replication_group_id: instance for instance in survey.service_instances}
        for action in unsettled_actions(survey):
            if action.status == _WAITS:
                continue
            instance = instances.get(action.replication_group_id)
            facts = {
                "status": action.status,
                "service_instance_guid": instance.guid if instance else "",
                "service_instance_name": instance.name if instance else "",
                "space_name": instance.space_name if instance else "",
                "org_guid": instance.org_guid if instance else "",
                "org_name": instance.org_name if instance else "",
            }
            family.add_metric((survey.aws_region, action.service_update_name, action.replication_group_id), facts)
    return family

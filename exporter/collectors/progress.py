"""Shows for each group what a maintenance window is doing right now, and whether it takes too long."""

from collections.abc import Iterator, Sequence

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from exporter.collectors.families import fleet_gauge
from fleet.survey import Survey

_LABELS = ("elasticache_service_update", "elasticache_replication_group_id")


class ProgressCollector(Collector):
    """
    Update actions under way: waiting-to-start, in-progress or stopping. There are no series while no window runs.

    paas_aws_elasticache_update_action_under_way_since_timestamp_seconds{...,status="in-progress"} 1.7844192e+09
    paas_aws_elasticache_update_action_estimated_duration_seconds{...} 3600.0
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

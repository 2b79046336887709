"""How ElastiCache writes each record down."""

from datetime import datetime
from itertools import count
from xml.sax.saxutils import escape

from sandbox.truth import CacheCluster, ParameterGroup, ReplicationGroup, ServiceUpdate, UpdateAction

NODE_STATUSES = frozenset({"not-applied", "waiting-to-start", "in-progress", "stopping", "stopped", "complete"})


CLUSTER_STATUSES = {"create-failed": "incompatible-network"}
"""Of a group's nodes, where AWS does not use the group's own word."""


def replication_group(group: ReplicationGroup, arn_prefix: str) -> str:
    failover = "enabled" if group.is_failover_automatic else "disabled"
    is_encrypted = "true" if group.tags else "false"
    shards = group.members_by_shard
    members = "".join(f"<ClusterId>{cluster_id}</ClusterId>" for ids in shards.values() for cluster_id in ids)
    node_groups = "".join(_node_group(group, shard, ids) for shard, ids in shards.items())
    return (
        f"<ReplicationGroup><ReplicationGroupId>{group.id}</ReplicationGroupId>"
        f"<Description>Cloud Foundry service</Description><Status>{group.status}</Status><PendingModifiedValues/>"
        f"<MemberClusters>{members}</MemberClusters><NodeGroups>{node_groups}</NodeGroups>"
        f"<AutomaticFailover>{failover}</AutomaticFailover><MultiAZ>{failover}</MultiAZ>"
        f"<SnapshotRetentionLimit>7</SnapshotRetentionLimit><SnapshotWindow>02:00-03:00</SnapshotWindow>"
        f"<ClusterEnabled>{'true' if group.is_cluster_mode else 'false'}</ClusterEnabled>"
        f"<CacheNodeType>{group.node_type}</CacheNodeType><AuthTokenEnabled>{is_encrypted}</AuthTokenEnabled>"
        f"<TransitEncryptionEnabled>{is_encrypted}</TransitEncryptionEnabled>"
        f"<AtRestEncryptionEnabled>{is_encrypted}</AtRestEncryptionEnabled>"
        f"<ARN>{arn_prefix}:replicationgroup:{group.id}</ARN>"
        f"<ReplicationGroupCreateTime>{_time(group.created_at)}</ReplicationGroupCreateTime>"
        f"<AutoMinorVersionUpgrade>true</AutoMinorVersionUpgrade>"
        f"<ClusterMode>{'enabled' if group.is_cluster_mode else 'disabled'}</ClusterMode>"
        f"<Engine>{group.engine}</Engine></ReplicationGroup>"
    )


def _node_group(group: ReplicationGroup, shard: str, cluster_ids: list[str]) -> str:
    members = "".join(
        f"<NodeGroupMember><CacheClusterId>{cluster_id}</CacheClusterId><CacheNodeId>0001</CacheNodeId></NodeGroupMember>"
        for cluster_id in cluster_ids
    )
    return (
        f"<NodeGroup><NodeGroupId>{shard}</NodeGroupId><Status>{group.status}</Status>"
        f"<NodeGroupMembers>{members}</NodeGroupMembers></NodeGroup>"
    )


def member_cluster(group: ReplicationGroup, cluster_id: str, arn_prefix: str, *, with_nodes: bool) -> str:
    """One node of a replication group, which ElastiCache also lists as a cache cluster of one node."""
    node = CacheCluster(
        cluster_id,
        CLUSTER_STATUSES.get(group.status, group.status),
        group.engine,
        group.engine_version,
        group.node_type,
        1,
        group.maintenance_window,
        group.created_at,
    )
    return cache_cluster(node, arn_prefix, with_nodes=with_nodes, group_id=group.id)


def cache_cluster(cluster: CacheCluster, arn_prefix: str, *, with_nodes: bool, group_id: str | None = None) -> str:
    created_at = _time(cluster.created_at)
    nodes = "".join(
        f"<CacheNode><CacheNodeId>{number:04}</CacheNodeId><CacheNodeStatus>available</CacheNodeStatus>"
        f"<CacheNodeCreateTime>{created_at}</CacheNodeCreateTime>"
        f"<Endpoint><Address>{cluster.id}.cache.example.org</Address><Port>6379</Port></Endpoint>"
        f"<ParameterGroupStatus>in-sync</ParameterGroupStatus></CacheNode>"
        for number in range(1, cluster.nodes + 1)
    )
    return (
        f"<CacheCluster><CacheClusterId>{cluster.id}</CacheClusterId>"
        f"<CacheNodeType>{cluster.node_type}</CacheNodeType><Engine>{cluster.engine}</Engine>"
        f"<EngineVersion>{cluster.engine_version}</EngineVersion>"
        f"<CacheClusterStatus>{cluster.status}</CacheClusterStatus><NumCacheNodes>{cluster.nodes}</NumCacheNodes>"
        f"<CacheClusterCreateTime>{created_at}</CacheClusterCreateTime>"
        f"<PreferredMaintenanceWindow>{cluster.maintenance_window}</PreferredMaintenanceWindow>"
        f"<PendingModifiedValues/><CacheSecurityGroups/>"
        + (f"<CacheNodes>{nodes}</CacheNodes>" if with_nodes else "")
        + (f"<ReplicationGroupId>{group_id}</ReplicationGroupId>" if group_id else "")
        + f"<ARN>{arn_prefix}:cluster:{cluster.id}</ARN></CacheCluster>"
    )


def parameter_group(group: ParameterGroup, arn_prefix: str) -> str:
    return (
        f"<CacheParameterGroup><CacheParameterGroupName>{group.name}</CacheParameterGroupName>"
        f"<CacheParameterGroupFamily>{group.family}</CacheParameterGroupFamily>"
        f"<Description>{escape(group.description)}</Description><IsGlobal>false</IsGlobal>"
        f"<ARN>{arn_prefix}:parametergroup:{group.name}</ARN></CacheParameterGroup>"
    )


def service_update(update: ServiceUpdate) -> str:
    return (
        f"<ServiceUpdate><ServiceUpdateName>{escape(update.name)}</ServiceUpdateName>"
        f"<ServiceUpdateReleaseDate>{_time(update.release_date)}</ServiceUpdateReleaseDate>"
        f"<ServiceUpdateEndDate>{_time(update.end_date)}</ServiceUpdateEndDate>"
        f"<ServiceUpdateSeverity>{escape(update.severity)}</ServiceUpdateSeverity>"
        f"<ServiceUpdateRecommendedApplyByDate>{_time(update.recommended_apply_by_date)}"
        f"</ServiceUpdateRecommendedApplyByDate>"
        f"<ServiceUpdateStatus>{update.status}</ServiceUpdateStatus>"
        f"<ServiceUpdateDescription>{escape(update.description)}</ServiceUpdateDescription>"
        f"<ServiceUpdateType>{escape(update.type)}</ServiceUpdateType><Engine>{escape(update.engine)}</Engine>"
        f"<EngineVersion>{escape(update.engine_version)}</EngineVersion>"
        f"<AutoUpdateAfterRecommendedApplyByDate>{'true' if update.is_auto_updated else 'false'}"
        f"</AutoUpdateAfterRecommendedApplyByDate>"
        f"<EstimatedUpdateTime>{escape(update.estimated_update_time)}</EstimatedUpdateTime></ServiceUpdate>"
    )


def update_action(action: UpdateAction, update: ServiceUpdate, nodes: str = "") -> str:
    kind = "ReplicationGroupId" if action.is_on_group else "CacheClusterId"
    return (
        f"<UpdateAction><{kind}>{action.target_id}</{kind}>"
        f"<ServiceUpdateName>{escape(update.name)}</ServiceUpdateName>"
        f"<ServiceUpdateReleaseDate>{_time(update.release_date)}</ServiceUpdateReleaseDate>"
        f"<ServiceUpdateSeverity>{escape(update.severity)}</ServiceUpdateSeverity>"
        f"<ServiceUpdateStatus>{update.status}</ServiceUpdateStatus>"
        f"<ServiceUpdateRecommendedApplyByDate>{_time(update.recommended_apply_by_date)}"
        f"</ServiceUpdateRecommendedApplyByDate>"
        f"<ServiceUpdateType>{escape(update.type)}</ServiceUpdateType>"
        f"<UpdateActionAvailableDate>{_time(action.available_at)}</UpdateActionAvailableDate>"
        f"<UpdateActionStatus>{action.status}</UpdateActionStatus>"
        f"<NodesUpdated>{action.nodes_updated}/{action.nodes}</NodesUpdated>"
        f"<UpdateActionStatusModifiedDate>{_time(action.modified_at)}</UpdateActionStatusModifiedDate>"
        f"<SlaMet>{action.sla_met}</SlaMet>{nodes}"
        f"<EstimatedUpdateTime>{escape(update.estimated_update_time)}</EstimatedUpdateTime>"
        f"<Engine>{action.engine}</Engine></UpdateAction>"
    )


def nodes_of_group(action: UpdateAction, group: ReplicationGroup) -> str:
    """Where each node of a group stands, as `ShowNodeLevelUpdateStatus` asks for."""
    numbers = count()
    rendered = "".join(
        f"<NodeGroupUpdateStatus><NodeGroupId>{shard}</NodeGroupId><NodeGroupMemberUpdateStatus>"
        + "".join(_node_of_group(action, cluster_id, next(numbers)) for cluster_id in cluster_ids)
        + "</NodeGroupMemberUpdateStatus></NodeGroupUpdateStatus>"
        for shard, cluster_ids in group.members_by_shard.items()
    )
    return f"<NodeGroupUpdateStatus>{rendered}</NodeGroupUpdateStatus>"


def _node_of_group(action: UpdateAction, cluster_id: str, number: int) -> str:
    return (
        f"<NodeGroupMemberUpdateStatus><CacheClusterId>{cluster_id}</CacheClusterId><CacheNodeId>0001</CacheNodeId>"
        f"<NodeUpdateStatus>{_node_status(action, number)}</NodeUpdateStatus>"
        f"<NodeUpdateInitiatedBy>customer</NodeUpdateInitiatedBy></NodeGroupMemberUpdateStatus>"
    )


def nodes_of_cluster(action: UpdateAction) -> str:
    rendered = "".join(
        f"<CacheNodeUpdateStatus><CacheNodeId>{number + 1:04}</CacheNodeId>"
        f"<NodeUpdateStatus>{_node_status(action, number)}</NodeUpdateStatus></CacheNodeUpdateStatus>"
        for number in range(action.nodes)
    )
    return f"<CacheNodeUpdateStatus>{rendered}</CacheNodeUpdateStatus>"


def _node_status(action: UpdateAction, number: int) -> str:
    if number < action.nodes_updated:
        return "complete"
    return action.status if action.status in NODE_STATUSES else "not-applied"


def _time(moment: datetime) -> str:
    """In UTC. `strftime` would take half of a page's time."""
    return moment.isoformat(timespec="seconds")[:19] + ".000Z"

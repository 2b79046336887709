"""ElastiCache's five Describe calls: what each filter lets through. Paging and rendering are alike for all."""

from collections.abc import Callable
from functools import partial

from sandbox.aws import rendering
from sandbox.aws.query import Form, Listing, RefusalError, invalid_value
from sandbox.truth import ReplicationGroup, Truth, UpdateAction

ENGINES = frozenset({"redis", "valkey", "memcached"})
UPDATE_STATUSES = frozenset({"available", "cancelled", "expired"})
ACTION_STATUSES = frozenset(
    {
        "not-applied",
        "waiting-to-start",
        "in-progress",
        "stopping",
        "stopped",
        "complete",
        "scheduling",
        "scheduled",
        "not-applicable",
    }
)


def _service_updates(truth: Truth, form: Form) -> Listing:
    name = form.text("ServiceUpdateName")
    statuses = form.texts("ServiceUpdateStatus", most=3, allowed=UPDATE_STATUSES)
    if name is not None and name not in truth.service_updates:
        raise RefusalError(404, "ServiceUpdateNotFoundFault", f"Service update not found: {name}")
    found = sorted(
        (update for update in truth.service_updates.values() if name in {None, update.name}),
        key=lambda update: update.name,
    )
    found = [update for update in found if statuses is None or update.status in statuses]
    return Listing("ServiceUpdates", [update.name for update in found], found, rendering.service_update)


def _update_actions(truth: Truth, form: Form) -> Listing:
    name = form.text("ServiceUpdateName")
    groups = form.texts("ReplicationGroupIds", most=20)
    clusters = form.texts("CacheClusterIds", most=20)
    engine = form.text("Engine")
    update_statuses = form.texts("ServiceUpdateStatus", most=3, allowed=UPDATE_STATUSES)
    action_statuses = form.texts("UpdateActionStatus", most=9, allowed=ACTION_STATUSES)
    earliest, latest = (form.time(f"ServiceUpdateTimeRange.{edge}Time") for edge in ("Start", "End"))
    if engine is not None and engine.lower() not in ENGINES:
        raise invalid_value(f"Invalid Engine: {engine}")
    targets = None
    if groups is not None or clusters is not None:
        targets = {target.lower() for target in (groups or frozenset()) | (clusters or frozenset())}
    updates = {
        update.name
        for update in truth.service_updates.values()
        if name in {None, update.name}
        and (update_statuses is None or update.status in update_statuses)
        and (earliest is None or update.release_date >= earliest)
        and (latest is None or update.release_date <= latest)
    }
    found = {
        "/".join(key): action
        for key, action in truth.update_actions.items()
        if key[0] in updates
        and (targets is None or key[1] in targets)
        and (action_statuses is None or action.status in action_statuses)
        and (engine is None or action.engine == engine.lower())
    }
    keys = sorted(found)
    render = partial(_update_action, truth, form.flag("ShowNodeLevelUpdateStatus"))
    return Listing("UpdateActions", keys, [found[key] for key in keys], render)


def _update_action(truth: Truth, with_nodes: bool, action: UpdateAction) -> str:  # noqa: FBT001 — bound by partial
    nodes = ""
    if with_nodes and action.is_on_group:
        nodes = rendering.nodes_of_group(action, truth.replication_groups[action.target_id])
    elif with_nodes:
        nodes = rendering.nodes_of_cluster(action)
    return rendering.update_action(action, truth.service_updates[action.service_update_name], nodes)


def _replication_groups(truth: Truth, form: Form) -> Listing:
    wanted = form.text("ReplicationGroupId")
    if wanted is not None and wanted.lower() not in truth.replication_groups:
        raise RefusalError(404, "ReplicationGroupNotFoundFault", f"ReplicationGroup {wanted} not found.")
    ids = sorted(truth.replication_groups) if wanted is None else [wanted.lower()]
    groups = [truth.replication_groups[group_id] for group_id in ids]
    return Listing("ReplicationGroups", ids, groups, partial(rendering.replication_group, arn_prefix=truth.arn_prefix))


def _cache_clusters(truth: Truth, form: Form) -> Listing:
    wanted = form.text("CacheClusterId")
    members: dict[str, ReplicationGroup] = {}
    if not form.flag("ShowCacheClustersNotInReplicationGroups"):
        members = {cluster_id: group for group in truth.replication_groups.values() for cluster_id in group.members}
    ids = sorted([*members, *truth.cache_clusters])
    if wanted is not None:
        ids = [cluster_id for cluster_id in ids if cluster_id == wanted.lower()]
        if not ids:
            raise RefusalError(404, "CacheClusterNotFound", f"CacheCluster not found: {wanted}")
    with_nodes = form.flag("ShowCacheNodeInfo")

    def render(cluster_id: str) -> str:
        if group := members.get(cluster_id):
            return rendering.member_cluster(group, cluster_id, truth.arn_prefix, with_nodes=with_nodes)
        return rendering.cache_cluster(truth.cache_clusters[cluster_id], truth.arn_prefix, with_nodes=with_nodes)

    return Listing("CacheClusters", ids, ids, render)


def _parameter_groups(truth: Truth, form: Form) -> Listing:
    wanted = form.text("CacheParameterGroupName")
    if wanted is not None and wanted not in truth.parameter_groups:
        raise RefusalError(404, "CacheParameterGroupNotFound", f"CacheParameterGroup not found: {wanted}")
    names = sorted(truth.parameter_groups) if wanted is None else [wanted]
    groups = [truth.parameter_groups[name] for name in names]
    return Listing(
        "CacheParameterGroups", names, groups, partial(rendering.parameter_group, arn_prefix=truth.arn_prefix)
    )


LISTINGS: dict[str, Callable[[Truth, Form], Listing]] = {
    "DescribeServiceUpdates": _service_updates,
    "DescribeUpdateActions": _update_actions,
    "DescribeReplicationGroups": _replication_groups,
    "DescribeCacheClusters": _cache_clusters,
    "DescribeCacheParameterGroups": _parameter_groups,
}

"""ElastiCache: service updates, where they stand, and the caches that they are for. STS answers on the same port."""

from collections.abc import Callable
from functools import partial

from sandbox import elasticache_xml as xml
from sandbox import sts
from sandbox.memory import Memory
from sandbox.query import (
    MOST_RECORDS,
    Form,
    Listing,
    RefusalError,
    invalid_value,
    listing_page,
    refusal_reply,
    result_reply,
)
from sandbox.signatures import Signatures
from sandbox.truth import ReplicationGroup, Truth, UpdateAction
from sandbox.wire import Reply, Request
from sandbox.world import World

NAMESPACE = "http://elasticache.amazonaws.com/doc/2015-02-02/"
VERSION = "2015-02-02"
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
_REFUSED_PAGING = frozenset({"Marker", "MaxRecords"})


class ElastiCache:
    name = "elasticache"

    def __init__(self, world: World, signatures: Signatures, page_size: int | None) -> None:
        self._world = world
        self._signatures = signatures
        self._page_size = page_size or MOST_RECORDS
        self._memory = Memory()

    def call(self, request: Request) -> str:
        return Form.of(request.body).action or request.path

    def answer(self, request: Request) -> Reply:
        form = Form.of(request.body)
        namespace = sts.NAMESPACE if form.action == sts.ACTION else NAMESPACE
        try:
            if form.action == sts.ACTION:
                return sts.answer(request, form, self._signatures)
            return self._answer(request, form)
        except RefusalError as refusal:
            return refusal_reply(refusal, namespace)

    def throttled(self, retry_after: str) -> Reply:  # noqa: ARG002 — AWS's Query protocol has no Retry-After
        return refusal_reply(RefusalError(400, "Throttling", "Rate exceeded"), NAMESPACE)

    def failed(self, status: int) -> Reply:
        code = {503: "ServiceUnavailable", 429: "TooManyRequestsException"}.get(status, "InternalFailure")
        return refusal_reply(RefusalError(status, code, "The request could not be served."), NAMESPACE)

    def unauthorized(self) -> Reply:
        message = "The security token included in the request is expired"
        return refusal_reply(RefusalError(403, "ExpiredToken", message), NAMESPACE)

    def _answer(self, request: Request, form: Form) -> Reply:
        self._signatures.check(request, "elasticache")
        if form.text("Version") != VERSION or form.action not in _LISTINGS:
            message = f"Could not find operation {form.action} for version {form.text('Version')}"
            raise RefusalError(400, "InvalidAction", message)
        truth = self._world.truth
        page = self._memory.of(truth, frozenset(form.fields.items()), lambda: self._page(truth, form))
        return result_reply(form.action, NAMESPACE, page)

    def _page(self, truth: Truth, form: Form) -> str:
        filters = frozenset((name, text) for name, text in form.fields.items() if name not in _REFUSED_PAGING)
        listing = self._memory.of(truth, ("listing", filters), lambda: _LISTINGS[form.action](truth, form))
        return listing_page(listing, form, self._page_size)


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
    return Listing("ServiceUpdates", [update.name for update in found], found, xml.service_update)


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
    targets = None if groups is None and clusters is None else (groups or frozenset()) | (clusters or frozenset())
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
        nodes = xml.nodes_of_group(action, truth.replication_groups[action.target_id])
    elif with_nodes:
        nodes = xml.nodes_of_cluster(action)
    return xml.update_action(action, truth.service_updates[action.service_update_name], nodes)


def _replication_groups(truth: Truth, form: Form) -> Listing:
    wanted = form.text("ReplicationGroupId")
    if wanted is not None and wanted.lower() not in truth.replication_groups:
        raise RefusalError(404, "ReplicationGroupNotFoundFault", f"ReplicationGroup {wanted} not found.")
    ids = sorted(truth.replication_groups) if wanted is None else [wanted.lower()]
    groups = [truth.replication_groups[group_id] for group_id in ids]
    return Listing("ReplicationGroups", ids, groups, partial(xml.replication_group, region=truth.region))


def _cache_clusters(truth: Truth, form: Form) -> Listing:
    wanted = form.text("CacheClusterId")
    members: dict[str, ReplicationGroup] = {}
    if not form.flag("ShowCacheClustersNotInReplicationGroups"):
        members = {cluster_id: group for group in truth.replication_groups.values() for _, cluster_id in group.members}
    ids = sorted([*members, *truth.cache_clusters])
    if wanted is not None:
        ids = [cluster_id for cluster_id in ids if cluster_id == wanted.lower()]
        if not ids:
            raise RefusalError(404, "CacheClusterNotFound", f"CacheCluster not found: {wanted}")
    with_nodes = form.flag("ShowCacheNodeInfo")

    def render(cluster_id: str) -> str:
        if group := members.get(cluster_id):
            return xml.member_cluster(group, cluster_id, truth.region, with_nodes=with_nodes)
        return xml.cache_cluster(truth.cache_clusters[cluster_id], truth.region, with_nodes=with_nodes)

    return Listing("CacheClusters", ids, ids, render)


def _parameter_groups(truth: Truth, form: Form) -> Listing:
    wanted = form.text("CacheParameterGroupName")
    if wanted is not None and wanted not in truth.parameter_groups:
        raise RefusalError(404, "CacheParameterGroupNotFound", f"CacheParameterGroup not found: {wanted}")
    names = sorted(truth.parameter_groups) if wanted is None else [wanted]
    groups = [truth.parameter_groups[name] for name in names]
    return Listing("CacheParameterGroups", names, groups, partial(xml.parameter_group, region=truth.region))


_LISTINGS: dict[str, Callable[[Truth, Form], Listing]] = {
    "DescribeServiceUpdates": _service_updates,
    "DescribeUpdateActions": _update_actions,
    "DescribeReplicationGroups": _replication_groups,
    "DescribeCacheClusters": _cache_clusters,
    "DescribeCacheParameterGroups": _parameter_groups,
}

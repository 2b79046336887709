"""Invents AWS's side of the fleet: the tenants' replication groups, and all that nobody's service instance explains."""

from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

from sandbox import names, plans
from sandbox.truth import CacheCluster, ParameterGroup, ReplicationGroup, ServiceInstance, ServicePlan, Space

FEWEST_INSTANCES_WITH_UNCLAIMED = 3
SNAPSHOT_EVERY = 40
DEFAULT_FAMILIES = ("redis3.2", "redis5.0", "redis6.x", "redis7", "valkey8", "memcached1.6")


@dataclass(frozen=True)
class Caches:
    """`groups` are the tenants'."""

    groups: list[ReplicationGroup]
    unclaimed: list[ReplicationGroup]
    clusters: list[CacheCluster]

    @property
    def all_groups(self) -> list[ReplicationGroup]:
        return [*self.groups, *self.unclaimed]


def tenants_groups(
    instances: list[ServiceInstance], service_plans: list[ServicePlan], spaces: list[Space]
) -> list[ReplicationGroup]:
    """One for each instance that is created; now and then AWS is busy with one."""
    organization_of = {space.guid: space.organization_guid for space in spaces}
    plan_of = {plan.guid: plan for plan in service_plans}
    groups = [
        plans.replication_group(instance, plan_of[instance.plan_guid], organization_of[instance.space_guid])
        for instance in instances
        if instance.is_created and instance.plan_guid
    ]
    return [
        replace(group, status="snapshotting") if number % SNAPSHOT_EVERY == SNAPSHOT_EVERY - 1 else group
        for number, group in enumerate(groups)
    ]


def unclaimed_groups(random: Random, instances: int, created_at: datetime) -> list[ReplicationGroup]:
    """Groups that no service instance accounts for: half look like a tenant's, half were made by hand."""
    count = max(instances // 50, int(instances >= FEWEST_INSTANCES_WITH_UNCLAIMED))
    return [
        ReplicationGroup(
            id=names.replication_group_id(names.guid(random)) if number % 2 == 0 else f"made-by-hand-{number}",
            status="available",
            engine="redis",
            engine_version="6.2.6",
            node_type="cache.t3.small",
            shards=1,
            nodes_per_shard=1 + number % 2,
            is_failover_automatic=False,
            maintenance_window="sun:05:00-sun:06:00",
            created_at=created_at,
        )
        for number in range(count)
    ]


def lone_clusters(instances: int, created_at: datetime) -> list[CacheCluster]:
    """Memcached clusters, and single Redis nodes in no group: at least two and one, also without any tenant."""

    def cluster(name: str, engine: str, version: str, nodes: int) -> CacheCluster:
        window = "mon:04:00-mon:05:00"
        return CacheCluster(name, "available", engine, version, "cache.t3.micro", nodes, window, created_at)

    more = instances // 200
    memcached = [cluster(f"memcached-{number}", "memcached", "1.6.22", 1 + number % 3) for number in range(2 + more)]
    return [*memcached, *(cluster(f"lone-redis-{number}", "redis", "5.0.6", 1) for number in range(1 + more))]


def parameter_groups(groups: list[ReplicationGroup]) -> list[ParameterGroup]:
    """AWS's defaults, and one for each group that the broker made."""
    families = {(shape.engine, shape.engine_version): shape.family for shape in plans.REDIS_PLANS}
    return [
        *(ParameterGroup(f"default.{family}", family, f"Default for {family}") for family in DEFAULT_FAMILIES),
        *(
            ParameterGroup(group.id, families[group.engine, group.engine_version], "Created by Cloud Foundry")
            for group in groups
            if group.id.startswith("cf-")
        ),
    ]

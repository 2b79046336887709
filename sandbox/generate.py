"""Invents a whole platform from a number of instances, a seed and a date: the same three give the same platform."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Protocol, TypeVar

from sandbox import generate_tenants as tenants
from sandbox import generate_updates as updates
from sandbox import names, plans
from sandbox.truth import CacheCluster, ParameterGroup, ReplicationGroup, Truth

PLATFORM_AGE = timedelta(days=900)
FEWEST_INSTANCES_WITH_UNCLAIMED = 3
DEFAULT_PARAMETER_GROUPS = (
    "default.redis3.2",
    "default.redis5.0",
    "default.redis6.x",
    "default.redis7",
    "default.valkey8",
    "default.memcached1.6",
)


class Named(Protocol):
    @property
    def guid(self) -> str: ...


Thing = TypeVar("Thing", bound=Named)


def generate(instances: int, seed: int, region: str, today: date) -> Truth:
    random = Random(seed)  # noqa: S311 — a fleet, not a secret
    began = datetime.combine(today, time(9), UTC) - PLATFORM_AGE

    offerings, service_plans = plans.catalogue(random, began)
    redis_plans = [plan for plan in service_plans if plan.offering_guid == offerings[0].guid]
    postgres_plans = [plan for plan in service_plans if plan.offering_guid == offerings[1].guid]
    chosen_plans = random.choices(redis_plans, [shape.weight for shape in plans.REDIS_PLANS], k=instances)
    organizations = tenants.organizations(random, instances, began)
    spaces = tenants.spaces(random, organizations, began)
    people = tenants.people(random, organizations, began)
    redis_instances = tenants.redis_instances(random, chosen_plans, spaces, began)
    other_instances = tenants.other_instances(random, instances, spaces, postgres_plans, began)

    organization_of = {space.guid: space.organization_guid for space in spaces}
    plan_of = {plan.guid: plan for plan in redis_plans}
    groups = [
        plans.replication_group(instance, plan_of[instance.plan_guid], organization_of[instance.space_guid])
        for instance in redis_instances
        if instance.is_created and instance.plan_guid
    ]
    unclaimed = _unclaimed_groups(random, instances, began)
    clusters = _lone_clusters(instances, began)
    service_updates = updates.service_updates(today)
    actions = updates.update_actions(random, service_updates, groups, unclaimed, clusters)

    return Truth(
        region=region,
        today=today,
        organizations=_by_guid(organizations),
        spaces=_by_guid(spaces),
        users=_by_guid(people.users),
        roles=_by_guid(people.roles),
        accounts={account.user_uuid: account for account in people.accounts},
        service_offerings=_by_guid(offerings),
        service_plans=_by_guid(service_plans),
        service_instances=_by_guid([*redis_instances, *other_instances]),
        replication_groups={group.id: group for group in [*groups, *unclaimed]},
        cache_clusters={cluster.id: cluster for cluster in clusters},
        parameter_groups={group.name: group for group in _parameter_groups([*groups, *unclaimed])},
        service_updates={update.name: update for update in service_updates},
        update_actions={action.key: action for action in actions},
    )


def _by_guid(things: Iterable[Thing]) -> dict[str, Thing]:
    return {thing.guid: thing for thing in things}


def _unclaimed_groups(random: Random, instances: int, began: datetime) -> list[ReplicationGroup]:
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
            created_at=began,
        )
        for number in range(count)
    ]


def _lone_clusters(instances: int, began: datetime) -> list[CacheCluster]:
    def cluster(name: str, engine: str, version: str, nodes: int) -> CacheCluster:
        return CacheCluster(name, "available", engine, version, "cache.t3.micro", nodes, "mon:04:00-mon:05:00", began)

    more = instances // 200
    memcached = [cluster(f"memcached-{n}", "memcached", "1.6.22", 1 + n % 3) for n in range(2 + more)]
    return [*memcached, *(cluster(f"lone-redis-{n}", "redis", "5.0.6", 1) for n in range(1 + more))]


def _parameter_groups(groups: list[ReplicationGroup]) -> list[ParameterGroup]:
    defaults = [
        ParameterGroup(name, name.removeprefix("default."), f"Default parameter group for {name[8:]}")
        for name in DEFAULT_PARAMETER_GROUPS
    ]
    families = {(shape.engine, shape.engine_version): shape.family for shape in plans.REDIS_PLANS}
    return defaults + [
        ParameterGroup(group.id, families[group.engine, group.engine_version], "Created by Cloud Foundry")
        for group in groups
        if group.id.startswith("cf-")
    ]

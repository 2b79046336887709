"""The broker's catalogue: which plans there are, and the replication group that an instance of each one gets."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from sandbox.names import guid
from sandbox.truth import ReplicationGroup, ServiceInstance, ServiceOffering, ServicePlan

_WINDOWS = ("sun:23:00-mon:01:30", "tue:02:00-tue:03:00", "wed:03:30-wed:04:30", "sat:22:00-sat:23:00")


@dataclass(frozen=True)
class PlanShape:
    """What the broker asks AWS for."""

    name: str
    engine: str
    engine_version: str
    family: str
    node_type: str
    shards: int = 1
    nodes_per_shard: int = 1
    is_available: bool = True
    weight: int = 4


REDIS_PLANS = (
    PlanShape("tiny-3.2", "redis", "3.2.6", "redis3.2", "cache.t3.micro", is_available=False, weight=1),
    PlanShape("tiny-5.x", "redis", "5.0.6", "redis5.0", "cache.t3.micro"),
    PlanShape("tiny-ha-5.x", "redis", "5.0.6", "redis5.0", "cache.t3.micro", nodes_per_shard=2),
    PlanShape("micro-6.x", "redis", "6.2.6", "redis6.x", "cache.t3.small"),
    PlanShape("micro-ha-6.x", "redis", "6.2.6", "redis6.x", "cache.t3.small", nodes_per_shard=2),
    PlanShape("small-7.x", "redis", "7.1.0", "redis7", "cache.t3.medium"),
    PlanShape("small-ha-7.x", "redis", "7.1.0", "redis7", "cache.t3.medium", nodes_per_shard=3),
    PlanShape("large-ha-7.x", "redis", "7.1.0", "redis7", "cache.m6g.large", shards=3, nodes_per_shard=2, weight=2),
    PlanShape("tiny-valkey-8", "valkey", "8.0.1", "valkey8", "cache.t4g.micro", weight=2),
    PlanShape("small-ha-valkey-8", "valkey", "8.0.1", "valkey8", "cache.t4g.medium", nodes_per_shard=2, weight=2),
    PlanShape(
        "large-ha-valkey-8", "valkey", "8.0.1", "valkey8", "cache.m7g.large", shards=3, nodes_per_shard=2, weight=1
    ),
)
SHAPES = {shape.name: shape for shape in REDIS_PLANS}


def catalogue(random: Random, created_at: datetime) -> tuple[list[ServiceOffering], list[ServicePlan]]:
    redis = ServiceOffering(
        guid(random),
        "redis",
        "elasticache-broker",
        guid(random),
        "AWS ElastiCache",
        ("redis", "elasticache"),
        created_at,
    )
    postgres = ServiceOffering(
        guid(random),
        "postgres",
        "rds-broker",
        guid(random),
        "AWS RDS PostgreSQL",
        ("postgres", "relational"),
        created_at,
    )
    plans = [ServicePlan(guid(random), shape.name, redis.guid, shape.is_available, created_at) for shape in REDIS_PLANS]
    plans += [ServicePlan(guid(random), name, postgres.guid, True, created_at) for name in ("tiny-13", "small-ha-13")]  # noqa: FBT003 — is_available
    return [redis, postgres], plans


def replication_group(instance: ServiceInstance, plan: ServicePlan, organization_guid: str) -> ReplicationGroup:
    """What the broker creates for an instance, tagged as the broker tags it."""
    shape = SHAPES[plan.name]
    return ReplicationGroup(
        id=instance.replication_group_id,
        status="available",
        engine=shape.engine,
        engine_version=shape.engine_version,
        node_type=shape.node_type,
        shards=shape.shards,
        nodes_per_shard=shape.nodes_per_shard,
        is_failover_automatic=shape.nodes_per_shard > 1,
        maintenance_window=_WINDOWS[len(instance.name) % len(_WINDOWS)],
        created_at=instance.created_at,
        tags=(
            ("created-by", "elasticache-broker"),
            ("service-id", plan.offering_guid),
            ("plan-id", plan.guid),
            ("organization-id", organization_guid),
            ("space-id", instance.space_guid),
            ("instance-id", instance.guid),
            ("chargeable_entity", instance.guid),
        ),
    )

"""Everything that is true of the platform at one moment, as values. Changing the platform makes a new `Truth`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sandbox.names import GROUP_IDS, replication_group_id


@dataclass(frozen=True, slots=True)
class Organization:
    guid: str
    name: str
    created_at: datetime
    is_suspended: bool = False


@dataclass(frozen=True, slots=True)
class Space:
    guid: str
    name: str
    organization_guid: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class User:
    """A holder of roles. A UAA client has its client id as guid and neither user name nor origin."""

    guid: str
    username: str | None
    origin: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Role:
    guid: str
    type: str
    user_guid: str
    organization_guid: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """What PaaS Accounts knows of a user: both texts may be missing, and two users may share an address."""

    user_uuid: str
    user_email: str | None
    username: str | None


@dataclass(frozen=True, slots=True)
class ServiceOffering:
    guid: str
    name: str
    broker_name: str
    broker_guid: str
    description: str
    tags: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ServicePlan:
    guid: str
    name: str
    offering_guid: str
    is_available: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ServiceInstance:
    """`plan_guid` is None for a user-provided instance. `group_ids` is the broker's rule for ids."""

    guid: str
    name: str
    space_guid: str
    plan_guid: str | None
    is_created: bool
    created_at: datetime
    updated_at: datetime
    group_ids: str = GROUP_IDS

    @property
    def type(self) -> str:
        return "managed" if self.plan_guid else "user-provided"

    @property
    def replication_group_id(self) -> str:
        return replication_group_id(self.guid, self.group_ids)


@dataclass(frozen=True, slots=True)
class ReplicationGroup:
    id: str
    status: str
    engine: str
    engine_version: str
    node_type: str
    shards: int
    nodes_per_shard: int
    is_failover_automatic: bool
    maintenance_window: str
    created_at: datetime
    tags: tuple[tuple[str, str], ...] = ()

    @property
    def is_cluster_mode(self) -> bool:
        return self.shards > 1

    @property
    def members_by_shard(self) -> dict[str, list[str]]:
        """The cache cluster's id of each node."""
        nodes = range(1, self.nodes_per_shard + 1)
        if not self.is_cluster_mode:
            return {"0001": [f"{self.id}-{node:03}" for node in nodes]}
        return {f"{s:04}": [f"{self.id}-{s:04}-{node:03}" for node in nodes] for s in range(1, self.shards + 1)}

    @property
    def members(self) -> list[str]:
        return [cluster_id for cluster_ids in self.members_by_shard.values() for cluster_id in cluster_ids]

    @property
    def nodes(self) -> int:
        return self.shards * self.nodes_per_shard


@dataclass(frozen=True, slots=True)
class CacheCluster:
    """A memcached cluster, or a single Redis node that belongs to no replication group."""

    id: str
    status: str
    engine: str
    engine_version: str
    node_type: str
    nodes: int
    maintenance_window: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ParameterGroup:
    name: str
    family: str
    description: str


@dataclass(frozen=True, slots=True)
class ServiceUpdate:
    name: str
    release_date: datetime
    end_date: datetime
    severity: str
    recommended_apply_by_date: datetime
    status: str
    description: str
    type: str
    engine: str
    engine_version: str
    is_auto_updated: bool
    estimated_update_time: str

    def is_for(self, engine: str) -> bool:
        return engine in {named.strip().lower() for named in self.engine.split(",")}


@dataclass(frozen=True, slots=True)
class UpdateAction:
    """One service update on one target: a replication group, or else a cache cluster."""

    service_update_name: str
    target_id: str
    is_on_group: bool
    engine: str
    status: str
    nodes_updated: int
    nodes: int
    available_at: datetime
    modified_at: datetime
    sla_met: str

    @property
    def key(self) -> tuple[str, str]:
        return self.service_update_name, self.target_id


@dataclass(frozen=True, slots=True)
class Attempt:
    """
    Somebody asked AWS to apply an update to one target, or to stop it. `refused` is AWS's word for why it did not, or
    None. `request` numbers the call, which may have named several targets. `at` is the platform's time, `arrived_at`
    the machine's.
    """

    call: str
    request: int | None
    service_update_name: str
    target_id: str
    refused: str | None
    message: str | None
    at: datetime
    arrived_at: datetime


@dataclass(frozen=True)
class Truth:
    """Every mapping is keyed by guid, id or name; `update_actions` by (service update's name, target's id)."""

    region: str
    account: str
    today: date
    organizations: Mapping[str, Organization]
    spaces: Mapping[str, Space]
    users: Mapping[str, User]
    roles: Mapping[str, Role]
    accounts: Mapping[str, Account]
    service_offerings: Mapping[str, ServiceOffering]
    service_plans: Mapping[str, ServicePlan]
    service_instances: Mapping[str, ServiceInstance]
    replication_groups: Mapping[str, ReplicationGroup]
    cache_clusters: Mapping[str, CacheCluster]
    parameter_groups: Mapping[str, ParameterGroup]
    service_updates: Mapping[str, ServiceUpdate]
    update_actions: Mapping[tuple[str, str], UpdateAction]

    @property
    def arn_prefix(self) -> str:
        return f"arn:aws:elasticache:{self.region}:{self.account}"

"""What the remote systems say about the fleet, as plain values that know nothing about protocols."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

REQUIRED_STATUSES = frozenset({"not-applied", "stopped"})
UNDER_WAY_STATUSES = frozenset({"waiting-to-start", "in-progress", "stopping"})
SCHEDULED = "scheduled"
"""AWS will apply the update by itself, and has not begun yet."""
UNSETTLED_STATUSES = REQUIRED_STATUSES | UNDER_WAY_STATUSES | {"scheduling", SCHEDULED}
"""Somebody, or AWS itself, still has something to do. The other statuses are `complete` and `not-applicable`."""

_NOT_OURS = "memcached"
_WITHDRAWN = frozenset({"cancelled", "expired"})
_MAJOR_VERSION = "engine-major-version-update"

_UNIT_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_ESTIMATE = re.compile(r"(?P<count>\d+) (?P<unit>second|minute|hour)s?( per node)?")


@dataclass(frozen=True)
class ServiceUpdate:
    """A change that AWS releases for an engine. Words from AWS that we do not know pass through unchanged."""

    name: str
    status: str
    """`available`, `cancelled` or `expired`."""
    severity: str
    """`critical`, `important`, `medium` or `low`; empty if AWS does not say."""
    type: str
    """`security-update`, `engine-update`, `engine-major-version-update`; empty if AWS does not say."""
    engine: str
    """Free text: one engine or several, such as `redis, memcached` or `Redis OSS`; empty if AWS does not say."""
    description: str = ""
    engine_version: str = ""
    """Free text, such as `redis 2.6.13 and onwards`."""
    released_at: datetime | None = None
    recommended_apply_by: datetime | None = None
    ends_at: datetime | None = None
    auto_update_after_recommended_apply_by: bool = False
    """True if AWS applies the update by itself once the recommended date has passed."""
    estimated_update_time: str = ""
    """Free text, such as `30 minutes per node`."""

    @cached_property
    def engines(self) -> tuple[str, ...]:
        """The engines that the update names, in lower case, sorted, each once."""
        return tuple(sorted({word.strip().lower() for word in self.engine.split(",") if word.strip()}))

    @property
    def estimated_seconds_per_node(self) -> float | None:
        """`estimated_update_time` as a number; None if AWS gives no estimate, or words it differently."""
        words = _ESTIMATE.fullmatch(self.estimated_update_time.strip().lower())
        return float(words["count"]) * _UNIT_SECONDS[words["unit"]] if words else None

    @property
    def is_ours(self) -> bool:
        """False only for updates for memcached alone, so that a new word from AWS never hides an update."""
        return self.engines != (_NOT_OURS,)

    @property
    def is_major_version(self) -> bool:
        """True if the update changes the engine's major version. Such an update is left out unless it is named."""
        return self.type == _MAJOR_VERSION

    @property
    def is_available(self) -> bool:
        """False only for what AWS has withdrawn, so that a new word from AWS never hides an update."""
        return self.status not in _WITHDRAWN


@dataclass(frozen=True, slots=True)
class UpdateAction:
    """One service update × one replication group. Actions on lone cache clusters are not read from AWS."""

    service_update_name: str
    replication_group_id: str
    status: str
    nodes_updated: int | None = None
    """How many of the group's `nodes_count` are updated. Both are None unless AWS gives them in the form `1/3`."""
    nodes_count: int | None = None
    status_modified_at: datetime | None = None
    service_update_status: str = ""
    """That of its update, `available`, `cancelled` or `expired`; empty where AWS does not say."""

    @property
    def is_required(self) -> bool:
        return self.status in REQUIRED_STATUSES

    @property
    def is_under_way(self) -> bool:
        return self.status in UNDER_WAY_STATUSES

    @property
    def is_scheduled(self) -> bool:
        return self.status == SCHEDULED


@dataclass(frozen=True, slots=True)
class ReplicationGroup:
    id: str
    status: str
    engine: str
    """In lower case; empty if AWS does not say."""
    nodes_count: int
    has_automatic_failover: bool
    nodes_of_largest_shard: int = 0
    """0 where AWS does not say how the nodes are divided."""
    node_type: str = ""
    """Such as `cache.t4g.micro`; empty if AWS does not say."""
    arn_prefix: str = ""
    """The ARN without the id, because thousands of groups have it in common; empty if AWS gives no ARN."""
    aws_account_id: str = ""
    """Twelve digits; empty if AWS does not say."""

    @property
    def arn(self) -> str:
        """Empty if AWS gives none."""
        return self.arn_prefix and self.arn_prefix + self.id

    @property
    def nodes_in_turn(self) -> int:
        """How many AWS updates one after another: shards side by side, and of each no more than one node at a time."""
        return max(1, self.nodes_of_largest_shard or self.nodes_count)

    @property
    def is_highly_available(self) -> bool:
        return self.has_automatic_failover and self.nodes_count > 1


@dataclass(frozen=True, slots=True)
class GroupTags:
    """What AWS's tag index says of replication groups."""

    by_group: Mapping[str, Mapping[str, str]]
    """By group's id, the values of those tag keys that were wanted. A group that is missing has no tag, or is new."""
    keys: frozenset[str]
    """All tag keys of any of the groups."""


@dataclass(frozen=True, slots=True)
class ServiceInstance:
    """What a tenant created. Tenants choose the names, which can hold any character."""

    guid: str
    name: str
    plan_name: str
    space_guid: str
    space_name: str
    org_guid: str
    org_name: str
    replication_group_id: str = ""
    """Empty until `fleet.tenants.claims` finds it."""
    contact: str = ""
    """What a tag of the group says of whom to tell, as it stands; empty without such a tag."""


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """How much the account has of what AWS limits, whether it belongs to tenants or not."""

    cache_nodes_count: int
    """Nodes of every engine, in replication groups or not."""
    cache_parameter_groups_count: int
    """The account's own groups, without AWS's defaults."""


@dataclass(frozen=True, slots=True)
class User:
    """A person or a UAA client that holds a role. A client's guid is its client id, and its user name is None."""

    guid: str
    username: str | None = None
    """None also if user names were not asked for."""


@dataclass(frozen=True, slots=True)
class Organization:
    guid: str
    is_suspended: bool
    managers: tuple[User, ...]
    """The org's managers, sorted by guid, each once."""

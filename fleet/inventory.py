"""What the remote systems say about the fleet, in our words: plain values that know nothing of protocols."""

import re
import sys
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from fleet.replication_group_id import replication_group_id

REQUIRED_STATUSES = frozenset({"not-applied", "stopped"})
UNDER_WAY_STATUSES = frozenset({"waiting-to-start", "in-progress", "stopping"})
SCHEDULED = "scheduled"
"""AWS will apply it by itself, and has not begun."""
UNSETTLED_STATUSES = REQUIRED_STATUSES | UNDER_WAY_STATUSES | {"scheduling", SCHEDULED}
"""Something is left to be done, by whomever. The others are `complete` and `not-applicable`."""

_NOT_OURS = "memcached"
_MAJOR_VERSION = "engine-major-version-update"

_UNIT_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_ESTIMATE = re.compile(r"(?P<count>\d+) (?P<unit>second|minute|hour)s?( per node)?")


@dataclass(frozen=True)
class ServiceUpdate:
    """A change that AWS releases for an engine. Words of AWS's that we do not know pass through as they are."""

    name: str
    status: str
    """`available`, `cancelled` or `expired`."""
    severity: str
    """`critical`, `important`, `medium` or `low`; empty where AWS does not say."""
    type: str
    """`security-update`, `engine-update`, `engine-major-version-update`; empty where AWS does not say."""
    engine: str
    """Free text: one engine or several, such as `redis, memcached` or `Redis OSS`; empty where AWS does not say."""
    description: str = ""
    engine_version: str = ""
    """Free text, such as `redis 2.6.13 and onwards`."""
    released_at: datetime | None = None
    recommended_apply_by: datetime | None = None
    ends_at: datetime | None = None
    auto_update_after_recommended_apply_by: bool = False
    """Whether AWS applies it by itself once the recommended date has passed."""
    estimated_update_time: str = ""
    """Free text, such as `30 minutes per node`."""

    @cached_property
    def engines(self) -> tuple[str, ...]:
        """The engines it names, lower-case, sorted, each once."""
        return tuple(sorted({word.strip().lower() for word in self.engine.split(",") if word.strip()}))

    @property
    def estimated_seconds_per_node(self) -> float | None:
        """`estimated_update_time` as a number; None where AWS gives none, or words it in another way."""
        words = _ESTIMATE.fullmatch(self.estimated_update_time.strip().lower())
        return float(words["count"]) * _UNIT_SECONDS[words["unit"]] if words else None

    @property
    def is_ours(self) -> bool:
        """Only what is for memcached alone is not: words that AWS finds tomorrow must not hide an update."""
        return self.engines != (_NOT_OURS,)

    @property
    def is_major_version(self) -> bool:
        """Whether it changes what the tenant's own program talks to: never done unless somebody names it."""
        return self.type == _MAJOR_VERSION

    @property
    def is_available(self) -> bool:
        return self.status == "available"


@dataclass(frozen=True, slots=True)
class UpdateAction:
    """One service update × one replication group. Actions on lone cache clusters are left out where AWS is read."""

    service_update_name: str
    replication_group_id: str
    status: str
    nodes_updated: int | None = None
    """Of the group's `nodes_count`; both are None where AWS does not say, or in other words than `1/3`."""
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
    """Lower-case; empty where AWS does not say."""
    nodes_count: int
    has_automatic_failover: bool
    nodes_of_largest_shard: int = 0
    """0 where AWS does not say how the nodes are divided."""

    @property
    def nodes_in_turn(self) -> int:
        """How many AWS updates one after another: shards side by side, and of each no more than one node at a time."""
        return max(1, self.nodes_of_largest_shard or self.nodes_count)

    @property
    def is_highly_available(self) -> bool:
        return self.has_automatic_failover and self.nodes_count > 1


@dataclass(frozen=True, slots=True)
class ServiceInstance:
    """What the tenant created in Cloud Foundry. Names are the tenant's own text and can hold any character."""

    guid: str
    name: str
    plan_name: str
    space_guid: str
    space_name: str
    org_guid: str
    org_name: str
    replication_group_id: str = field(init=False, repr=False, compare=False)
    """Derived once: it takes longer than everything else that is done with an instance."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "replication_group_id", sys.intern(replication_group_id(self.guid)))


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """What the account has of that for which AWS sets it a limit, a tenant's or not."""

    cache_nodes_count: int
    """Of every engine, in replication groups or not."""
    cache_parameter_groups_count: int
    """Without AWS's own defaults."""


@dataclass(frozen=True, slots=True)
class User:
    """Who holds a role: a person, or a UAA client, whose guid is its client id and whose user name is None."""

    guid: str
    username: str | None = None
    """None also where it was not asked for."""


@dataclass(frozen=True, slots=True)
class Organization:
    guid: str
    is_suspended: bool
    managers: tuple[User, ...]
    """Sorted by guid, each once."""

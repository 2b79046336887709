"""What a plan consists of: the updates to apply, and those to leave alone with the reason. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from fleet.estimates import of_group
from fleet.inventory import ReplicationGroup, ServiceInstance, ServiceUpdate
from ledger.deferral import Deferral
from ledger.who_was_told import Told


class Reason(StrEnum):
    """Why an update is left alone. Of several that hold, the first of these counts."""

    UNCLAIMED = "unclaimed"
    MAJOR_VERSION = "major_version"
    DEFERRED = "deferred"
    NOT_TOLD = "not_told"
    NOT_IN_THE_MAIL = "not_in_the_mail"
    NOT_AVAILABLE = "not_available"
    UNDER_WAY = "under_way"
    UPDATE_GONE = "update_gone"
    NO_TIME = "no_time"


def why_untold(instance: ServiceInstance, told: Told) -> Reason | None:
    """None where somebody in its org was told about this very instance."""
    if not told.has_org(instance.org_guid):
        return Reason.NOT_TOLD
    return None if told.has_instance(instance) else Reason.NOT_IN_THE_MAIL


AS_WISHED = frozenset({Reason.UNCLAIMED, Reason.MAJOR_VERSION, Reason.DEFERRED})
"""Nothing went wrong: these do not change the exit status."""


@dataclass(frozen=True)
class Subject:
    """One update on one group."""

    replication_group_id: str
    service_update: str
    instance: ServiceInstance | None
    """None where no tenant claims the group."""
    nodes: int
    is_highly_available: bool
    estimate: timedelta
    """For the whole group."""

    @property
    def key(self) -> tuple[str, str]:
        return self.replication_group_id, self.service_update


@dataclass(frozen=True)
class Step:
    subject: Subject
    is_canary: bool
    starts_at: datetime
    """Expected, as is the end."""
    ends_at: datetime
    fits: bool
    note: str | None = None
    """What the operator should know about it, such as an update that was released after the mail."""
    still_waiting: tuple[str, ...] = ()
    """Updates of the group that this one does not bring: newer ones, and major versions."""


@dataclass(frozen=True)
class Skip:
    subject: Subject
    reason: Reason
    aws_says: str | None = None
    deferral: Deferral | None = None
    is_by_aws: bool = False
    """Under way or scheduled by AWS itself."""

    @property
    def is_as_wished(self) -> bool:
        return self.reason in AS_WISHED or self.is_by_aws


def subject(
    group_id: str, group: ReplicationGroup | None, update: ServiceUpdate, instance: ServiceInstance | None
) -> Subject:
    """`group` is None where AWS does not list it, although it lists an update for it."""
    return Subject(
        replication_group_id=group_id,
        service_update=update.name,
        instance=instance,
        nodes=group.nodes_count if group else 0,
        is_highly_available=group is not None and group.is_highly_available,
        estimate=of_group(update, group),
    )

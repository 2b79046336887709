"""Everything about one region at one moment: AWS's and Cloud Foundry's answers, joined."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from fleet.inventory import QuotaUse, ReplicationGroup, ServiceInstance, ServiceUpdate, UpdateAction

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RequiredUpdate:
    """An update that waits for a replication group; `service_instance` is None if the group belongs to no tenant."""

    service_update: ServiceUpdate
    action: UpdateAction
    service_instance: ServiceInstance | None


@dataclass(frozen=True)
class Survey:
    """
    Everything downstream is a function of this value, which never changes after the survey.

    `service_updates` are the available updates for all engines. `update_actions` are our updates' actions on which
    something is left to do: they wait, are under way, or are planned by AWS. Complete and not applicable actions are
    left out, because AWS has one for every update that a group ever had. `service_instances` are those of the
    configured offerings. Everything is listed once, sorted by name, id or guid.
    """

    aws_region: str
    taken_at: datetime
    service_updates: tuple[ServiceUpdate, ...]
    update_actions: tuple[UpdateAction, ...]
    replication_groups: tuple[ReplicationGroup, ...]
    service_instances: tuple[ServiceInstance, ...]
    quota_use: QuotaUse | None = None
    """None if it was not asked for."""

    @cached_property
    def our_service_updates(self) -> tuple[ServiceUpdate, ...]:
        """The available updates, except those for memcached alone."""
        return tuple(update for update in self.service_updates if update.is_available and update.is_ours)

    @cached_property
    def our_update_actions(self) -> tuple[UpdateAction, ...]:
        """The actions of our updates."""
        ours = {update.name for update in self.our_service_updates}
        return tuple(action for action in self.update_actions if action.service_update_name in ours)

    @cached_property
    def required_updates(self) -> tuple[RequiredUpdate, ...]:
        """Every update that waits for a group, whether the group belongs to a tenant or not."""
        updates = {update.name: update for update in self.our_service_updates}
        instances = {instance.replication_group_id: instance for instance in self.service_instances}
        return tuple(
            RequiredUpdate(updates[action.service_update_name], action, instances.get(action.replication_group_id))
            for action in self.our_update_actions
            if action.is_required
        )

    @cached_property
    def groups_by_id(self) -> dict[str, ReplicationGroup]:
        return {group.id: group for group in self.replication_groups}

    @cached_property
    def unclaimed_group_ids(self) -> tuple[str, ...]:
        """The sorted ids of groups that have an update waiting and belong to no service instance."""
        return tuple(
            sorted({r.action.replication_group_id for r in self.required_updates if r.service_instance is None})
        )

    @cached_property
    def unknown_instances(self) -> tuple[ServiceInstance, ...]:
        """Instances whose group AWS does not know. They are being created, half deleted, or in another account."""
        return tuple(i for i in self.service_instances if i.replication_group_id not in self.groups_by_id)

    @cached_property
    def waiting_instance_guids(self) -> frozenset[str]:
        """The instances that have at least one update waiting."""
        return frozenset(r.service_instance.guid for r in self.required_updates if r.service_instance is not None)

    @cached_property
    def aws_account_id(self) -> str | None:
        """The account that the replication groups belong to; None if there is no group, or AWS does not say."""
        found = {group.aws_account_id for group in self.replication_groups}
        return next(iter(found)) or None if len(found) == 1 else None

    @property
    def waiting_fraction(self) -> float:
        """The share of instances that have at least one update waiting, from 0 to 1; 0 if there are no instances."""
        return len(self.waiting_instance_guids) / len(self.service_instances) if self.service_instances else 0.0


def newest_applicable(
    updates: Iterable[ServiceUpdate], actions: Iterable[UpdateAction], announced: Collection[str]
) -> dict[str, UpdateAction]:
    """
    For each group, the action that brings it up to date: the action of the given update that was released last.

    Updates are cumulative, so the newest contains the older ones; their names carry no reliable date. Updates that AWS
    has scheduled by itself are left to AWS, except on `announced` groups, whose tenants were told about the window.
    """
    place = {update.name: number for number, update in enumerate(newest_first(updates))}
    newest: dict[str, UpdateAction] = {}
    for action in actions:
        group = action.replication_group_id
        is_applicable = action.is_required or (action.is_scheduled and group in announced)
        if action.service_update_name not in place or not is_applicable:
            continue
        if group not in newest or place[action.service_update_name] < place[newest[group].service_update_name]:
            newest[group] = action
    return newest


def newest_first(updates: Iterable[ServiceUpdate]) -> list[ServiceUpdate]:
    """Sorted by name where two were released at the same moment, so that the answer is always the same."""
    return sorted(updates, key=lambda update: (update.released_at or _LONG_AGO, update.name), reverse=True)

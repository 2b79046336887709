"""Joins each service instance with its group and with what AWS has left to do on it. Pure."""

from typing import NamedTuple

from exporter.region_status import RegionStatus
from fleet.inventory import ReplicationGroup, ServiceInstance, ServiceUpdate, UpdateAction
from fleet.survey import Survey


class Left(NamedTuple):
    """An update of which something is left to do on a group: it waits, is under way, or is planned by AWS."""

    update: ServiceUpdate
    action: UpdateAction


class InstanceRow(NamedTuple):
    """Named tuples, because twenty thousand of them are made before anybody may see the first."""

    aws_region: str
    region_name: str
    instance: ServiceInstance
    group: ReplicationGroup | None
    """None where AWS does not know it."""
    left: tuple[Left, ...]

    @property
    def is_waiting(self) -> bool:
        return any(left.action.is_required for left in self.left)

    @property
    def is_under_way(self) -> bool:
        return any(left.action.is_under_way for left in self.left)

    def has_text(self, folded: str) -> bool:
        """Whether a name, plan or id of it has this part; `folded` is in the form of `str.casefold`."""
        instance = self.instance
        names = (instance.name, instance.space_name, instance.org_name, instance.plan_name, instance.guid)
        ids = (instance.space_guid, instance.org_guid, instance.replication_group_id)
        return folded in "\n".join((*names, *ids)).casefold()


def instance_rows(status: RegionStatus, survey: Survey) -> tuple[InstanceRow, ...]:
    """Sorted by org, space and name, without regard to case."""
    updates = {update.name: update for update in survey.our_service_updates}
    by_group: dict[str, list[Left]] = {}
    for action in survey.our_update_actions:
        if action.is_required or action.is_under_way or action.is_scheduled or action.status == "scheduling":
            by_group.setdefault(action.replication_group_id, []).append(
                Left(updates[action.service_update_name], action)
            )
    groups = survey.groups_by_id
    rows = (
        InstanceRow(
            status.aws_region,
            status.region_name,
            instance,
            groups.get(instance.replication_group_id),
            tuple(by_group.get(instance.replication_group_id, ())),
        )
        for instance in survey.service_instances
    )
    return tuple(sorted(rows, key=by_place))


def by_place(row: InstanceRow) -> tuple[str, str, str, str]:
    instance = row.instance
    return (
        instance.org_name.casefold(),
        instance.space_name.casefold(),
        instance.name.casefold(),
        instance.guid,
    )

"""Joins each service instance with its group and with what AWS has left to do on it, once for each survey. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from exporter.region_status import RegionStatus
from fleet.inventory import ReplicationGroup, ServiceInstance, ServiceUpdate, UpdateAction
from fleet.survey import Survey


class InstanceRow(NamedTuple):
    """
    Twenty thousand of them are made before anybody may see the first, and looked at for every view.

    That is why they are named tuples, and why sets of updates are numbers with one bit for each update.
    """

    aws_region: str
    region_name: str
    instance: ServiceInstance
    group: ReplicationGroup | None
    """None where AWS does not know it."""
    actions: tuple[UpdateAction, ...]
    """Those on which something is left to do: they wait, are under way, or are planned by AWS."""
    waiting: int
    """The updates that wait."""
    under_way: int
    stopped: int
    """Of those that wait."""
    scheduled: int
    """Those that AWS has scheduled, or is scheduling."""
    left: int
    """The updates of all its actions."""
    is_highly_available: bool
    nodes_in_turn: int

    def has_text(self, folded: str) -> bool:
        """Whether a name, plan or id of it has this part; `folded` is in the form of `str.casefold`."""
        instance = self.instance
        names = (instance.name, instance.space_name, instance.org_name, instance.plan_name, instance.guid)
        ids = (instance.space_guid, instance.org_guid, instance.replication_group_id)
        return folded in "\n".join((*names, *ids)).casefold()


@dataclass(frozen=True)
class JoinedSurvey:
    """A survey as the page needs it, whatever the view, the ledger and the moment."""

    survey: Survey
    rows: Sequence[InstanceRow]
    """Sorted by org, space and name, without regard to case."""
    bits: Mapping[str, int]
    """By the update's name."""
    waiting_instances: Mapping[str, int]
    """By the update's name, how many instances it waits for; the next ones are likewise."""
    waiting_groups: Mapping[str, int]
    under_way_groups: Mapping[str, int]
    scheduled_groups: Mapping[str, int]
    scheduled_since: Mapping[str, datetime]
    """By the update's name when AWS began to schedule it, where AWS says so. It gives no moment to come."""
    without_major: frozenset[str]
    """The guids of the instances for which an update waits that is no major version."""

    def update_set(self, updates: Iterable[ServiceUpdate]) -> int:
        """Of these updates those that the region has, as a number with their bits."""
        return sum({self.bits.get(update.name, 0) for update in updates})


def joined_survey(status: RegionStatus, survey: Survey) -> JoinedSurvey:
    bits = {update.name: 1 << number for number, update in enumerate(survey.our_service_updates)}
    minor = sum(bits[update.name] for update in survey.our_service_updates if not update.is_major_version)
    rows = tuple(sorted(_rows(status, survey, bits), key=by_place))
    actions = survey.our_update_actions
    return JoinedSurvey(
        survey=survey,
        rows=rows,
        bits=bits,
        waiting_instances=Counter(
            r.service_update.name for r in survey.required_updates if r.service_instance is not None
        ),
        waiting_groups=Counter(action.service_update_name for action in actions if action.is_required),
        under_way_groups=Counter(action.service_update_name for action in actions if action.is_under_way),
        scheduled_groups=Counter(action.service_update_name for action in actions if _is_of_aws(action)),
        scheduled_since=_scheduled_since(actions),
        without_major=frozenset(row.instance.guid for row in rows if row.waiting & minor),
    )


def _is_of_aws(action: UpdateAction) -> bool:
    return action.is_scheduled or action.status == "scheduling"


def _scheduled_since(actions: Iterable[UpdateAction]) -> Mapping[str, datetime]:
    found: dict[str, datetime] = {}
    for action in actions:
        since = action.status_modified_at
        if since is not None and _is_of_aws(action):
            name = action.service_update_name
            found[name] = min(since, found.get(name, since))
    return found


def by_place(row: InstanceRow) -> tuple[str, str, str, str]:
    instance = row.instance
    return (
        instance.org_name.casefold(),
        instance.space_name.casefold(),
        instance.name.casefold(),
        instance.guid,
    )


def _rows(status: RegionStatus, survey: Survey, bits: Mapping[str, int]) -> Iterable[InstanceRow]:
    by_group: dict[str, list[UpdateAction]] = {}
    for action in survey.our_update_actions:
        if action.is_required or action.is_under_way or _is_of_aws(action):
            by_group.setdefault(action.replication_group_id, []).append(action)
    groups = survey.groups_by_id
    for instance in survey.service_instances:
        group = groups.get(instance.replication_group_id)
        actions = by_group.get(instance.replication_group_id, ())
        waiting = under_way = stopped = scheduled = left = 0
        for action in actions:
            bit = bits[action.service_update_name]
            left |= bit
            if action.is_required:
                waiting |= bit
                if action.status == "stopped":
                    stopped |= bit
            elif action.is_under_way:
                under_way |= bit
            else:
                scheduled |= bit
        yield InstanceRow(
            aws_region=status.aws_region,
            region_name=status.region_name,
            instance=instance,
            group=group,
            actions=tuple(actions),
            waiting=waiting,
            under_way=under_way,
            stopped=stopped,
            scheduled=scheduled,
            left=left,
            is_highly_available=group is not None and group.is_highly_available,
            nodes_in_turn=group.nodes_in_turn if group else 1,
        )

"""Which update, if any, a replication group gets: the newest that was chosen and that AWS would apply. Pure."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from fleet.inventory import ServiceInstance, ServiceUpdate, UpdateAction
from fleet.survey import Survey, newest_applicable, newest_first
from notifier.affected import Selection

_OVER = frozenset({"complete", "not-applicable"})


@dataclass(frozen=True)
class Choice:
    """Of one group. Where nothing is applicable, `update` is what AWS or somebody else is at, or a major version."""

    group_id: str
    instance: ServiceInstance | None
    update: ServiceUpdate
    action: UpdateAction
    busy: UpdateAction | None
    """An update of the group, whether it was chosen or not, that is under way or will be by AWS's own decision."""
    is_applicable: bool
    is_only_major: bool
    still_waiting: tuple[str, ...]
    """Updates that wait for the group and that this one does not bring: newer ones, and major versions."""


def choices(survey: Survey, selection: Selection, announced: Collection[str]) -> Iterator[Choice]:
    """By group, in the order of their ids; `announced` are the groups whose tenants were told of the window."""
    updates = {update.name: update for update in survey.our_service_updates}
    chosen = [update for update in updates.values() if selection.has_update(update)]
    majors = [update for update in updates.values() if _is_left_out_major(update, selection)]
    applicable = newest_applicable(chosen, survey.our_update_actions, announced)
    instances = {instance.replication_group_id: instance for instance in survey.service_instances}
    for group_id, actions in _by_group(survey.our_update_actions).items():
        found = applicable.get(group_id)
        action = found or _newest(actions, chosen) or _newest(actions, majors)
        if action is not None:
            update = updates[action.service_update_name]
            is_major = update in majors
            yield Choice(
                group_id=group_id,
                instance=instances.get(group_id),
                update=update,
                action=action,
                busy=_busy(actions, action, is_applicable=found is not None),
                is_applicable=found is not None,
                is_only_major=is_major,
                still_waiting=() if is_major else tuple(_not_brought(update, actions, updates)),
            )


def _is_left_out_major(update: ServiceUpdate, selection: Selection) -> bool:
    """Chosen, were it not a major version."""
    is_named_away = bool(selection.only_updates) and update.name not in selection.only_updates
    is_severe = not selection.severities or update.severity in selection.severities
    return update.is_major_version and not selection.has_update(update) and is_severe and not is_named_away


def _by_group(actions: Iterable[UpdateAction]) -> dict[str, list[UpdateAction]]:
    found: dict[str, list[UpdateAction]] = {}
    for action in sorted(actions, key=lambda action: action.replication_group_id):
        if action.status in _OVER:
            continue
        found.setdefault(action.replication_group_id, []).append(action)
    return found


def _newest(actions: Iterable[UpdateAction], updates: Iterable[ServiceUpdate]) -> UpdateAction | None:
    by_update = {action.service_update_name: action for action in actions}
    return next((by_update[u.name] for u in newest_first(updates) if u.name in by_update), None)


def _busy(actions: Iterable[UpdateAction], chosen: UpdateAction, *, is_applicable: bool) -> UpdateAction | None:
    """What AWS has scheduled is no obstacle to the update that was chosen; where none was, it is what AWS is at."""
    others = [action for action in actions if action.is_under_way or action.status == "scheduling"]
    if others:
        return others[0]
    return None if is_applicable else chosen


def _not_brought(
    update: ServiceUpdate, actions: Iterable[UpdateAction], updates: dict[str, ServiceUpdate]
) -> Iterator[str]:
    order = [other.name for other in newest_first(updates.values())]
    for action in actions:
        other = updates[action.service_update_name]
        is_newer = order.index(other.name) < order.index(update.name)
        if action.is_required and (is_newer or (other.is_major_version and other is not update)):
            yield other.name

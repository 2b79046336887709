"""Finds the replication groups that a service update is for, and those on which something is left to do."""

import re

from fleet.inventory import ReplicationGroup, ServiceUpdate, UpdateAction
from fleet.survey import Survey

SETTLED_STATUSES = frozenset({"complete", "not-applicable"})
"""Nothing waits or is under way in these statuses. Surveys need not list such actions, so they are never counted."""

_ENGINES_OF_GROUPS = frozenset({"redis", "valkey"})


def unsettled_actions(survey: Survey) -> list[UpdateAction]:
    """Our updates' actions that wait, are under way, or are planned by AWS."""
    return [action for action in survey.our_update_actions if action.status not in SETTLED_STATUSES]


def groups_by_update(survey: Survey) -> dict[str, set[str]]:
    """
    The ids of the groups that each of our updates is for, by the update's name.

    A group with an unsettled action always counts, whatever its engine, so that the number of settled groups, which is
    the rest, is never negative. AWS may list an action on a group that it does not list as a group any more.
    """
    groups = {
        update.name: {group.id for group in survey.replication_groups if is_for(update, group)}
        for update in survey.our_service_updates
    }
    for action in unsettled_actions(survey):
        groups[action.service_update_name].add(action.replication_group_id)
    return groups


def is_for(update: ServiceUpdate, group: ReplicationGroup) -> bool:
    """
    True if the update is, as far as AWS says, for the group's engine.

    An update's engine is free text, such as `redis, valkey` or `Redis OSS`. If it names no engine that groups have, or
    if AWS does not give the group's engine, the update may be for the group, so the answer is yes.
    """
    words = _words(update.engine)
    return not group.engine or not _ENGINES_OF_GROUPS.intersection(words) or group.engine in words


def _words(engine: str) -> list[str]:
    return re.findall(r"[a-z]+", engine.lower())

"""Which groups something still waits for, and why the window has not brought it, or will not. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fleet.inventory import SCHEDULED, ServiceInstance, ServiceUpdate, UpdateAction
from ledger.deferral import Deferral
from ledger.update_record import UpdateState
from notifier.checklist.facts import Facts, long_name


class Why(StrEnum):
    """Of several that hold, the first of these counts."""

    UNCLAIMED = "no tenant claims it"
    MAJOR_VERSION = "a major version"
    DEFERRED = "deferred"
    STILL_LISTED = "still listed after this window's update"
    UNDER_WAY = "under way"
    FAILED = "failed"
    REFUSED = "refused by AWS"
    STOPPED = "stopped"
    NOT_SETTLED = "begun, outcome not known"
    NEWER = "released after the window"
    NOT_TOLD = "nobody in its {org} was told"
    NOT_IN_THE_MAIL = "its {org} was told, not of this instance"
    OTHERS = "under way, not begun by this window"
    BY_AWS = "AWS applies it by itself"
    NOT_REACHED = "not begun"


def in_words(why: Why, org_word: str) -> str:
    return why.value.replace("{org}", org_word)


AS_WISHED = frozenset({Why.UNCLAIMED, Why.MAJOR_VERSION, Why.DEFERRED, Why.STILL_LISTED, Why.NEWER, Why.BY_AWS})
"""It waits for another window, and nothing went wrong."""


@dataclass(frozen=True, slots=True)
class Left:
    """One group that something waits for."""

    replication_group_id: str
    instance: ServiceInstance | None
    updates: tuple[str, ...]
    why: Why
    deferral: Deferral | None = None

    def reason(self, org_word: str) -> str:
        return in_words(self.why, org_word)

    @property
    def name(self) -> str:
        return self.replication_group_id if self.instance is None else long_name(self.instance)


_OF_RECORD = {
    UpdateState.COMPLETE: Why.STILL_LISTED,
    UpdateState.STARTED: Why.UNDER_WAY,
    UpdateState.STARTING: Why.NOT_SETTLED,
    UpdateState.FAILED: Why.FAILED,
    UpdateState.REFUSED: Why.REFUSED,
    UpdateState.STOPPED: Why.STOPPED,
}


def left(facts: Facts) -> list[Left]:
    """By name; those that no tenant claims come last. Nothing where there is no survey."""
    found = list(_left(facts))
    return sorted(found, key=lambda one: (one.instance is None, one.name.casefold(), one.replication_group_id))


def _left(facts: Facts) -> Iterator[Left]:
    survey = facts.survey
    if survey is None:
        return
    updates = {update.name: update for update in survey.our_service_updates}
    instances = {instance.replication_group_id: instance for instance in survey.service_instances}
    by_group: dict[str, list[UpdateAction]] = {}
    for action in survey.our_update_actions:
        if action.is_required or action.is_under_way or action.status in ("scheduling", SCHEDULED):
            by_group.setdefault(action.replication_group_id, []).append(action)
    for group, actions in by_group.items():
        instance = instances.get(group)
        why = _why(facts, group, instance, actions, [updates[action.service_update_name] for action in actions])
        deferral = facts.deferred.get(instance.guid) if instance and why is Why.DEFERRED else None
        names = tuple(sorted({action.service_update_name for action in actions}))
        yield Left(group, instance, names, why, deferral)


def _why(
    facts: Facts,
    group: str,
    instance: ServiceInstance | None,
    actions: Sequence[UpdateAction],
    updates: Sequence[ServiceUpdate],
) -> Why:
    records = sorted(
        (record for record in facts.updates if record.replication_group_id == group), key=lambda r: r.attempted_at
    )
    if records and (instance is None or instance.guid not in facts.deferred):
        return _OF_RECORD[records[-1].state]
    if instance is None:
        return Why.UNCLAIMED
    if all(update.is_major_version for update in updates):
        return Why.MAJOR_VERSION
    if instance.guid in facts.deferred:
        return Why.DEFERRED
    if all(_is_newer(update, facts.maintenance.window.ends_at) for update in updates if not update.is_major_version):
        return Why.NEWER
    return _why_of_tenant(facts, instance, actions)


def _why_of_tenant(facts: Facts, instance: ServiceInstance, actions: Sequence[UpdateAction]) -> Why:
    if any(action.is_under_way for action in actions):
        return Why.OTHERS
    is_told = facts.told.has_instance(instance)
    if not any(action.is_required or (action.is_scheduled and is_told) for action in actions):
        return Why.BY_AWS
    if not facts.told.has_org(instance.org_guid):
        return Why.NOT_TOLD
    return Why.NOT_REACHED if is_told else Why.NOT_IN_THE_MAIL


def _is_newer(update: ServiceUpdate, than: datetime) -> bool:
    return update.released_at is not None and update.released_at >= than

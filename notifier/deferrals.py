"""Which instances a window leaves alone because their tenants asked for it, and what is unwise about that. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from fleet.errors import ConfigurationError
from fleet.inventory import ServiceInstance, ServiceUpdate
from fleet.survey import Survey
from ledger.deferral import Deferral, longest
from notifier.instance_names import long_name
from notifier.window import MaintenanceWindow

_FORM = "write it as 2026-07-01"


def counting(
    deferrals: Iterable[Deferral], instances: Iterable[ServiceInstance], window: MaintenanceWindow
) -> dict[str, Deferral]:
    """By the guid of the instance, of those given, the deferral for which the window leaves it alone."""
    covering = [deferral for deferral in deferrals if deferral.covers(window.key, window.starts_at)]
    found = {
        instance.guid: longest(d for d in covering if d.is_for(instance.guid, instance.org_guid))
        for instance in instances
    }
    return {guid: deferral for guid, deferral in found.items() if deferral is not None}


def covered_instances(deferral: Deferral, instances: Iterable[ServiceInstance]) -> list[ServiceInstance]:
    """Those that it is about now, by their long names."""
    return sorted((i for i in instances if deferral.is_for(i.guid, i.org_guid)), key=long_name)


def former(deferral: Deferral, deferrals: Iterable[Deferral]) -> list[Deferral]:
    """Those whose place it takes: active ones for the same target."""
    return [other for other in deferrals if other.is_active and other.identity == deferral.identity]


def taken_back(deferral: Deferral, at: datetime, by: str) -> Deferral:
    return replace(deferral, ended_at=at, ended_by=by)


def until_day(text: str, zone: ZoneInfo, now: datetime) -> date:
    """What `--until` says. Raises ConfigurationError for what is no day, and for a day that would defer nothing."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise ConfigurationError(f"--until '{text}': not a date; {_FORM}") from None
    if datetime.combine(day, time(), zone) <= now:
        raise ConfigurationError(f"--until '{text}' lies in the past")
    return day


def deferral_warnings(deferral: Deferral, survey: Survey) -> list[str]:
    """What speaks against it, without forbidding it: one line each, by instance and update."""
    updates = {update.name: update for update in survey.our_service_updates}
    found: list[str] = []
    for instance in covered_instances(deferral, survey.service_instances):
        for action in survey.our_update_actions:
            if action.replication_group_id != instance.replication_group_id:
                continue
            update = updates[action.service_update_name]
            if action.is_under_way:
                found.append(f"{long_name(instance)}: update {update.name} is under way already; this does not stop it")
            elif not update.is_major_version:
                found += [f"{long_name(instance)}: {warning}" for warning in _lateness(deferral, update)]
    return found


def _lateness(deferral: Deferral, update: ServiceUpdate) -> Iterator[str]:
    apply_by = update.recommended_apply_by
    if apply_by is None or deferral.lasts_until <= apply_by:
        return
    forced = (
        "; AWS applies it by itself after that day, whatever is deferred"
        if update.auto_update_after_recommended_apply_by
        else ""
    )
    yield f"update {update.name} should be applied by {apply_by:%-d %B %Y}, before the deferral ends{forced}"

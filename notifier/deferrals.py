"""Which instances a window leaves alone because their tenants asked for it, and what is unwise about that. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from fleet.errors import ConfigurationError
from fleet.inventory import ServiceInstance, ServiceUpdate
from fleet.survey import Survey
from ledger.deferral import Deferral, Target, longest_each
from notifier.instance_names import long_name, named_instance, named_org
from notifier.window import MaintenanceWindow

_FORM = "write it as 2026-07-01"


def counting(
    deferrals: Iterable[Deferral], instances: Iterable[ServiceInstance], window: MaintenanceWindow
) -> dict[str, Deferral]:
    """By the guid of the instance, of those given, the deferral for which the window leaves it alone."""
    return longest_each(in_force(deferrals, window), instances)


def in_force(deferrals: Iterable[Deferral], window: MaintenanceWindow) -> list[Deferral]:
    """Those that ask to be left out of the window."""
    return [deferral for deferral in deferrals if deferral.covers(window.key, window.starts_at)]


def lasting(deferrals: Iterable[Deferral], instances: Iterable[ServiceInstance], now: datetime) -> dict[str, Deferral]:
    """Like `counting`, whatever the window: the deferral that lasts longest, if its time is not over."""
    return longest_each(in_force_now(deferrals, now), instances)


def in_force_now(deferrals: Iterable[Deferral], now: datetime) -> list[Deferral]:
    """Those whose time is not over, whatever the window."""
    return [deferral for deferral in deferrals if deferral.is_active and deferral.lasts_until > now]


def covered_instances(deferral: Deferral, instances: Iterable[ServiceInstance]) -> list[ServiceInstance]:
    """Those that it is about now, by their long names."""
    return sorted((i for i in instances if deferral.is_for(i.guid, i.org_guid)), key=long_name)


def until_day(text: str, zone: ZoneInfo, now: datetime) -> date:
    """What `--until` says. Raises ConfigurationError for what is no day, and for a day that would defer nothing."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise ConfigurationError(f"--until '{text}': not a date; {_FORM}") from None
    if datetime.combine(day, time(), zone) <= now:
        raise ConfigurationError(f"--until '{text}' lies in the past")
    return day


@dataclass(frozen=True)
class HowLong:
    """Either until a day or for one window."""

    until: date | None
    time_zone: str
    window_key: str | None


def new_deferrals(
    names: Sequence[str], org: str | None, survey: Survey, how_long: HowLong, org_word: str = "org"
) -> list[Deferral]:
    """
    Of the named instances, each once, or of an org; who asked, when and why is still to be said.

    Raises ConfigurationError for a name that nobody has, or that several have.
    """
    if org is not None:
        guid, name = named_org(org, survey.service_instances, org_word=org_word)
        return [_new(survey.aws_region, how_long, Target.ORG, guid, name, guid, name)]
    instances = {instance.guid: instance for instance in (named_instance(n, survey.service_instances) for n in names)}
    return [
        _new(survey.aws_region, how_long, Target.INSTANCE, i.guid, i.name, i.org_guid, i.org_name)
        for i in instances.values()
    ]


def named_deferrals(names: Sequence[str], org: str | None, deferrals: Iterable[Deferral]) -> list[Deferral]:
    """
    The active ones that are meant by id, or by what they are for: it need not exist any more.

    Raises ConfigurationError for a name that none has, or that several have.
    """
    active = [deferral for deferral in deferrals if deferral.is_active]
    if org is not None:
        return [_only(f"--org '{org}'", [d for d in active if d.target is Target.ORG and org in (d.guid, d.name)])]
    of_instances = [deferral for deferral in active if deferral.target is Target.INSTANCE]
    by_id = {str(deferral.id): deferral for deferral in active}
    found = [by_id.get(name) or _only(f"'{name}'", [d for d in of_instances if _is_called(d, name)]) for name in names]
    return list(dict.fromkeys(found))


def _only(named: str, found: Sequence[Deferral]) -> Deferral:
    if not found:
        raise ConfigurationError(f"{named}: no deferral that counts is for it; `defer list` shows them")
    if len(found) > 1:
        ids = ", ".join(str(deferral.id) for deferral in found)
        raise ConfigurationError(f"{named}: {len(found)} deferrals are for instances of that name; give an id: {ids}")
    return found[0]


def _is_called(deferral: Deferral, name: str) -> bool:
    """Also by its long name, of which the ledger does not keep the space."""
    is_long_name = name.startswith(f"{deferral.org_name}/") and name.endswith(f"/{deferral.name}")
    return name in (deferral.guid, deferral.name) or is_long_name


def _new(  # noqa: PLR0913, PLR0917 — what tells one target from another
    aws_region: str, how_long: HowLong, target: Target, guid: str, name: str, org_guid: str, org_name: str
) -> Deferral:
    return Deferral(
        id=0,
        aws_region=aws_region,
        target=target,
        guid=guid,
        name=name,
        org_guid=org_guid,
        org_name=org_name,
        until=how_long.until,
        time_zone=how_long.time_zone,
        window_key=how_long.window_key,
        reason="",
        ticket=None,
        added_at=datetime.min.replace(tzinfo=UTC),
        added_by="",
    )


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

"""What the ledger says about the time to come: who asked to wait, and which windows people were told of. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger.deferral import Deferral, Instance, Target, longest
from ledger.maintenance_key import MaintenanceKey
from ledger.update_record import UpdateState


@dataclass(frozen=True, slots=True)
class PlannedWindow:
    """A window that somebody was told of, and that was neither moved nor cancelled."""

    key: MaintenanceKey
    starts_at: datetime
    ends_at: datetime
    time_zone: str | None = None
    """Of the people who were told; None where it is not recorded."""
    told_instance_guids: frozenset[str] | None = None
    """The instances about which somebody in their org was told; None where that may not be read."""
    updates: Mapping[UpdateState, int] | None = None
    """How many `apply` has begun in it, by what became of them, without states that none is in; None if not known."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What one reading of the ledger found; what of it still lasts depends on the moment at which it is asked."""

    deferrals: tuple[Deferral, ...] = ()
    """Those that were not taken back. A window that does not take place is none that one could wish to skip."""
    windows: tuple[PlannedWindow, ...] = ()
    """Sorted by region and start."""
    called_off: tuple[PlannedWindow, ...] = ()
    """Windows that were moved or cancelled, sorted likewise: no mail can announce one again."""

    def called_off_in(self, aws_region: str, now: datetime) -> list[PlannedWindow]:
        return [window for window in self.called_off if window.key.aws_region == aws_region and window.ends_at > now]

    def windows_not_over(self, aws_region: str, now: datetime) -> list[PlannedWindow]:
        return [window for window in self.windows if window.key.aws_region == aws_region and window.ends_at > now]

    def deferred(self, aws_region: str, instances: Iterable[Instance], now: datetime) -> dict[str, Deferral]:
        """By the guid of each of these instances whose tenant still asks to wait, the deferral that lasts longest."""
        return _deferred([d for d in self.deferrals if d.aws_region == aws_region and d.lasts_until > now], instances)

    def deferred_in(self, window: PlannedWindow, instances: Iterable[Instance]) -> dict[str, Deferral]:
        """The same for those whose tenant asks to be left out of this window, whether it is planned or not."""
        key = window.key
        covering = [
            deferral
            for deferral in self.deferrals
            if deferral.aws_region == key.aws_region and deferral.covers(key.window_key, window.starts_at)
        ]
        return _deferred(covering, instances)


def _deferred(deferrals: Sequence[Deferral], instances: Iterable[Instance]) -> dict[str, Deferral]:
    of_instances = _longest_each([d for d in deferrals if d.target is Target.INSTANCE])
    of_orgs = _longest_each([d for d in deferrals if d.target is Target.ORG])
    found: dict[str, Deferral] = {}
    for instance in instances:
        if instance.guid not in of_instances and instance.org_guid not in of_orgs:
            continue
        both = (of_instances.get(instance.guid), of_orgs.get(instance.org_guid))
        deferral = longest(deferral for deferral in both if deferral is not None)
        if deferral is not None:
            found[instance.guid] = deferral
    return found


def planned_window(
    key: MaintenanceKey, time_zone: str | None = None, told_instance_guids: frozenset[str] | None = None
) -> PlannedWindow:
    """Raises ValueError for a key that is not two moments in UTC."""
    start, _, end = key.window_key.partition("/")
    moments = datetime.fromisoformat(start), datetime.fromisoformat(end)
    window = PlannedWindow(key, *moments, time_zone, told_instance_guids)
    if window.starts_at.tzinfo is None or window.ends_at.tzinfo is None:
        raise ValueError(f"{key.window_key!r} has no time zone")
    return window


def _longest_each(deferrals: Sequence[Deferral]) -> dict[str, Deferral]:
    """By the guid of the instance or org that they are for."""
    guids = {deferral.guid for deferral in deferrals}
    if len(guids) == len(deferrals):
        return {deferral.guid: deferral for deferral in deferrals}
    found = {guid: longest(d for d in deferrals if d.guid == guid) for guid in guids}
    return {guid: deferral for guid, deferral in found.items() if deferral is not None}

"""A tenant's wish to be left out of windows, as the ledger keeps it. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo


class Target(StrEnum):
    INSTANCE = "instance"
    ORG = "org"
    """Whatever instances it has when it counts."""


@dataclass(frozen=True, slots=True)
class Deferral:
    """Either until a day or for one window. Nothing is deleted: one that was taken back has an end."""

    id: int
    """The ledger's; 0 where it is not recorded yet."""
    aws_region: str
    target: Target
    guid: str
    name: str
    org_guid: str
    org_name: str
    until: date | None
    """It may be updated in a window that begins on this day or later."""
    time_zone: str
    """In which that day begins."""
    window_key: str | None
    """Start and end in UTC of the one window to skip."""
    reason: str
    ticket: str | None
    added_at: datetime
    added_by: str
    ended_at: datetime | None = None
    ended_by: str | None = None

    @property
    def is_active(self) -> bool:
        """It was not taken back; the time for which it asks may be over all the same."""
        return self.ended_at is None

    @property
    def lasts_until(self) -> datetime:
        """The start of the day, or the end of the window that is skipped."""
        if self.until is not None:
            return datetime.combine(self.until, time(), ZoneInfo(self.time_zone))
        return datetime.fromisoformat((self.window_key or "").rpartition("/")[2])

    def is_for(self, instance_guid: str, org_guid: str) -> bool:
        return self.guid == (instance_guid if self.target is Target.INSTANCE else org_guid)

    def covers(self, window_key: str, starts_at: datetime) -> bool:
        """Whether a window is one of those that it asks to be left out of."""
        if not self.is_active:
            return False
        return self.window_key == window_key if self.until is None else starts_at < self.lasts_until


class Instance(Protocol):
    """A service instance, as far as a deferral can be for it."""

    @property
    def guid(self) -> str: ...

    @property
    def org_guid(self) -> str: ...


def longest_each(deferrals: Sequence[Deferral], instances: Iterable[Instance]) -> dict[str, Deferral]:
    """By the guid of each of the instances that any of them is for, the one that counts."""
    found = {
        instance.guid: longest(d for d in deferrals if d.is_for(instance.guid, instance.org_guid))
        for instance in instances
    }
    return {guid: deferral for guid, deferral in found.items() if deferral is not None}


def longest(deferrals: Iterable[Deferral]) -> Deferral | None:
    """Of several that ask for the same instance the one that counts; the one that was added last of two equal ones."""
    return max(deferrals, key=lambda deferral: (deferral.lasts_until, deferral.added_at, deferral.id), default=None)


def idle_warnings(
    in_force: Iterable[Deferral], instances: Collection[Instance], group_ids: Collection[str]
) -> list[str]:
    """
    Of deferrals that ask for it now, those that leave nothing alone, because what they are for belongs to nobody now.

    An org that has only lost its instances is among them, and one whose tag says something else now: its instances are
    updated like any other. An instance that is gone is not. `group_ids` are all that there are.
    """
    orgs = {instance.org_guid for instance in instances}
    nobodys = set(group_ids) - {instance.guid for instance in instances}
    return [
        f"deferral {deferral.id} leaves nothing alone, because {why}: if it is called otherwise now, add a deferral for"
        f" that; else `defer remove {deferral.id}`"
        for deferral in in_force
        if (why := _why_idle(deferral, orgs, nobodys)) is not None
    ]


def _why_idle(deferral: Deferral, orgs: Collection[str], nobodys: Collection[str]) -> str | None:
    if deferral.target is Target.ORG:
        return None if deferral.guid in orgs else f"no instance belongs to '{deferral.org_name}'"
    is_nobodys = deferral.guid in nobodys
    return f"'{deferral.name}' of '{deferral.org_name}' belongs to nobody" if is_nobodys else None

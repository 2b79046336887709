"""Which instances a view lists, in which order, and which of them a window could take. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from exporter.page.facts import Facts, RegionFacts
from exporter.page.rows import InstanceRow, Left, by_place
from exporter.page.view import Order, Show, View
from fleet.inventory import ServiceUpdate

_LAST = "\U0010ffff"
"""Sorts after every moment that is written as text."""


@dataclass(frozen=True)
class Choice:
    view: View
    facts: Facts

    @cached_property
    def regions(self) -> Sequence[RegionFacts]:
        wanted = self.view.regions
        return [region for region in self.facts.regions if not wanted or region.status.aws_region in wanted]

    @cached_property
    def wanted(self) -> frozenset[str]:
        """The names of the updates that the filters choose."""
        return frozenset(update.name for update in self.facts.updates if self._is_wanted(update))

    @cached_property
    def takeable(self) -> frozenset[str]:
        """Of these, what a window takes: major versions only where they are asked for."""
        view = self.view
        return frozenset(
            update.name
            for update in self.facts.updates
            if update.name in self.wanted
            and (not update.is_major_version or update.name in view.updates or update.type in view.types)
        )

    @cached_property
    def matching(self) -> Mapping[str, Sequence[InstanceRow]]:
        """By region, the instances that every filter but `show` lets through, by place."""
        if not self.view.has_filters:
            return {region.status.aws_region: region.rows for region in self.regions}
        return {region.status.aws_region: [row for row in region.rows if self._matches(row)] for region in self.regions}

    @cached_property
    def waiting(self) -> Mapping[str, Sequence[InstanceRow]]:
        return {code: [row for row in rows if self.is_waiting(row)] for code, rows in self.matching.items()}

    @cached_property
    def schedulable(self) -> Mapping[str, Sequence[InstanceRow]]:
        return {code: [row for row in rows if self.is_schedulable(row)] for code, rows in self.waiting.items()}

    @cached_property
    def listed(self) -> Sequence[InstanceRow]:
        """In the order that was asked for; by place where that leaves it open."""
        rows = [row for region in self._shown.values() for row in region]
        if len(self._shown) > 1:
            rows.sort(key=by_place)
        order = self.view.order
        if order is Order.URGENCY:
            rows.sort(key=self._urgency, reverse=self.view.is_descending)
        elif order is Order.ORG:
            rows.sort(key=lambda row: row.instance.org_name.casefold(), reverse=self.view.is_descending)
        elif order is Order.NAME:
            rows.sort(key=lambda row: row.instance.name.casefold(), reverse=self.view.is_descending)
        elif order is Order.GROUP:
            rows.sort(key=lambda row: row.instance.replication_group_id, reverse=self.view.is_descending)
        elif order is Order.DEFERRED:
            rows.sort(key=self._deferred_until, reverse=self.view.is_descending)
        else:
            rows.sort(key=self._told_window, reverse=self.view.is_descending)
        return rows

    def is_waiting(self, row: InstanceRow) -> bool:
        """Whether something that the filters choose waits for it."""
        return any(left.action.is_required and left.update.name in self.wanted for left in row.left)

    def is_schedulable(self, row: InstanceRow) -> bool:
        return row.instance.guid not in self._deferred and any(
            left.action.is_required and left.update.name in self.takeable for left in row.left
        )

    def is_deferred(self, row: InstanceRow) -> bool:
        return row.instance.guid in self._deferred

    def by_urgency(self, left: Iterable[Left]) -> list[Left]:
        return sorted(left, key=lambda one: self.facts.ranks[one.update.name])

    @cached_property
    def _deferred(self) -> Mapping[str, object]:
        return {guid: deferral for region in self.regions for guid, deferral in region.deferred.items()}

    @property
    def _shown(self) -> Mapping[str, Sequence[InstanceRow]]:
        match self.view.show:
            case Show.WAITING:
                return self.waiting
            case Show.SCHEDULABLE:
                return self.schedulable
            case Show.DEFERRED:
                return self._those(lambda row: row.instance.guid in self._deferred)
            case Show.UNDER_WAY:
                wanted = self.wanted
                return self._those(
                    lambda row: any(left.action.is_under_way and left.update.name in wanted for left in row.left)
                )
            case Show.UNKNOWN:
                return self._those(lambda row: row.group is None)
            case _:
                return self.matching

    def _those(self, is_one: Callable[[InstanceRow], bool]) -> Mapping[str, Sequence[InstanceRow]]:
        return {code: [row for row in rows if is_one(row)] for code, rows in self.matching.items()}

    def _is_wanted(self, update: ServiceUpdate) -> bool:
        view = self.view
        return (
            (not view.updates or update.name in view.updates)
            and (not view.severities or update.severity in view.severities)
            and (not view.types or update.type in view.types)
        )

    def _matches(self, row: InstanceRow) -> bool:
        view, instance = self.view, row.instance
        if view.orgs and instance.org_guid not in view.orgs and instance.org_name not in view.orgs:
            return False
        if view.is_highly_available is not None and (
            row.group is None or row.group.is_highly_available is not view.is_highly_available
        ):
            return False
        if view.has_update_filters and not any(left.update.name in self.wanted for left in row.left):
            return False
        return not view.text or row.has_text(self._folded)

    @cached_property
    def _folded(self) -> str:
        return self.view.text.casefold()

    def _urgency(self, row: InstanceRow) -> int:
        ranks, wanted = self.facts.ranks, self.wanted
        found = [ranks[left.update.name] for left in row.left if left.update.name in wanted and left.action.is_required]
        return min(found, default=len(ranks))

    def _deferred_until(self, row: InstanceRow) -> float:
        deferral = self.facts.by_region[row.aws_region].deferred.get(row.instance.guid)
        return deferral.lasts_until.timestamp() if deferral else float("inf")

    def _told_window(self, row: InstanceRow) -> str:
        windows = self.facts.by_region[row.aws_region].windows_told_of(row.instance.guid)
        return windows[0].key.window_key if windows else _LAST

"""Which instances a view lists, in which order, and which of them a window could take. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from exporter.page.facts import Facts, RegionFacts
from exporter.page.rows import InstanceRow, by_place
from exporter.page.view import Order, Show, View
from fleet.inventory import ServiceUpdate
from ledger.deferral import Deferral

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
    def wanted(self) -> Sequence[ServiceUpdate]:
        """The updates that the filters choose."""
        return [update for update in self.facts.updates if self._is_wanted(update)]

    @cached_property
    def takeable(self) -> Sequence[ServiceUpdate]:
        """Of these, what a window takes: major versions only where they are asked for."""
        view = self.view
        return [
            update
            for update in self.wanted
            if not update.is_major_version or update.name in view.updates or update.type in view.types
        ]

    @cached_property
    def matching(self) -> Mapping[str, Sequence[InstanceRow]]:
        """By region, the instances that every filter but `show` lets through, by place."""
        if not self.view.has_filters:
            return {region.status.aws_region: region.rows for region in self.regions}
        return {region.status.aws_region: [row for row in region.rows if self._matches(row)] for region in self.regions}

    @cached_property
    def waiting(self) -> Mapping[str, Sequence[InstanceRow]]:
        """Of these, for whom something waits that the filters choose."""
        return self._each(lambda code, rows: [row for row in rows if row.waiting & self._wanted_bits[code]])

    @cached_property
    def schedulable(self) -> Mapping[str, Sequence[InstanceRow]]:
        """Of these, what a window could take."""
        bits, deferred = self._takeable_bits, self._deferred
        return self._each(
            lambda code, rows: [r for r in rows if r.waiting & bits[code] and r.instance.guid not in deferred[code]]
        )

    @cached_property
    def under_way(self) -> Mapping[str, Sequence[InstanceRow]]:
        return self._each(lambda code, rows: [row for row in rows if row.under_way & self._wanted_bits[code]])

    @cached_property
    def scheduled(self) -> Mapping[str, Sequence[InstanceRow]]:
        """Those on which AWS will apply by itself what the filters choose."""
        return self._each(lambda code, rows: [row for row in rows if row.scheduled & self._wanted_bits[code]])

    @property
    def is_known(self) -> bool:
        """False where an empty list would be a claim: no region was surveyed, or it is not known who is deferred."""
        return bool(self.regions) and (self.view.show is not Show.DEFERRED or self.facts.is_outlook_known)

    @cached_property
    def unsurveyed(self) -> Sequence[str]:
        """The names of the regions that the filters choose and of which nothing is known yet."""
        wanted = self.view.regions
        return [
            s.region_name for s in self.facts.statuses if s.survey is None and (not wanted or s.aws_region in wanted)
        ]

    @cached_property
    def orgs(self) -> Mapping[str, Mapping[str, Sequence[str]]]:
        """By region, and by what the view names them, the guids of those orgs that are there."""
        return {region.status.aws_region: self._orgs_of(region) for region in self.regions}

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

    def is_schedulable(self, row: InstanceRow) -> bool:
        return bool(row.waiting & self._takeable_bits[row.aws_region]) and not self.is_deferred(row)

    def is_deferred(self, row: InstanceRow) -> bool:
        return row.instance.guid in self._deferred[row.aws_region]

    def _orgs_of(self, region: RegionFacts) -> Mapping[str, Sequence[str]]:
        found: dict[str, dict[str, None]] = {}
        wanted = set(self.view.orgs)
        for row in region.rows if wanted else ():
            for name in wanted & {row.instance.org_guid, row.instance.org_name}:
                found.setdefault(name, {})[row.instance.org_guid] = None
        return {name: tuple(found[name]) for name in self.view.orgs if name in found}

    @cached_property
    def _wanted_bits(self) -> Mapping[str, int]:
        return {region.status.aws_region: region.joined.update_set(self.wanted) for region in self.regions}

    @cached_property
    def _takeable_bits(self) -> Mapping[str, int]:
        return {region.status.aws_region: region.joined.update_set(self.takeable) for region in self.regions}

    @cached_property
    def _deferred(self) -> Mapping[str, Mapping[str, Deferral]]:
        """By region: where a tag says whose a group is, two regions may have an instance with one guid."""
        return {region.status.aws_region: region.deferred for region in self.regions}

    @property
    def _shown(self) -> Mapping[str, Sequence[InstanceRow]]:
        found = self.matching
        match self.view.show:
            case Show.WAITING:
                found = self.waiting
            case Show.SCHEDULABLE:
                found = self.schedulable
            case Show.DEFERRED:
                deferred = self._deferred
                found = self._each(lambda code, rows: [row for row in rows if row.instance.guid in deferred[code]])
            case Show.UNDER_WAY:
                found = self.under_way
            case Show.STOPPED:
                found = self._each(lambda code, rows: [row for row in rows if row.stopped & self._wanted_bits[code]])
            case Show.SCHEDULED:
                found = self.scheduled
            case Show.UNKNOWN:
                found = self._each(lambda _, rows: [row for row in rows if row.group is None])
        return found

    def _each(
        self, chosen: Callable[[str, Sequence[InstanceRow]], Sequence[InstanceRow]]
    ) -> Mapping[str, Sequence[InstanceRow]]:
        """Of each region's matching rows those that are chosen."""
        return {code: chosen(code, rows) for code, rows in self.matching.items()}

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
            row.group is None or row.is_highly_available is not view.is_highly_available
        ):
            return False
        if view.has_update_filters and not row.left & self._wanted_bits[row.aws_region]:
            return False
        return not view.text or row.has_text(self._folded)

    @cached_property
    def _folded(self) -> str:
        return self.view.text.casefold()

    @cached_property
    def _ranks_of_sets(self) -> dict[tuple[str, int], int]:
        return {}

    def _urgency(self, row: InstanceRow) -> int:
        """Of the most urgent update that waits and was chosen; worked out once for each set of updates."""
        waiting = row.waiting & self._wanted_bits[row.aws_region]
        rank = self._ranks_of_sets.get((row.aws_region, waiting))
        if rank is None:
            bits, ranks = self.facts.by_region[row.aws_region].joined.bits, self.facts.ranks
            rank = min((ranks[name] for name, bit in bits.items() if waiting & bit), default=len(ranks))
            self._ranks_of_sets[row.aws_region, waiting] = rank
        return rank

    def _deferred_until(self, row: InstanceRow) -> float:
        deferral = self.facts.by_region[row.aws_region].deferred.get(row.instance.guid)
        return deferral.lasts_until.timestamp() if deferral else float("inf")

    def _told_window(self, row: InstanceRow) -> str:
        windows = self.facts.by_region[row.aws_region].windows_told_of(row.instance.guid)
        return windows[0].key.window_key if windows else _LAST

"""The listed instances, page by page, each with everything that is said of it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from exporter.page.choice import Choice
from exporter.page.rows import InstanceRow
from fleet.inventory import ReplicationGroup, ServiceInstance, ServiceUpdate, UpdateAction
from ledger.deferral import Deferral
from ledger.outlook import PlannedWindow

PAGE_LENGTH = 50


class Left(NamedTuple):
    """An update of which something is left to do on the instance's group."""

    update: ServiceUpdate
    action: UpdateAction


@dataclass(frozen=True, slots=True)
class Listed:
    row: InstanceRow
    left: Sequence[Left]
    """The most urgent first."""
    deferral: Deferral | None
    windows: Sequence[PlannedWindow]
    """Those that are not over and of which somebody in its org was told about it."""
    is_schedulable: bool
    engine_version: str
    """Such as `7.1.0`; empty where it is not known."""

    @property
    def instance(self) -> ServiceInstance:
        return self.row.instance

    @property
    def group(self) -> ReplicationGroup | None:
        return self.row.group

    @property
    def deferred_until(self) -> str:
        """Such as `1 Jul 2026`, or the end of the window that it skips; empty where nobody asked to wait."""
        return until_in_words(self.deferral) if self.deferral else ""


@dataclass(frozen=True, slots=True)
class ListingPage:
    rows: Sequence[Listed]
    number: int
    pages: int
    count: int
    """Of all instances on all pages."""

    @property
    def first(self) -> int:
        return (self.number - 1) * PAGE_LENGTH + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def is_beyond(self) -> bool:
        """True for a page after the last one: the list has become shorter."""
        return self.number > self.pages


def listing_page(choice: Choice) -> ListingPage:
    """The page that the view asks for, or the first one."""
    number = choice.view.page or 1
    rows = choice.listed
    start = (number - 1) * PAGE_LENGTH
    pages = max(1, -(-len(rows) // PAGE_LENGTH))
    return ListingPage(tuple(listed(choice, rows[start : start + PAGE_LENGTH])), number, pages, len(rows))


def listed(choice: Choice, rows: Iterable[InstanceRow]) -> Iterable[Listed]:
    ranks = choice.facts.ranks
    for row in rows:
        region = choice.facts.by_region[row.aws_region]
        updates = region.updates_by_name
        left = [Left(updates[action.service_update_name], action) for action in row.actions]
        if len(left) > 1:
            left.sort(key=lambda one: ranks[one.update.name])
        yield Listed(
            row=row,
            left=left,
            deferral=region.deferred.get(row.instance.guid),
            windows=region.windows_told_of(row.instance.guid) if region.windows else (),
            is_schedulable=choice.is_schedulable(row),
            engine_version=region.versions.get(row.instance.replication_group_id, ""),
        )


def until_in_words(deferral: Deferral) -> str:
    if deferral.until is not None:
        return f"{deferral.until.day} {deferral.until:%b %Y}"
    end = deferral.lasts_until.astimezone(UTC)
    return f"{end.day} {end:%b %Y}, {end:%H:%M} UTC (skips that window)"


def short_window(window: PlannedWindow) -> str:
    """Such as `16 June 2026`."""
    start: datetime = window.starts_at
    return f"{start.day} {start:%b %Y}"

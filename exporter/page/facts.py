"""What every view of one moment is made of: each region's rows, with what the ledger says of them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from exporter.collectors.surveys import ExporterFacts
from exporter.ledger_status import LedgerStatus
from exporter.page.query import KnownWords
from exporter.page.rows import InstanceRow, instance_rows
from exporter.page.updates import ranks
from exporter.region_status import RegionStatus
from fleet.inventory import ServiceUpdate
from fleet.survey import Survey
from ledger.deferral import Deferral
from ledger.outlook import Outlook, PlannedWindow

_NOTHING_KNOWN = Outlook()


@dataclass(frozen=True)
class RegionFacts:
    """One region of which a survey has succeeded."""

    status: RegionStatus
    survey: Survey
    rows: Sequence[InstanceRow]
    deferred: Mapping[str, Deferral]
    """By the instance's guid, the deferral that counts."""
    windows: Sequence[PlannedWindow]
    """Those that are not over, sorted by their start."""

    def windows_told_of(self, guid: str) -> list[PlannedWindow]:
        return [window for window in self.windows if guid in (window.told_instance_guids or ())]


@dataclass(frozen=True)
class Facts:
    now: datetime
    exporter: ExporterFacts
    statuses: Sequence[RegionStatus]
    ledger: LedgerStatus | None
    """None without LEDGER_URL."""
    regions: Sequence[RegionFacts]

    @property
    def is_ledger_missing(self) -> bool:
        """True if there is a ledger that cannot be read: windows and deferrals are not known then."""
        return self.ledger is not None and self.ledger.outlook is None

    @property
    def is_told_known(self) -> bool:
        """False without a ledger, and where the ledger's rights do not include who was told."""
        if self.ledger is None or self.ledger.outlook is None:
            return False
        return all(window.told_instance_guids is not None for region in self.regions for window in region.windows)

    @cached_property
    def updates(self) -> Sequence[ServiceUpdate]:
        """Of all regions, each name once."""
        return tuple({u.name: u for region in self.regions for u in region.survey.our_service_updates}.values())

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """By the update's name, how much it hurries; 0 most."""
        return ranks(self.updates, self.now)

    @cached_property
    def known_words(self) -> KnownWords:
        return KnownWords(
            {status.aws_region: status.region_name for status in self.statuses},
            {update.severity for update in self.updates},
            {update.type for update in self.updates},
        )

    @cached_property
    def by_region(self) -> Mapping[str, RegionFacts]:
        return {region.status.aws_region: region for region in self.regions}


class RowsOfSurveys:
    """Joins each survey once, however often the ledger or the clock move on. Only one thread may use it."""

    def __init__(self) -> None:
        self._joined: dict[str, tuple[Survey, Sequence[InstanceRow]]] = {}

    def rows(self, status: RegionStatus, survey: Survey) -> Sequence[InstanceRow]:
        known = self._joined.get(status.aws_region)
        if known is None or known[0] is not survey:
            known = self._joined[status.aws_region] = survey, instance_rows(status, survey)
        return known[1]


def facts_of(
    statuses: Sequence[RegionStatus],
    exporter: ExporterFacts,
    now: datetime,
    ledger: LedgerStatus | None,
    joined: RowsOfSurveys | None = None,
) -> Facts:
    """Without a ledger nobody is deferred and nothing is planned."""
    rows_of = joined or RowsOfSurveys()
    outlook = (ledger and ledger.outlook) or _NOTHING_KNOWN
    regions = [
        RegionFacts(
            status=status,
            survey=status.survey,
            rows=rows_of.rows(status, status.survey),
            deferred=outlook.deferred(status.aws_region, status.survey.service_instances, now),
            windows=outlook.windows_not_over(status.aws_region, now),
        )
        for status in statuses
        if status.survey is not None
    ]
    return Facts(now, exporter, statuses, ledger, regions)

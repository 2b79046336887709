"""Keeps what the exporter shows right now in one reference, so that nobody ever sees half of a survey."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from prometheus_client import ProcessCollector

from exporter.collectors.capacity import CapacityCollector
from exporter.collectors.instances import InstancesCollector
from exporter.collectors.ledger import LedgerCollector
from exporter.collectors.progress import ProgressCollector
from exporter.collectors.surveys import ExporterFacts, SurveysCollector
from exporter.collectors.updates import UpdatesCollector
from exporter.exposition import Exposition, FamilyPart, family_parts
from exporter.ledger_status import LedgerStatus
from exporter.page.choice import Choice
from exporter.page.document import backlog_page
from exporter.page.facts import facts_of
from exporter.page.listing import until_in_words
from exporter.page.rows import JoinedSurvey, joined_survey
from exporter.page.view import View
from exporter.page.windows import WindowRow
from exporter.region_status import Failure, RegionStatus
from exporter.unforeseen import cause_of
from fleet.region import Quotas
from ledger.outlook import Outlook


@dataclass(frozen=True, slots=True)
class Published:
    """What the page, the metrics and readiness show, all three from the same surveys and the same ledger."""

    statuses: tuple[RegionStatus, ...]
    """In the order in which the regions are configured."""
    ledger: LedgerStatus | None
    """None without LEDGER_URL."""
    exposition: Exposition
    joined: Mapping[str, JoinedSurvey]
    """By region, each survey as the page needs it."""
    versions: Mapping[str, Mapping[str, str]]
    """By region, the engine's version by replication group, as far as they are known."""

    @property
    def is_ready(self) -> bool:
        return any(status.survey is not None for status in self.statuses)


@dataclass(frozen=True, slots=True)
class _Region:
    status: RegionStatus
    parts: tuple[FamilyPart, ...]
    """The rendered metrics of the region's last good survey."""
    joined: JoinedSurvey | None
    """None before a survey has succeeded."""


class Publication:
    """Keeps every region's latest status. Renders each survey once, without rendering other regions again."""

    def __init__(self, facts: ExporterFacts, statuses: Sequence[RegionStatus]) -> None:
        self.facts = facts
        self._process = ProcessCollector(registry=None)
        self._publishing = threading.Lock()
        self._regions = {s.aws_region: _region(s, facts) for s in statuses}
        self._ledger: LedgerStatus | None = None
        self._versions: Mapping[str, Mapping[str, str]] = {}
        self.latest = self._published(self._regions.values())

    def publish(self, status: RegionStatus) -> None:
        """
        Shows this status from now on. The regions' own threads call it.

        Raises any error of rendering a survey that cannot be shown; then everything shown stays as it was.
        """
        earlier = self._regions[status.aws_region]
        is_new = status.survey is not earlier.status.survey
        region = _region(status, self.facts) if is_new else replace(earlier, status=status)
        with self._publishing:
            regions = {**self._regions, status.aws_region: region}
            self.latest = self._published(regions.values())
            self._regions = regions

    def renew_quotas(self, aws_region: str, quotas: Quotas) -> None:
        """Shows these with the region's next survey. Another thread may call it."""
        self.facts = replace(self.facts, quotas={**self.facts.quotas, aws_region: quotas})

    def publish_versions(self, aws_region: str, versions: Mapping[str, str]) -> None:
        """Shows these engine versions, by replication group, from now on."""
        with self._publishing:
            self._versions = {**self._versions, aws_region: versions}
            self.latest = replace(self.latest, versions=self._versions)

    def publish_ledger(self, ledger: LedgerStatus) -> None:
        """
        Shows this from now on, beside the same surveys. The ledger's own thread calls it.

        Raises any error of rendering something in it that cannot be shown; then everything shown stays as it was.
        """
        with self._publishing:
            _ledger_parts([region.status for region in self._regions.values()], ledger)
            self._ledger = ledger
            self.latest = self._published(self._regions.values())

    def _published(self, shown: Iterable[_Region]) -> Published:
        regions = tuple(shown)
        statuses = tuple(region.status for region in regions)
        ledger, ledger_parts = self._shown_ledger(statuses)
        own_parts = family_parts((SurveysCollector(self.facts, statuses), self._process))
        exposition = Exposition((*(region.parts for region in regions), ledger_parts, own_parts))
        joined = {region.status.aws_region: region.joined for region in regions if region.joined is not None}
        return Published(statuses, ledger, exposition, joined, self._versions)

    def _shown_ledger(self, statuses: Sequence[RegionStatus]) -> tuple[LedgerStatus | None, tuple[FamilyPart, ...]]:
        """Nothing of it, if it cannot be shown beside a new survey: that hides no survey. The next reading says so."""
        try:
            return self._ledger, _ledger_parts(statuses, self._ledger)
        except Exception as error:  # noqa: BLE001 — whatever it is
            failed = LedgerStatus(last_failure=Failure(datetime.now(UTC), cause_of(error)))
            return failed, _ledger_parts(statuses, failed)


def _ledger_parts(statuses: Sequence[RegionStatus], ledger: LedgerStatus | None) -> tuple[FamilyPart, ...]:
    now = datetime.now(UTC)
    if ledger is not None and ledger.outlook is not None:
        _check_words(ledger.outlook, [status for status in statuses if status.survey is not None], now)
    return family_parts((LedgerCollector(statuses, ledger, now),))


def _check_words(outlook: Outlook, statuses: Iterable[RegionStatus], now: datetime) -> None:
    """Whether the page can show it, before the metrics do."""
    for status in statuses:
        for window in outlook.windows_not_over(status.aws_region, now):
            _ = WindowRow(window, is_open=False, taken_count=0, told_count=None).in_words
        for deferral in outlook.deferrals:
            until_in_words(deferral)


def _region(status: RegionStatus, facts: ExporterFacts) -> _Region:
    if status.survey is None:
        return _Region(status, (), None)
    joined = joined_survey(status, status.survey)
    # Checks that the page can show it, before the metrics do.
    backlog_page(Choice(View(), facts_of([status], facts, datetime.now(UTC), None, joined={status.aws_region: joined})))
    return _Region(status, fleet_parts(status, facts), joined)


def fleet_parts(status: RegionStatus, facts: ExporterFacts) -> tuple[FamilyPart, ...]:
    """The region's part of every family about the fleet; none before a survey has succeeded."""
    if status.survey is None:
        return ()
    surveys = (status.survey,)
    return family_parts(
        (
            UpdatesCollector(surveys),
            ProgressCollector(surveys),
            InstancesCollector(surveys),
            CapacityCollector(surveys, facts.quotas),
        )
    )

"""What every view of one moment is made of: each region's survey, with what the ledger says beside it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from exporter.collectors.surveys import ExporterFacts
from exporter.ledger_status import LedgerStatus
from exporter.page.query import KnownWords
from exporter.page.rows import InstanceRow, JoinedSurvey, joined_survey
from exporter.page.updates import UpdateRow, ranks, update_rows
from exporter.region_status import RegionStatus
from fleet.inventory import ServiceUpdate
from fleet.survey import Survey
from ledger.deferral import Deferral
from ledger.outlook import Outlook, PlannedWindow
from ledger.update_record import UpdateState

_NOTHING_KNOWN = Outlook()


@dataclass(frozen=True)
class RegionFacts:
    """One region of which a survey has succeeded."""

    status: RegionStatus
    joined: JoinedSurvey
    updates: Sequence[UpdateRow]
    """The most urgent first."""
    deferred: Mapping[str, Deferral]
    """By the instance's guid, the deferral that counts."""
    windows: Sequence[PlannedWindow]
    """Those that are not over, sorted by their start."""
    called_off: Sequence[PlannedWindow]
    """Those that were moved or cancelled, and would not be over."""
    unfinished: Sequence[PlannedWindow]
    """Those that are over, although the ledger has updates of them under way."""
    versions: Mapping[str, str]
    """By replication group the engine's version, where it is known."""

    @property
    def survey(self) -> Survey:
        return self.joined.survey

    @property
    def rows(self) -> Sequence[InstanceRow]:
        return self.joined.rows

    @cached_property
    def updates_by_name(self) -> Mapping[str, ServiceUpdate]:
        return {update.name: update for update in self.survey.our_service_updates}

    @cached_property
    def schedulable_count(self) -> int:
        """How many instances a window could take, whatever the view."""
        return len(self.joined.without_major - self.deferred.keys())

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
    def is_outlook_known(self) -> bool:
        """False without a ledger too: who asked to wait and which windows are planned is not known then."""
        return self.ledger is not None and self.ledger.outlook is not None

    @cached_property
    def is_told_known(self) -> bool:
        """False without a ledger, and where the ledger's rights do not include who was told."""
        return self.is_outlook_known and all(
            window.told_instance_guids is not None for region in self.regions for window in region.windows
        )

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
            self.has_org,
        )

    def has_org(self, name: str) -> bool:
        return name in self._org_names

    @cached_property
    def _org_names(self) -> set[str]:
        instances = [row.instance for region in self.regions for row in region.rows]
        return {i.org_guid for i in instances} | {i.org_name for i in instances}

    @cached_property
    def by_region(self) -> Mapping[str, RegionFacts]:
        return {region.status.aws_region: region for region in self.regions}


def facts_of(  # noqa: PLR0913 — everything that a page is made of
    statuses: Sequence[RegionStatus],
    exporter: ExporterFacts,
    now: datetime,
    ledger: LedgerStatus | None,
    *,
    joined: Mapping[str, JoinedSurvey] | None = None,
    versions: Mapping[str, Mapping[str, str]] | None = None,
) -> Facts:
    """`joined` has by region what was joined before. Without a ledger nobody is deferred and nothing is planned."""
    known = joined or {}
    outlook = (ledger and ledger.outlook) or _NOTHING_KNOWN
    regions = []
    for status in statuses:
        if (survey := status.survey) is None:
            continue
        found = known.get(status.aws_region)
        if found is None or found.survey is not survey:
            found = joined_survey(status, survey)
        regions.append(
            RegionFacts(
                status=status,
                joined=found,
                updates=update_rows(found, now),
                deferred=outlook.deferred(status.aws_region, survey.service_instances, now),
                windows=outlook.windows_not_over(status.aws_region, now),
                called_off=outlook.called_off_in(status.aws_region, now),
                unfinished=_unfinished(outlook, status.aws_region, now),
                versions=(versions or {}).get(status.aws_region, {}),
            )
        )
    return Facts(now, exporter, statuses, ledger, regions)


def _unfinished(outlook: Outlook, aws_region: str, now: datetime) -> Sequence[PlannedWindow]:
    over = [w for w in outlook.windows if w.key.aws_region == aws_region and w.ends_at <= now and w.updates]
    return [
        w for w in over if any((w.updates or {}).get(state) for state in (UpdateState.STARTING, UpdateState.STARTED))
    ]

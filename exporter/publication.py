"""What the exporter shows right now: swapped as one reference, so that nobody ever sees half of a survey."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from prometheus_client import ProcessCollector

from exporter.collectors.capacity import CapacityCollector
from exporter.collectors.instances import InstancesCollector
from exporter.collectors.progress import ProgressCollector
from exporter.collectors.surveys import ExporterFacts, SurveysCollector
from exporter.collectors.updates import UpdatesCollector
from exporter.exposition import Exposition, render
from exporter.region_status import RegionStatus


@dataclass(frozen=True, slots=True)
class Published:
    """What page, metrics and readiness say: all three about the same surveys."""

    statuses: tuple[RegionStatus, ...]
    """In the order of the regions' configuration."""
    exposition: Exposition

    @property
    def is_ready(self) -> bool:
        return any(status.survey is not None for status in self.statuses)


class Publication:
    """Keeps the latest of every region, and renders it once for everybody who asks."""

    def __init__(self, facts: ExporterFacts, statuses: Sequence[RegionStatus]) -> None:
        self.facts = facts
        self._process = ProcessCollector(registry=None)
        self._publishing = threading.Lock()
        self.latest = self._rendered(tuple(statuses))

    def publish(self, status: RegionStatus) -> None:
        """Show this status from now on. Called from the regions' own threads."""
        with self._publishing:
            self.latest = self._rendered(
                tuple(status if other.aws_region == status.aws_region else other for other in self.latest.statuses)
            )

    def _rendered(self, statuses: tuple[RegionStatus, ...]) -> Published:
        surveys = [status.survey for status in statuses if status.survey is not None]
        exposition = render(
            (
                UpdatesCollector(surveys),
                ProgressCollector(surveys),
                InstancesCollector(surveys),
                CapacityCollector(surveys, self.facts.quotas),
                SurveysCollector(self.facts, statuses),
                self._process,
            )
        )
        return Published(statuses, exposition)

"""What the exporter shows right now: swapped as one reference, so that nobody ever sees half of a survey."""

import threading
from collections.abc import Sequence

from prometheus_client import ProcessCollector

from exporter.collectors.capacity import CapacityCollector
from exporter.collectors.instances import InstancesCollector
from exporter.collectors.progress import ProgressCollector
from exporter.collectors.surveys import ExporterFacts, SurveysCollector
from exporter.collectors.updates import UpdatesCollector
from exporter.exposition import Exposition, render
from exporter.region_status import RegionStatus


class Publication:
    """The latest status of every region, and the exposition made from them."""

    def __init__(self, facts: ExporterFacts, statuses: Sequence[RegionStatus]) -> None:
        self.facts = facts
        self._statuses = {status.aws_region: status for status in statuses}
        self._process = ProcessCollector(registry=None)
        self._publishing = threading.Lock()
        self.exposition: Exposition = self._rendered()

    @property
    def statuses(self) -> tuple[RegionStatus, ...]:
        """In the order of the regions' configuration."""
        return tuple(self._statuses.values())

    @property
    def is_ready(self) -> bool:
        return any(status.survey is not None for status in self.statuses)

    def publish(self, status: RegionStatus) -> None:
        """Show this status from now on. Called from the regions' own threads."""
        with self._publishing:
            self._statuses = {**self._statuses, status.aws_region: status}
            self.exposition = self._rendered()

    def _rendered(self) -> Exposition:
        statuses = self.statuses
        surveys = [status.survey for status in statuses if status.survey is not None]
        return render(
            (
                UpdatesCollector(surveys),
                ProgressCollector(surveys),
                InstancesCollector(surveys),
                CapacityCollector(surveys, self.facts.quotas),
                SurveysCollector(self.facts, statuses),
                self._process,
            )
        )

"""Surveys one region again and again, and keeps its last good survey when a survey fails."""

import dataclasses
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from exporter.region_status import Failure, RegionStatus
from exporter.unforeseen import cause_of
from fleet.errors import ConfigurationError, InsufficientScopeError, RemoteError
from fleet.survey import Survey
from fleet.surveyor import Surveyor

log = logging.getLogger(__name__)


class RegionWatch:
    """Only the region's own thread may survey."""

    def __init__(
        self,
        surveyor: Surveyor,
        publish: Callable[[RegionStatus], None],
        refuse: Callable[[InsufficientScopeError], None],
    ) -> None:
        """`refuse` is called when the very first survey shows that the token does not see every org."""
        self._surveyor = surveyor
        self._publish = publish
        self._refuse = refuse
        self._renewed: Surveyor | None = None
        self._requests_before: Counter[str] = Counter()
        self._failures_before: Counter[str] = Counter()
        self.aws_region = surveyor.region.aws.region
        region = surveyor.region
        self._status = RegionStatus(
            region.name, self.aws_region, words=region.tenancy.words, time_zone=region.time_zone
        )
        self._under_way = False
        self._changing = threading.Lock()

    def renew(self, surveyor: Surveyor) -> None:
        """Replaces the surveyor from the next survey on. Another thread may call it."""
        self._renewed = surveyor

    def engine_versions(self) -> dict[str, str]:
        """As Surveyor has them. Another thread may call it. Raises RemoteError and ConfigurationError."""
        return self._surveyor.engine_versions()

    def survey(self) -> None:
        """Makes one attempt and publishes its outcome. Any error on the way makes it a failed attempt."""
        self._take_over()
        started = time.monotonic()
        self._under_way = True
        try:
            survey = self._surveyor.survey(self._overdue)
            self._end(started, survey=survey, last_failure=None)
        except (ConfigurationError, RemoteError) as error:
            if isinstance(error, InsufficientScopeError) and not self._status.has_attempted:
                self._refuse(error)
            self._fail(started, str(error))
        except Exception as error:  # a bug of ours must not end the program, since the next survey may well succeed
            log.debug("survey failed unexpectedly", exc_info=error)
            self._fail(started, cause_of(error))
        else:
            self._log_success(survey)

    def _take_over(self) -> None:
        """Switches to the new surveyor, if there is one. Counters continue where they were."""
        if self._renewed is not None:
            self._requests_before += Counter(self._surveyor.tally.requests)
            self._failures_before += Counter(self._surveyor.tally.failures)
            self._surveyor, self._renewed = self._renewed, None
            region = self._surveyor.region
            self._status = dataclasses.replace(
                self._status, region_name=region.name, words=region.tenancy.words, time_zone=region.time_zone
            )

    def _log_success(self, survey: Survey) -> None:
        log.info(
            "survey finished",
            extra={
                "aws_region": survey.aws_region,
                "seconds": self._status.last_duration_seconds,
                "service_instances": len(survey.service_instances),
                "waiting_instances": len(survey.waiting_instance_guids),
                "service_updates": len(survey.our_service_updates),
                "unclaimed_groups": len(survey.unclaimed_group_ids),
                "unknown_instances": len(survey.unknown_instances),
            },
        )

    def _fail(self, started: float, cause: str) -> None:
        failures_count = self._status.failures_count + 1
        self._end(started, last_failure=Failure(datetime.now(UTC), cause), failures_count=failures_count)
        log.error(
            "survey failed",
            extra={"aws_region": self.aws_region, "seconds": self._status.last_duration_seconds, "cause": cause},
        )

    def _overdue(self, cause: str) -> None:
        """Shows it, from another thread, if the survey has not ended at the same moment."""
        with self._changing:
            if self._under_way:
                status = dataclasses.replace(self._status, last_failure=Failure(datetime.now(UTC), cause))
                self._publish(status)
                self._status = status

    def _end(self, started: float, **changes: object) -> None:
        tally = self._surveyor.tally
        status = dataclasses.replace(
            self._status,
            last_duration_seconds=round(time.monotonic() - started, 3),
            surveys_count=self._status.surveys_count + 1,
            requests=_sums(tally.requests, self._requests_before),
            request_failures=_sums(tally.failures, self._failures_before),
            **changes,  # type: ignore[arg-type] # fields of RegionStatus, named by the two callers above
        )
        with self._changing:
            self._publish(status)
            self._status = status
            self._under_way = False


def _sums(counts: Mapping[str, int], before: Mapping[str, int]) -> dict[str, int]:
    return {system: count + before.get(system, 0) for system, count in counts.items()}

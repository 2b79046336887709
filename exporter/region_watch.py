"""Surveys one region again and again, and never lets a failure hide the last good survey."""

import dataclasses
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime

from exporter.region_status import Failure, RegionStatus
from fleet.errors import ConfigurationError, InsufficientScopeError, RemoteError
from fleet.survey import Survey
from fleet.surveyor import Surveyor

log = logging.getLogger(__name__)


class RegionWatch:
    """Not for two threads at once: the scheduler gives each region a single worker."""

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
        self.aws_region = surveyor.region.aws.region
        self._status = RegionStatus(surveyor.region.name, self.aws_region)

    def survey(self) -> None:
        """One attempt. It publishes the outcome and raises nothing: whatever went wrong is a failed survey."""
        started = time.monotonic()
        try:
            survey = self._surveyor.survey()
        except (ConfigurationError, RemoteError) as error:
            if isinstance(error, InsufficientScopeError) and not self._status.has_attempted:
                self._refuse(error)
            self._fail(str(error), started)
        except Exception as error:  # the next survey may well succeed, so the program outlives our own mistakes too
            log.exception("survey failed unexpectedly", extra={"aws_region": self.aws_region})
            self._fail(f"{type(error).__name__}: {error}", started, is_logged=True)
        else:
            self._succeed(survey, started)

    def _succeed(self, survey: Survey, started: float) -> None:
        self._end(started, survey=survey, last_failure=None)
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

    def _fail(self, cause: str, started: float, *, is_logged: bool = False) -> None:
        failures_count = self._status.failures_count + 1
        self._end(started, last_failure=Failure(datetime.now(UTC), cause), failures_count=failures_count)
        if not is_logged:
            log.error(
                "survey failed",
                extra={
                    "aws_region": self.aws_region,
                    "seconds": self._status.last_duration_seconds,
                    "cause": cause,
                },
            )

    def _end(self, started: float, **changes: object) -> None:
        self._status = dataclasses.replace(
            self._status,
            last_duration_seconds=round(time.monotonic() - started, 3),
            surveys_count=self._status.surveys_count + 1,
            requests=self._surveyor.tally.requests,
            request_failures=self._surveyor.tally.failures,
            **changes,  # type: ignore[arg-type] # fields of RegionStatus, named by the two callers above
        )
        self._publish(self._status)

"""The two ways to run: serve until a signal comes, or survey once and print."""

import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from exporter.collectors.surveys import ExporterFacts
from exporter.publication import Publication
from exporter.region_status import RegionStatus
from exporter.region_watch import RegionWatch
from exporter.schedule import surveying
from exporter.server import serving
from exporter.web import web_application
from exporter.web_access import WebAccess
from fleet.errors import InsufficientScopeError
from fleet.surveyor import Surveyor

log = logging.getLogger(__name__)

_ENDINGS = frozenset({signal.SIGTERM, signal.SIGINT})


class Refusals:
    """
    Regions whose first survey showed that their token does not see every org.

    That is a mistake of configuration, and the program ends with it; but not while another region can be surveyed.
    """

    def __init__(self, regions_count: int, when_none_is_left: Callable[[], None]) -> None:
        self._regions_count = regions_count
        self._when_none_is_left = when_none_is_left
        self._refused: list[InsufficientScopeError] = []

    def refuse(self, error: InsufficientScopeError) -> None:
        self._refused.append(error)
        if len(self._refused) == self._regions_count:
            self._when_none_is_left()

    def raise_if_none_is_left(self) -> None:
        if len(self._refused) == self._regions_count:
            raise self._refused[0]


def serve(surveyors: Sequence[Surveyor], facts: ExporterFacts, access: WebAccess, listener: socket.socket) -> None:
    """Until SIGTERM or SIGINT. Raises InsufficientScopeError where no region can be surveyed."""
    # Blocked before any thread begins, and waited for below: a handler that wakes the main thread can come too late,
    # when the thread has looked for signals and has not yet fallen asleep.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDINGS)
    refusals = Refusals(len(surveyors), when_none_is_left=lambda: os.kill(os.getpid(), signal.SIGTERM))
    publication, watches = _watches(surveyors, facts, refusals)
    log.info(
        "started",
        extra={
            "version": facts.version,
            "port": listener.getsockname()[1],
            "tls": access.tls is not None,
            "regions": [status.aws_region for status in publication.latest.statuses],
            "poll_interval_seconds": facts.poll_interval_seconds,
        },
    )
    with (
        serving(web_application(publication, access), listener, access),
        surveying(watches, facts.poll_interval_seconds, access),
    ):
        signal.sigwait(_ENDINGS)
    refusals.raise_if_none_is_left()
    log.info("stopped")


def print_once(surveyors: Sequence[Surveyor], facts: ExporterFacts) -> bool:
    """
    Survey every region and print what `/metrics` would say. False if a survey failed; its cause is in the log.

    Raises InsufficientScopeError, having printed nothing, where no region can be surveyed.
    """
    refusals = Refusals(len(surveyors), when_none_is_left=lambda: None)
    publication, watches = _watches(surveyors, facts, refusals)
    with ThreadPoolExecutor(len(watches)) as pool:
        for attempt in [pool.submit(watch.survey) for watch in watches]:
            attempt.result()
    refusals.raise_if_none_is_left()
    sys.stdout.write(publication.latest.exposition.text.plain.decode())
    sys.stdout.flush()
    return all(status.last_failure is None for status in publication.latest.statuses)


def _watches(
    surveyors: Sequence[Surveyor], facts: ExporterFacts, refusals: Refusals
) -> tuple[Publication, list[RegionWatch]]:
    """A watch for each region, and the publication that they keep up to date."""
    publication = Publication(facts, [RegionStatus(s.region.name, s.region.aws.region) for s in surveyors])
    return publication, [RegionWatch(surveyor, publication.publish, refusals.refuse) for surveyor in surveyors]

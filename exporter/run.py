"""The three ways to run: serve until a signal, survey once and print, or only check the settings."""

import logging
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

import click

import fleet
from exporter.collectors.surveys import ExporterFacts
from exporter.ending import Ending
from exporter.listener import bound_socket, check_address, connections_that_fit
from exporter.memory import return_freed_memory, spare_what_stays
from exporter.publication import Publication
from exporter.region_status import RegionStatus
from exporter.region_watch import RegionWatch
from exporter.reload import Reloader
from exporter.schedule import reading, reading_versions, surveying
from exporter.server import Server, serving
from exporter.settings import Settings
from exporter.versions_watch import VersionsWatch
from exporter.web import WebApplication
from exporter.web_access import WebAccess
from fleet.aws.rehearsal import rehearse
from fleet.errors import InsufficientScopeError
from fleet.program.revision import revision
from fleet.surveyor import Surveyor

if TYPE_CHECKING:
    from exporter.ledger_watch import LedgerWatch

log = logging.getLogger(__name__)

_ENDINGS = frozenset({signal.SIGTERM, signal.SIGINT})
_AWAITED = _ENDINGS | {signal.SIGHUP}


class Refusals:
    """
    Collects regions whose first survey showed that their token does not see every org.

    Such a token is a mistake in the settings. It ends the program once no other region is left to survey.
    """

    def __init__(self, regions_count: int, when_none_is_left: Callable[[InsufficientScopeError], None]) -> None:
        self._regions_count = regions_count
        self._when_none_is_left = when_none_is_left
        self._refused: list[InsufficientScopeError] = []

    def refuse(self, error: InsufficientScopeError) -> None:
        self._refused.append(error)
        if len(self._refused) == self._regions_count:
            self._when_none_is_left(self._refused[0])

    def raise_if_none_is_left(self) -> None:
        if len(self._refused) == self._regions_count:
            raise self._refused[0]


def serve(settings: Settings, read_settings: Callable[[], Settings | None]) -> None:
    """Serves until SIGTERM or SIGINT. Raises InsufficientScopeError if no region can be surveyed."""
    return_freed_memory()
    access = WebAccess(settings.web_config_file)
    surveyors = [Surveyor(region) for region in settings.regions]
    ending = Ending()
    publication, watches = _watches(settings, surveyors, Refusals(len(surveyors), ending.end_with))
    ledger_watch = _ledger_watch(settings, publication)
    listener = bound_socket(settings.listen_address, settings.port)
    spare_what_stays()
    # Signals are blocked before any thread begins, and awaited below. A handler instead could run just after the main
    # thread has looked for signals and before it falls asleep, and so would not wake it.
    signal.pthread_sigmask(signal.SIG_BLOCK, _AWAITED)
    reloader = Reloader(access, watches, ledger_watch, read_settings, publication.renew_quotas)
    threading.Thread(target=reloader.run, args=(ending.end_with,), name="reload", daemon=True).start()
    connections_limit = connections_that_fit(len(surveyors))
    application = WebApplication(publication, access, reloader.ask, settings.telemetry_path)
    server = Server(application, listener, access, connections_limit)
    log.info(
        "started",
        extra={
            "version": publication.facts.version,
            "revision": publication.facts.revision,
            "port": listener.getsockname()[1],
            "telemetry_path": settings.telemetry_path,
            "tls": access.tls is not None,
            "regions": [status.aws_region for status in publication.latest.statuses],
            "poll_interval_seconds": settings.poll_interval_seconds,
            "connections_limit": connections_limit,
        },
    )
    with (
        serving(server, ending.end_with),
        _reading(ledger_watch, settings, ending),
        surveying(watches, settings.poll_interval_seconds, ending.end_with),
        reading_versions(VersionsWatch(watches, publication.publish_versions).look, ending.end_with),
    ):
        while signal.sigwait(_AWAITED) == signal.SIGHUP:
            reloader.ask()
    ending.raise_error()
    log.info("stopped")


class OutputLostError(Exception):
    """What was to be printed could not be written."""


def print_once(settings: Settings) -> bool:
    """
    Surveys every region and prints what `/metrics` would show. False if a survey failed; the log has the cause.

    Raises InsufficientScopeError, and prints nothing, if no region can be surveyed.
    """
    surveyors = [Surveyor(region) for region in settings.regions]
    refusals = Refusals(len(surveyors), when_none_is_left=lambda _: None)
    publication, watches = _watches(settings, surveyors, refusals)
    ledger_watch = _ledger_watch(settings, publication)
    attempts = [watch.survey for watch in watches] + ([ledger_watch.look] if ledger_watch else [])
    with ThreadPoolExecutor(len(attempts)) as pool:
        for attempt in [pool.submit(make) for make in attempts]:
            attempt.result()
    refusals.raise_if_none_is_left()
    try:
        for text in publication.latest.exposition.text:
            sys.stdout.buffer.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputLostError(f"stdout: {error.strerror}; the metrics could not be written there") from error
    return all(status.last_failure is None for status in publication.latest.statuses)


def check(settings: Settings) -> None:
    """Checks what reading the settings has not checked yet. Raises ConfigurationError."""
    access = WebAccess(settings.web_config_file)
    for region in settings.regions:
        rehearse(region.aws)
    _ledger_watch(settings, Publication(_facts(settings), ()))
    check_address(settings.listen_address, settings.port)
    regions = ", ".join(region.aws.region for region in settings.regions)
    tls = "TLS" if access.tls else "no TLS"
    passwords = "passwords" if access.basic_auth.is_required else "no passwords"
    click.echo(f"nothing wrong with the settings: {regions}; {tls}, {passwords}")


def _watches(
    settings: Settings, surveyors: Sequence[Surveyor], refusals: Refusals
) -> tuple[Publication, list[RegionWatch]]:
    """A watch for each region, and the publication that they keep up to date."""
    unknown = [
        RegionStatus(r.name, r.aws.region, words=r.tenancy.words, time_zone=r.time_zone) for r in settings.regions
    ]
    publication = Publication(_facts(settings), unknown)
    return publication, [RegionWatch(surveyor, publication.publish, refusals.refuse) for surveyor in surveyors]


def _facts(settings: Settings) -> ExporterFacts:
    return ExporterFacts(
        version=fleet.__version__,
        poll_interval_seconds=settings.poll_interval_seconds,
        update_fraction_threshold=settings.update_fraction_threshold,
        quotas={region.aws.region: region.quotas for region in settings.regions},
        revision=revision(),
        telemetry_path=settings.telemetry_path,
    )


def _ledger_watch(settings: Settings, publication: Publication) -> "LedgerWatch | None":
    """None without LEDGER_URL. Raises ConfigurationError for an address that can be none of a ledger."""
    if settings.ledger_url is None:
        return None
    from exporter.ledger_watch import LedgerWatch  # noqa: PLC0415 — SQLAlchemy takes memory that few exporters need

    return LedgerWatch(settings.ledger_url, publication.publish_ledger)


def _reading(watch: "LedgerWatch | None", settings: Settings, ending: Ending) -> AbstractContextManager[None]:
    return reading(watch.look, settings.poll_interval_seconds, ending.end_with) if watch else nullcontext()

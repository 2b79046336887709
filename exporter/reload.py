"""Handles SIGHUP and `/-/reload`: reads again what can change without a restart, and ignores what is not valid."""

import logging
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

import click

from exporter.region_watch import RegionWatch
from exporter.settings import Settings
from exporter.unforeseen import cause_of
from exporter.web_access import WebAccess
from fleet.errors import ConfigurationError
from fleet.program.secrecy import secrets_given, without_secrets
from fleet.region import Quotas
from fleet.surveyor import Surveyor

if TYPE_CHECKING:
    from exporter.ledger_watch import LedgerWatch

log = logging.getLogger(__name__)

_LOOK_AGAIN_SECONDS = 10


class Reloader:
    """Looks for a changed web configuration every ten seconds, and reads everything again when it is asked to."""

    def __init__(
        self,
        access: WebAccess,
        watches: Sequence[RegionWatch],
        ledger_watch: "LedgerWatch | None",
        read_settings: Callable[[], Settings | None],
        renew_quotas: Callable[[str, Quotas], None],
    ) -> None:
        self._access = access
        self._watches = {watch.aws_region: watch for watch in watches}
        self._ledger_watch = ledger_watch
        self._read_settings = read_settings
        self._renew_quotas = renew_quotas
        self._asked = threading.Event()
        self._answer: Future[bool] = Future()
        self._asking = threading.Lock()

    def ask(self) -> Future[bool]:
        """Any thread may. The answer, later, is whether all of it could be used; the log says what could not."""
        with self._asking:
            self._asked.set()
            return self._answer

    def _begun(self) -> Future[bool]:
        """The answer for those who have asked until now. Who asks later has it all read once more."""
        with self._asking:
            self._asked.clear()
            answer, self._answer = self._answer, Future()
        answer.set_running_or_notify_cancel()  # from now on nobody can cancel it
        return answer

    def run(self, when_broken: Callable[[BaseException], None]) -> None:
        """Runs until the program ends. Needs a thread of its own, because fetching secrets can take a while."""
        try:
            while True:
                if self._asked.wait(_LOOK_AGAIN_SECONDS):
                    answer = self._begun()
                    answer.set_result(all([self._access.reload(), self._reload_regions()]))
                else:
                    self._access.reload_if_changed()
        except BaseException as error:  # noqa: BLE001 — otherwise the thread would end unnoticed
            when_broken(error)

    def _reload_regions(self) -> bool:
        try:
            settings = self._read_settings()
            regions = settings.regions if settings else ()
            if {region.aws.region for region in regions} != self._watches.keys():
                raise ConfigurationError("there are other regions than at the start, which takes a restart")  # noqa: TRY301 — handled like the others below
            surveyors = [Surveyor(region) for region in regions]
            self._reload_ledger(settings.ledger_url if settings else None)
        except click.ClickException as error:
            log.error("regions not reloaded", extra={"cause": _safe(error.format_message())})  # noqa: TRY400 — expected, in words
        except ConfigurationError as error:
            log.error("regions not reloaded", extra={"cause": _safe(str(error))})  # noqa: TRY400 — expected, in words
        except Exception as error:  # noqa: BLE001 — the settings in use must stay in use
            log.error("regions not reloaded", extra={"cause": cause_of(error)})  # noqa: TRY400 — the cause names file and line
        else:
            for surveyor in surveyors:
                aws_region = surveyor.region.aws.region
                self._renew_quotas(aws_region, surveyor.region.quotas)
                self._watches[aws_region].renew(surveyor)
            log.info("regions reloaded", extra={"regions": list(self._watches)})
            return True
        return False

    def _reload_ledger(self, url: str | None) -> None:
        """Raises ConfigurationError."""
        if (url is None) != (self._ledger_watch is None):
            raise ConfigurationError("LEDGER_URL was set, or is not set any more, which takes a restart")
        if url is not None and self._ledger_watch is not None:
            self._ledger_watch.renew(url)


def _safe(message: str) -> str:
    """A setting that is wrong may be a key in the wrong place."""
    return without_secrets(message, secrets_given((), os.environ))

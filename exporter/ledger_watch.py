"""Reads the ledger again and again, apart from surveys and scrapes, so that it can delay neither."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime

from exporter.ledger_status import LedgerStatus
from exporter.region_status import Failure
from exporter.unforeseen import cause_of
from fleet.errors import ConfigurationError, RemoteError
from ledger.errors import LedgerError
from ledger.ledger_reader import LedgerReader
from ledger.outlook import Outlook
from ledger.outlook_rows import recorded_outlook

log = logging.getLogger(__name__)

_DEADLINE_SECONDS = 15
_TRIES_OF_A_FILE = 3
"""Somebody may write while a file is read, and then it has to be read again."""


class LedgerWatch:
    """Only one thread may look; another may renew."""

    def __init__(
        self, url: str, publish: Callable[[LedgerStatus], None], deadline_seconds: float = _DEADLINE_SECONDS
    ) -> None:
        """Opens nothing yet. Raises ConfigurationError for an address that can be none of a ledger."""
        self._reader = LedgerReader(url)
        self._publish = publish
        self._deadline_seconds = deadline_seconds
        self._overdue: Future[Outlook] | None = None
        self._status = LedgerStatus()
        publish(self._status)

    def renew(self, url: str) -> None:
        """Reads another address from the next time on. Raises ConfigurationError."""
        self._reader = LedgerReader(url)

    def look(self) -> None:
        """Reads once and publishes what came of it. Returns within the deadline, whatever the ledger does."""
        try:
            outlook = self._read()
            self._publish_and_keep(LedgerStatus(outlook, read_at=datetime.now(UTC)))
        except (ConfigurationError, RemoteError) as error:
            self._fail(str(error))
        except Exception as error:  # a bug of ours, or a fact that nothing can show, must not end the program
            log.debug("ledger not read, unexpectedly", exc_info=error)
            self._fail(cause_of(error))

    def _read(self) -> Outlook:
        """At most one reading is under way: one that is overdue is waited for, and its answer is thrown away."""
        if self._overdue is not None and not self._overdue.done():
            raise LedgerError(f"ledger {self._reader.where}: it still does not answer")
        self._overdue = None
        reader = self._reader
        reading: Future[Outlook] = Future()
        threading.Thread(target=_fulfil, args=(reading, reader), name="ledger-reading", daemon=True).start()
        try:
            return reading.result(self._deadline_seconds)
        except TimeoutError:
            if reading.done():
                raise
            self._overdue = reading
            reader.interrupt()
            raise LedgerError(f"ledger {reader.where}: it did not answer within {self._deadline_seconds:g} s") from None

    def _fail(self, cause: str) -> None:
        if self._status.last_failure is None:
            log.error("ledger not read", extra={"cause": cause})
        self._publish_and_keep(LedgerStatus(last_failure=Failure(datetime.now(UTC), cause)))

    def _publish_and_keep(self, status: LedgerStatus) -> None:
        self._publish(status)
        if status.outlook is not None and self._status.outlook is None:
            log.info(
                "ledger read",
                extra={"deferrals": len(status.outlook.deferrals), "windows": len(status.outlook.windows)},
            )
        self._status = status


def _fulfil(reading: "Future[Outlook]", reader: LedgerReader) -> None:
    try:
        reading.set_result(_outlook(reader))
    except BaseException as error:  # noqa: BLE001 — whoever waits for it handles it
        reading.set_exception(error)


def _outlook(reader: LedgerReader) -> Outlook:
    for _ in range(_TRIES_OF_A_FILE - 1):
        try:
            return recorded_outlook(reader)
        except LedgerError as error:
            log.debug("ledger not read, and tried again", extra={"cause": str(error)})
    return recorded_outlook(reader)

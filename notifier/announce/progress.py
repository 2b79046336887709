"""Moves the window's incident on while the window is carried through, silently, and never in its way."""

from fleet.errors import ConfigurationError, RemoteError
from fleet.printable import one_line
from ledger.incidents import incident_record
from ledger.records import Records
from notifier.announce.incident import COMPLETED, IN_PROGRESS, VERIFYING
from notifier.announce.moves import moved
from notifier.announce.statuspage import Patience, Statuspage, StatuspageSettings, Timing
from notifier.maintenance import Maintenance

_PATIENCE = Patience(call_seconds=10, attempts=1, throttled_seconds=5, throttled_times=2)
"""Updates are under way meanwhile, and nobody should wait for a page to follow them."""


class StatusPage:
    """
    Each method answers lines to say: what was moved, or what was wrong and what to do; nothing if it was there already.

    None raises: a status page that does not answer is no reason to halt.
    """

    def __init__(
        self,
        settings: StatuspageSettings | None,
        ledger: Records,
        maintenance: Maintenance,
        timing: Timing | None = None,
    ) -> None:
        self._ledger = ledger
        self._maintenance = maintenance
        self._page: Statuspage | None = None
        if settings is not None:
            self._page = Statuspage(settings, timing or Timing(), lambda _: None, patience=_PATIENCE)

    def in_progress(self) -> list[str]:
        return self._moved(IN_PROGRESS)

    def verifying(self) -> list[str]:
        return self._moved(VERIFYING)

    def completed(self) -> list[str]:
        return self._moved(COMPLETED)

    def _moved(self, status: str) -> list[str]:
        try:
            return self._tried(status)
        except (RemoteError, ConfigurationError) as error:
            return [f"status page: not moved to {status}: {error}"]

    def _tried(self, status: str) -> list[str]:
        if self._page is None:
            return [f"status page: STATUSPAGE_API_KEY is not set; move the incident to {status} by hand"]
        record = incident_record(self._ledger, self._maintenance.key)
        if record is None or record.incident_id is None or not record.is_on_the_page:
            return [f"status page: the ledger has no incident for {self._maintenance.in_words}; `schedule` makes one"]
        incident = self._page.incident(record.incident_id)
        if incident is None:
            return [f"status page: the incident {record.incident_id} was deleted there; not moved to {status}"]
        if incident.status not in ("", status) and moved(self._page, incident, status) is not None:
            return [one_line(f"status page: incident {incident.id} moved to {status}, silently")]
        return []

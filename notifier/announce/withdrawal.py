"""Takes a window that does not take place off the status page: its incident, and those of windows moved to it."""

from collections.abc import Sequence
from dataclasses import dataclass

from fleet.errors import ConfigurationError, RemoteError
from ledger.incident_record import IncidentRecord
from ledger.incidents import WindowIncident, incident_record
from ledger.ledger import Ledger
from ledger.records import Records
from notifier.announce.announcement import Announcement
from notifier.announce.earlier import earlier_incidents
from notifier.announce.hold import held
from notifier.announce.incident import Incident
from notifier.announce.scheduling import HAS_BEGUN_TOO, HasBegunError, Scheduling
from notifier.announce.statuspage import Statuspage
from notifier.maintenance import Maintenance


@dataclass(frozen=True)
class Withdrawal:
    """What became of one incident."""

    maintenance: Maintenance
    incident_id: str | None
    """None where the ledger does not know whether it was created."""
    is_deleted: bool = False
    """False without a problem where it was completed before, which is left."""
    problem: str | None = None
    is_remote: bool = False
    """Whether it was the status page that failed, so that running the command again may help."""


def to_withdraw(records: Records, maintenance: Maintenance) -> list[Withdrawal]:
    """What is on the page as far as the ledger knows, with nothing done yet."""
    return [Withdrawal(which, record.incident_id) for which, record in _on_the_page(records, maintenance)]


def withdrawn(ledger: Ledger, maintenance: Maintenance, page: Statuspage | None, operator: str) -> list[Withdrawal]:
    """Raises nothing that concerns the status page: it says so for each incident. `page` is None without a key."""
    on_the_page = _on_the_page(ledger, maintenance)
    return [each for which, record in on_the_page for each in _withdrawn(ledger, which, record, page, operator)]


def _withdrawn(
    ledger: Ledger, maintenance: Maintenance, record: IncidentRecord, page: Statuspage | None, operator: str
) -> list[Withdrawal]:
    """The window's own first, then others that had its mark."""
    if page is None:
        problem = "STATUSPAGE_API_KEY is not set: delete it on the status page by hand"
        return [Withdrawal(maintenance, record.incident_id, problem=problem)]
    try:
        with held(ledger, "cancel", operator, page) as run:
            book = WindowIncident(ledger, run, record.key)
            now = incident_record(ledger, record.key)
            outcome = Scheduling(page, Announcement(maintenance), now).cancelled(book)
    except HasBegunError as error:
        why = None if error.leaves_nothing_to_do else str(error)
        return [Withdrawal(maintenance, record.incident_id, problem=why)]
    except ConfigurationError as error:
        return [Withdrawal(maintenance, record.incident_id, problem=str(error))]
    except RemoteError as error:
        return [Withdrawal(maintenance, record.incident_id, problem=str(error), is_remote=True)]
    own = Withdrawal(maintenance, outcome.incident.id if outcome.incident else record.incident_id, is_deleted=True)
    return [own, *(_double(maintenance, double) for double in outcome.doubles)]


def _double(maintenance: Maintenance, double: Incident) -> Withdrawal:
    problem = None if double.is_planned else HAS_BEGUN_TOO
    return Withdrawal(maintenance, double.id, is_deleted=double.is_planned, problem=problem)


def _on_the_page(records: Records, maintenance: Maintenance) -> Sequence[tuple[Maintenance, IncidentRecord]]:
    own = incident_record(records, maintenance.key)
    earlier = list(earlier_incidents(records, maintenance))
    return [(maintenance, own), *earlier] if own is not None and own.is_on_the_page else earlier

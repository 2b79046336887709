"""One run about a window's incident: what refuses it, which components, and what becomes of an earlier window's."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from fleet.errors import ConfigurationError
from ledger.incident_record import IncidentRecord
from ledger.incidents import WindowIncident, incident_record
from ledger.ledger import Ledger
from ledger.run import Run
from ledger.updates import update_records
from notifier.announce.announcement import Announcement
from notifier.announce.components import chosen_components
from notifier.announce.earlier import earlier_incidents
from notifier.announce.hold import held
from notifier.announce.outcome import Outcome, Request, WhatWasDone
from notifier.announce.scheduling import HasBegunError, Scheduling
from notifier.announce.statuspage import Statuspage
from notifier.maintenance import Maintenance, recorded_window, refuse_called_off, why_called_off

_MOST_NAMED = 5
_NO_COMPONENT = (
    "warning: no component is named, so that none goes under maintenance: give --component, or set"
    " STATUSPAGE_COMPONENTS, and run the same command again"
)
NO_KEY = "STATUSPAGE_API_KEY is not set"


class Wish(Enum):
    SCHEDULE = "schedule"
    DRY_RUN = "dry-run"
    CANCEL = "cancel"
    COMPLETE = "complete"


@dataclass(frozen=True)
class Asked:
    maintenance: Maintenance
    components: Sequence[str]
    """As the operator names them."""
    wish: Wish
    operator: str
    now: datetime


def carried_out(asked: Asked, ledger: Ledger, page: Statuspage | None) -> Outcome:
    """
    `page` is None where no key is set: then it is said what to do by hand.

    Raises ConfigurationError where the wish is refused, and RemoteError.
    """
    record = incident_record(ledger, asked.maintenance.key)
    _refuse(asked, ledger, record)
    if page is None:
        return _by_hand(asked, ledger, record)
    if asked.wish is Wish.DRY_RUN:
        outcome = Scheduling(page, _wanted(asked, page), record).planned()
        earlier = [
            f"the incident of the earlier window on {maintenance.window.in_words} would be deleted"
            for maintenance, _ in earlier_incidents(ledger, asked.maintenance)
        ]
        return replace(outcome, notes=(*outcome.notes, *earlier))
    with held(ledger, "schedule", asked.operator, page) as run:
        return _acted(asked, ledger, page, run)


def _acted(asked: Asked, ledger: Ledger, page: Statuspage, run: Run) -> Outcome:
    """All is read again, because another run may have changed it until this one held the incidents."""
    key = asked.maintenance.key
    record, book = incident_record(ledger, key), WindowIncident(ledger, run, key)
    _refuse(asked, ledger, record)
    if asked.wish is Wish.SCHEDULE:
        scheduling = Scheduling(page, _wanted(asked, page), record)
        outcome = scheduling.scheduled(book)
        if outcome.done is WhatWasDone.CREATED and not asked.components:
            outcome = replace(outcome, notes=(*outcome.notes, _NO_COMPONENT))
        if outcome.incident is not None:
            ledger.record_window(key, asked.maintenance.window.time_zone, "schedule", asked.operator)
            outcome = _without_earlier(outcome, asked, ledger, page, run)
        why = why_called_off(recorded_window(ledger, asked.maintenance), asked.maintenance)
        if why is not None:  # since it was looked at first; `cancel` may have found no incident to delete yet
            outcome = replace(outcome, problems=(*outcome.problems, f"{why}; run schedule --cancel for this one"))
        return outcome
    scheduling = Scheduling(page, Announcement(asked.maintenance), record)
    return scheduling.cancelled(book) if asked.wish is Wish.CANCEL else scheduling.completed(book)


def _wanted(asked: Asked, page: Statuspage) -> Announcement:
    """Asks the page for its components only where some are named."""
    ids = chosen_components(asked.components, page.components()) if asked.components else None
    return Announcement(asked.maintenance, ids)


def _refuse(asked: Asked, ledger: Ledger, record: IncidentRecord | None) -> None:
    if asked.wish is Wish.CANCEL:
        return
    maintenance = asked.maintenance
    if asked.wish is Wish.COMPLETE:
        if record is None or not record.is_on_the_page:  # else nothing could end an incident that has begun
            refuse_called_off(ledger, maintenance)
        _refuse_under_way(ledger, maintenance)
        return
    refuse_called_off(ledger, maintenance)
    if maintenance.window.ends_at <= asked.now:
        raise ConfigurationError(
            f"the window on {maintenance.window.in_words} is over; only --complete or --cancel can be done for it"
        )


def _refuse_under_way(ledger: Ledger, maintenance: Maintenance) -> None:
    under_way = [record for record in update_records(ledger, maintenance.key) if record.is_under_way]
    if under_way:
        named = ", ".join(record.replication_group_id for record in under_way[:_MOST_NAMED])
        more = f" and {len(under_way) - _MOST_NAMED} more" if len(under_way) > _MOST_NAMED else ""
        raise ConfigurationError(
            f"updates are under way in {maintenance.region_name}: {named}{more}; wait for apply, or run it again, which"
            " finds out what became of them"
        )


def _by_hand(asked: Asked, ledger: Ledger, record: IncidentRecord | None) -> Outcome:
    if asked.wish in (Wish.SCHEDULE, Wish.DRY_RUN):
        wanted = Announcement(asked.maintenance, tuple(asked.components))
        if asked.wish is Wish.DRY_RUN:
            return Outcome(WhatWasDone.PRINTED, request=Request("POST", "incidents", wanted.fields), by_hand=wanted)
        ledger.record_window(asked.maintenance.key, asked.maintenance.window.time_zone, "schedule", asked.operator)
        return Outcome(WhatWasDone.PRINTED, by_hand=wanted)
    which = f"the incident {record.incident_id}" if record and record.incident_id else "the incident of this window"
    verb = "delete" if asked.wish is Wish.CANCEL else "complete"
    return Outcome(WhatWasDone.PRINTED, notes=(f"{NO_KEY}: {verb} {which} on the status page by hand",))


def _without_earlier(outcome: Outcome, asked: Asked, ledger: Ledger, page: Statuspage, run: Run) -> Outcome:
    """Deletes the incidents of the windows whose place this one takes, once its own is there."""
    notes, problems = list(outcome.notes), list(outcome.problems)
    for maintenance, record in list(earlier_incidents(ledger, asked.maintenance)):
        window = maintenance.window
        try:
            book = WindowIncident(ledger, run, record.key)
            gone = Scheduling(page, Announcement(maintenance), record).cancelled(book)
        except HasBegunError as error:
            if not error.leaves_nothing_to_do:
                problems.append(f"of the earlier window on {window.in_words}: {error}")
        else:
            notes.append(f"the incident of the earlier window on {window.in_words} is deleted")
            notes += (f"of the earlier window on {window.in_words}: {note}" for note in gone.notes)
            problems += (f"of the earlier window on {window.in_words}: {problem}" for problem in gone.problems)
    return replace(outcome, notes=tuple(notes), problems=tuple(problems))

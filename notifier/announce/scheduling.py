"""Makes the window's incident, brings it to what it should be, deletes it, or completes it. Always silently."""

from collections.abc import Sequence
from dataclasses import replace

from fleet.errors import ConfigurationError, RemoteError
from ledger.incident_record import IncidentRecord, IncidentState
from ledger.incidents import WindowIncident
from notifier.announce.announcement import Announcement, Changes, Fields, changes, digests, not_taken
from notifier.announce.incident import COMPLETED, VERIFYING, Incident
from notifier.announce.moves import moved
from notifier.announce.outcome import Outcome, Remarks, Request, WhatWasDone
from notifier.announce.search import Search
from notifier.announce.statuspage import Statuspage
from notifier.announce.statuspage_answers import SYSTEM, OutcomeUnknownError

_ATTEMPTS = 3
_SETTLE_SECONDS = 5
HAS_BEGUN_TOO = "it has this window's mark too, and has begun; complete it on the status page"
DELETED = "deleted on the status page; `schedule --cancel` forgets it"


class HasBegunError(ConfigurationError):
    """What has begun is not deleted: people have read of it."""

    def __init__(self, incident: Incident, doubles: Sequence[Incident] = ()) -> None:
        others = f"{_too_many(doubles)}; " if doubles else ""
        text = f"the incident {incident.id} has begun; it cannot be cancelled, only completed: --complete"
        super().__init__(f"{others}{text}")
        self.leaves_nothing_to_do = incident.status == COMPLETED and not doubles


class Scheduling:
    """
    One window's incident on one page. `record` is what the ledger had of it when the run began.

    The run holds all incidents, so that nobody else makes or deletes one meanwhile.
    """

    def __init__(self, page: Statuspage, wanted: Announcement, record: IncidentRecord | None) -> None:
        self._page = page
        self._wanted = wanted
        self._record = record
        self._search = Search(page, wanted)
        self._remarks = Remarks()

    @property
    def _was_known(self) -> bool:
        return self._record is not None and self._record.state is IncidentState.KNOWN

    @property
    def _is_unclear(self) -> bool:
        """Whether a run has ended while its request may still have been under way."""
        return self._record is not None and self._record.state is IncidentState.CREATING

    def _settled(self) -> Incident | None:
        """Looks once more after a while, because a request that was not answered may be carried out late."""
        self._page.said(f"an earlier request may still be under way: waiting {_SETTLE_SECONDS} s, then looking again")
        self._page.timing.pause(_SETTLE_SECONDS)
        return self._search.marked()

    def planned(self) -> Outcome:
        """What `scheduled` would do, without changing anything."""
        found = self._search.found(self._record)
        if found is None and self._was_known:
            return self._ended(WhatWasDone.UNCHANGED, None, problem=self._deleted)
        if found is None:
            request = Request("POST", "incidents", self._wanted.fields)
            return replace(self._ended(WhatWasDone.PRINTED, None), request=request)
        due = self._due(found)
        outcome = self._ended(WhatWasDone.PRINTED, found, due)
        return replace(outcome, request=Request("PATCH", f"incidents/{found.id}", due.fields) if due.fields else None)

    def scheduled(self, book: WindowIncident) -> Outcome:
        found = self._search.found(self._record)
        if found is None and self._was_known:
            return self._ended(WhatWasDone.UNCHANGED, None, problem=self._deleted)
        if found is None and self._is_unclear:
            found = self._settled()
        if found is None:
            return self._created(book)
        return self._brought_right(found, book)

    def cancelled(self, book: WindowIncident) -> Outcome:
        """Raises HasBegunError, and ConfigurationError where there is none."""
        found = self._search.found(self._record)
        if found is None and self._is_unclear:
            found = self._settled()
        if found is None:
            if self._record is None:
                raise self._none
            book.cancel()
            return self._ended(WhatWasDone.CANCELLED, None)
        if not found.is_planned:
            raise HasBegunError(found, self._search.doubles)
        book.know(found.id, self._written)
        doubles = self._search.doubles
        for double in doubles:
            if double.is_planned:
                self._delete(double)
                self._remarks.notes.append(f"the incident {double.id} with this window's mark is deleted too")
            else:
                self._remarks.problems.append(f"the incident {double.id} is left: {HAS_BEGUN_TOO}")
        self._delete(found)
        book.cancel()
        remarks = self._remarks
        return Outcome(WhatWasDone.CANCELLED, found, (), tuple(remarks.notes), tuple(remarks.problems), doubles=doubles)

    def completed(self, book: WindowIncident) -> Outcome:
        """Verifying, then completed; one that is completed is left alone."""
        found = self._search.found(self._record)
        if found is None and self._was_known:
            return self._ended(WhatWasDone.UNCHANGED, None, problem=self._deleted)
        if found is None:
            raise self._none
        book.know(found.id, self._written)
        done = WhatWasDone.UNCHANGED
        for status in (VERIFYING, COMPLETED):
            if (now := moved(self._page, found, status)) is not None:
                found, done = now, WhatWasDone.COMPLETED
        if found.status != COMPLETED:
            self._remarks.problems.append(f"the incident {found.id} is {found.status or 'without a status'} still")
        return self._ended(done, found)

    def _created(self, book: WindowIncident) -> Outcome:
        fields = self._wanted.fields
        book.begin(digests(fields))
        made, is_certain = self._made(fields, book)
        book.know(made.id, digests(fields, made if is_certain else None))
        if not is_certain:
            return replace(self._brought_right(made, book), done=WhatWasDone.CREATED)
        if wrong := not_taken(self._wanted, made):
            self._remarks.problems.append(_not_taken(wrong))
        if struck := _struck(made):
            self._remarks.notes.append(struck)
        return self._ended(WhatWasDone.CREATED, made)

    def _made(self, fields: Fields, book: WindowIncident) -> tuple[Incident, bool]:
        """The incident, and whether the page's own answer says so. Raises RemoteError."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._page.create(fields), True
            except OutcomeUnknownError as error:
                if (found := self._search.marked() or self._settled()) is not None:
                    return found, False
                if not error.is_answered or attempt == _ATTEMPTS:
                    again = "it is not on the page yet; run the same command again, which looks for it first"
                    raise RemoteError(SYSTEM, error.call, f"{error.cause}; {again}") from error
            except RemoteError:  # it was certainly not created
                book.cancel()
                raise
        raise AssertionError  # the last attempt has returned or raised

    def _brought_right(self, found: Incident, book: WindowIncident) -> Outcome:
        due = self._due(found)
        if not due.fields:
            if not self._was_known or self._record is None or self._record.incident_id != found.id:
                book.know(found.id, self._written)
            return self._ended(WhatWasDone.UNCHANGED, found, due)
        book.know(found.id, self._written)
        now = self._changed(found, due)
        book.know(now.id, {**self._written, **digests(due.fields, now)})
        if now.is_planned and (wrong := not_taken(self._wanted, now)):
            self._remarks.problems.append(_not_taken(wrong))
        return self._ended(WhatWasDone.UPDATED, now, due)

    def _changed(self, found: Incident, due: Changes) -> Incident:
        try:
            return self._page.update(found.id, due.fields)
        except OutcomeUnknownError:
            now = self._page.incident(found.id)
            if now is None or not self._due(now).fields:
                return now or found
            return self._page.update(found.id, due.fields)

    def _due(self, found: Incident) -> Changes:
        """Nothing for one that is no longer `scheduled`: it is left alone."""
        if not found.is_planned:
            self._remarks.notes.append(f"the incident {found.id} is {found.status or 'without a status'}: left alone")
        elif not found.shows_times:
            self._remarks.notes.append(f"the times of the incident {found.id} are not shown: look on the status page")
        return changes(self._wanted, found, self._written) if found.is_planned else Changes({})

    def _delete(self, incident: Incident) -> None:
        try:
            self._page.delete(incident.id)
        except OutcomeUnknownError:
            if self._page.incident(incident.id) is not None:
                self._page.delete(incident.id)

    @property
    def _written(self) -> dict[str, str]:
        """Nothing where the ledger has lost it; then every text that is not ours counts as edited by hand."""
        is_kept = self._record is not None and self._record.is_on_the_page
        return dict(self._record.last_written) if is_kept and self._record is not None else {}

    @property
    def _none(self) -> ConfigurationError:
        which = self._wanted.maintenance.in_words
        return ConfigurationError(f"neither this ledger nor the status page has an incident for {which}")

    @property
    def _deleted(self) -> str:
        incident_id = self._record.incident_id if self._record else None
        return f"the incident {incident_id} was {DELETED}"

    def _ended(
        self, done: WhatWasDone, incident: Incident | None, due: Changes | None = None, problem: str | None = None
    ) -> Outcome:
        problems = [*self._remarks.problems, *([problem] if problem else [])]
        if self._search.doubles:
            problems.append(_too_many(self._search.doubles))
        return Outcome(done, incident, due.left_as_edited if due else (), tuple(self._remarks.notes), tuple(problems))


def _too_many(doubles: Sequence[Incident]) -> str:
    others = ", ".join(double.id for double in doubles)
    return f"more than one incident has this window's mark: delete {others} on the status page"


def _not_taken(names: Sequence[str]) -> str:
    return f"the status page did not take over {', '.join(names)}; run the same command again"


def _struck(made: Incident) -> str | None:
    """Statuspage may set components under maintenance as soon as one is announced; nobody else says so."""
    names = ", ".join(c.name for c in made.components or () if c.status == "under_maintenance")
    if not names or not made.is_planned:
        return None
    return f"the status page shows {names} under maintenance already: set that back there, unless it is"

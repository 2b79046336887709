"""Finds a window's incidents on the page: by the id that the ledger knows, and by their mark in the lists."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ledger.incident_record import IncidentRecord, IncidentState
from notifier.announce.announcement import Announcement
from notifier.announce.incident import Incident
from notifier.announce.statuspage import Statuspage
from notifier.announce.statuspage_answers import NOT_FOUND, StatuspageRefusedError

ALL_LISTS = (
    "incidents/scheduled",
    "incidents/upcoming",
    "incidents/active_maintenance",
    "incidents/unresolved",
    "incidents",
)
"""Where an incident may be; the last has those that are over too."""
_NOT_OVER = ALL_LISTS[:3]
"""Where an incident may be until it is completed."""


class Search:
    """`doubles` are the others with the same mark that are not over, once something was found."""

    def __init__(self, page: Statuspage, wanted: Announcement) -> None:
        self._page = page
        self._wanted = wanted
        self.doubles: Sequence[Incident] = ()

    def found(self, record: IncidentRecord | None) -> Incident | None:
        """None where the page has no incident of this window."""
        if record is None or record.incident_id is None or record.state is not IncidentState.KNOWN:
            return self.marked()
        known = self._page.incident(record.incident_id)
        if known is None:
            return self.marked()
        self._page.said("looking for other incidents of this window on the status page, a request a second")
        there: dict[str, Incident | None] = {known.id: known}
        for of_list in _NOT_OVER:
            self._look(of_list, there)
        self.doubles = [other for other in self._marked_of(there) if other.id != known.id]
        return known

    def marked(self) -> Incident | None:
        """
        The oldest with the window's mark, in any list.

        Where none has it, one whose mark was taken away, but which has the window's name and times.
        """
        self._page.said("looking for the incident on all lists of the status page, a request a second")
        there: dict[str, Incident | None] = {}
        for of_list in ALL_LISTS:
            if of_list not in _NOT_OVER and self._marked_of(there):
                break
            self._look(of_list, there)
        marked = self._marked_of(there)
        self.doubles = marked[1:]
        like = [incident for incident in there.values() if incident is not None and self._wanted.is_like(incident)]
        return marked[0] if marked else min(like, key=_age, default=None)

    def _marked_of(self, there: Mapping[str, Incident | None]) -> list[Incident]:
        """The oldest first."""
        found = [incident for incident in there.values() if incident is not None and self._wanted.is_marked(incident)]
        return sorted(found, key=_age)

    def _look(self, of_list: str, there: dict[str, Incident | None]) -> None:
        """
        Adds to `there` what may be of the window, each read once by its id, and None where it is not there.

        A list may lag behind, and show what was deleted; and it need not show the mark.
        """
        for row in self._listed(of_list):
            if row.id not in there and (self._wanted.is_marked(row) or self._wanted.is_like(row)):
                now = self._page.incident(row.id)
                if now is not None and now.metadata is None:
                    now = replace(now, metadata=row.metadata)
                there[row.id] = now

    def _listed(self, of_list: str) -> list[Incident]:
        try:
            return list(self._page.incidents(of_list))
        except StatuspageRefusedError as error:
            if of_list == ALL_LISTS[0] or error.status != NOT_FOUND:  # the first one is on every page that there is
                raise
            return []


def _age(incident: Incident) -> tuple[str, str]:
    return incident.created_at.isoformat() if incident.created_at else "", incident.id

"""Finds a window's incident on the page: by the id that the ledger knows, else by its mark in all lists."""

from collections.abc import Sequence

from ledger.incident_record import IncidentRecord, IncidentState
from notifier.announce.announcement import Announcement
from notifier.announce.incident import Incident
from notifier.announce.statuspage import ALL_LISTS, Statuspage
from notifier.announce.statuspage_answers import NOT_FOUND, StatuspageRefusedError


class Search:
    """`doubles` are others with the same mark, once something was found by it."""

    def __init__(self, page: Statuspage, wanted: Announcement) -> None:
        self._page = page
        self._wanted = wanted
        self.doubles: Sequence[Incident] = ()

    def found(self, record: IncidentRecord | None) -> Incident | None:
        """None where the page has no incident of this window."""
        if record is not None and record.incident_id is not None and record.state is IncidentState.KNOWN:
            known = self._page.incident(record.incident_id)
            if known is not None:
                return known
        return self.marked()

    def marked(self) -> Incident | None:
        """
        The oldest with the window's mark, in any list.

        Where none has it, one whose mark was taken away, but which has the window's name and times.
        """
        self._page.said("looking for the incident on all lists of the status page, a request a second")
        like: dict[str, Incident] = {}
        for number, of_list in enumerate(ALL_LISTS):
            try:
                listed = list(self._page.incidents(of_list))
            except StatuspageRefusedError as error:
                if number == 0 or error.status != NOT_FOUND:  # the first one is on every page that there is
                    raise
                continue
            marked = sorted(filter(self._wanted.is_marked, listed), key=_age)
            if marked:
                self.doubles = marked[1:]
                return marked[0]
            like |= {incident.id: incident for incident in listed if self._wanted.is_like(incident)}
        return min(like.values(), key=_age, default=None)


def _age(incident: Incident) -> tuple[str, str]:
    return incident.created_at.isoformat() if incident.created_at else "", incident.id

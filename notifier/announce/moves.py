"""Moves an incident on, silently, and only forward: to each status that it has not come to yet."""

from notifier.announce.announcement import silently
from notifier.announce.incident import COMPLETED, IN_PROGRESS, VERIFYING, Incident
from notifier.announce.statuspage import Statuspage
from notifier.announce.statuspage_answers import OutcomeUnknownError

_SAID = {
    IN_PROGRESS: "The maintenance has begun.",
    VERIFYING: "The updates have ended. We are making sure that everything works.",
    COMPLETED: "The maintenance is over.",
}


def moved(page: Statuspage, incident: Incident, status: str) -> Incident | None:
    """None where it is there, or beyond, so that nothing was sent. Raises RemoteError."""
    if not incident.is_before(status):
        return None
    fields = {"status": status, "body": _SAID[status], **silently(incident)}
    try:
        return page.update(incident.id, fields)
    except OutcomeUnknownError:
        now = page.incident(incident.id)
        if now is None or not now.is_before(status):
            return now
        return page.update(incident.id, fields)

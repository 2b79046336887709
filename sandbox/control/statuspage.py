"""The status page: what is on it, whom it would have told, and what people change there by hand."""

from dataclasses import asdict, dataclass
from typing import Annotated

import msgspec

from sandbox.control.asked import body, choices, given, segments
from sandbox.statuspage.api import Statuspage
from sandbox.statuspage.errors import BODIES, RefusalError
from sandbox.statuspage.fields import Fields
from sandbox.statuspage.page import Habits
from sandbox.wire import Reply, Request, json_reply

Unset = msgspec.UnsetType


class StatuspageChanges(msgspec.Struct, forbid_unknown_fields=True):
    requests: Annotated[int, msgspec.Meta(ge=0)] | Unset = msgspec.UNSET
    window_seconds: Annotated[float, msgspec.Meta(gt=0)] | Unset = msgspec.UNSET
    limit_status: int | Unset = msgspec.UNSET
    tells_when: bool | Unset = msgspec.UNSET
    error_body: str | Unset = msgspec.UNSET
    notifies: bool | Unset = msgspec.UNSET
    strikes: bool | Unset = msgspec.UNSET


class NewIncident(msgspec.Struct, forbid_unknown_fields=True):
    incident: dict[str, object]
    count: Annotated[int, msgspec.Meta(ge=1)] = 1


class Edit(msgspec.Struct, forbid_unknown_fields=True):
    incident: dict[str, object]


@dataclass(frozen=True)
class StatuspagePart:
    HELP = f"""
    GET    /statuspage                 its incidents, components and settings, and who would have been told of what
    PATCH  /statuspage                 {{"requests": 60, "window_seconds": 60}}: the limit of a token
                                       {{"limit_status": 429, "tells_when": true}}: usually 420, without Retry-After
                                       {{"notifies": false}}: switches that a request leaves out are off; usually
                                       those that would notify somebody are on
                                       {{"strikes": true}}: components go under maintenance once it is announced
                                       {{"error_body": ...}}, the form of refusals:
{choices(BODIES)}
    DELETE /statuspage/notices         forget who would have been told
    DELETE /statuspage/usage           nobody has asked for anything yet
    POST   /statuspage/incidents       {{"incident": {{"name": ...}}, "count": 150}}: somebody else creates some
    PATCH  /statuspage/incidents/ID    {{"incident": {{"name": ..., "body": ...}}}}: somebody edits it on the page;
                                       a body without a status replaces the latest update's. Both silently
    DELETE /statuspage/incidents/ID    somebody deletes it there
                                       People read the page at STATUSPAGE_BASE_URL without /v1, in a browser
"""

    statuspage: Statuspage

    def answer(self, request: Request) -> Reply | None:
        try:
            return self._incidents(request) or self._settings(request)
        except RefusalError as error:
            raise ValueError(", ".join(error.texts)) from error

    def _settings(self, request: Request) -> Reply | None:
        match request.method, segments(request):
            case "GET", ["statuspage"]:
                return json_reply(self._state(request))
            case "PATCH", ["statuspage"]:
                self.statuspage.change(**given(request, StatuspageChanges))
                return json_reply(self.statuspage.settings)
            case "DELETE", ["statuspage", "notices"]:
                self.statuspage.page.forget_notices()
                return json_reply({})
            case "DELETE", ["statuspage", "usage"]:
                self.statuspage.usage.forget()
                return json_reply({})
        return None

    def _incidents(self, request: Request) -> Reply | None:
        page = self.statuspage.page
        match request.method, segments(request):
            case "POST", ["statuspage", "incidents"]:
                wanted = body(request, NewIncident)
                values: Fields = {"deliver_notifications": False, **wanted.incident}
                made = [page.create(values, Habits(notifies=False), by="hand") for _ in range(wanted.count)]
                return json_reply({"ids": [incident.id for incident in made]}, 201)
            case "PATCH", ["statuspage", "incidents", incident_id]:
                edited = page.edit(incident_id, body(request, Edit).incident)
                return json_reply(self.statuspage.document(edited, request.origin))
            case "DELETE", ["statuspage", "incidents", incident_id]:
                page.delete(incident_id)
                return json_reply({})
        return None

    def _state(self, request: Request) -> dict[str, object]:
        page = self.statuspage.page
        return {
            "settings": asdict(self.statuspage.settings),
            "components": list(page.components.values()),
            "incidents": [
                {**self.statuspage.document(incident, request.origin), "switches": incident.switches}
                for incident in page.incidents.values()
            ],
            "notices": page.notices,
        }

"""Statuspage's Manage API, version 1, for one page; the page itself, for people, is on the same port."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from sandbox.credentials import STATUSPAGE_API_KEY, STATUSPAGE_PAGE_ID
from sandbox.rolling import Rolling
from sandbox.statuspage import errors, people, rendering
from sandbox.statuspage.errors import BODIES, RefusalError, not_found
from sandbox.statuspage.fields import fields_of
from sandbox.statuspage.incidents import Incident
from sandbox.statuspage.listing import LISTS, listed, page_of
from sandbox.statuspage.page import Habits, Page
from sandbox.wire import Reply, Request, json_reply
from sandbox.world import UnknownError

ROOT = ["v1", "pages"]


@dataclass(frozen=True)
class Settings:
    """
    A token has `requests` within `window_seconds`, over which `limit_status` is answered, with Retry-After where it
    `tells_when`. `error_body` is one of BODIES, `notifies` and `strikes` are the page's habits.
    """

    requests: int = 60
    window_seconds: float = 60
    limit_status: int = 420
    tells_when: bool = False
    error_body: str = "mixed"
    notifies: bool = True
    strikes: bool = False

    @property
    def habits(self) -> Habits:
        return Habits(self.notifies, self.strikes)


class Statuspage:
    """`page` is what is true. `clock` is the platform's, `machine` the one that askers go by; both in epoch seconds."""

    name = "statuspage"

    def __init__(self, clock: Callable[[], float], machine: Callable[[], float]) -> None:
        self.settings = Settings()
        self.page = Page(clock)
        self.usage = Rolling()
        self._machine = machine

    def change(self, **settings: object) -> None:
        """As in `change(limit_status=429, tells_when=True)`."""
        changed = replace(self.settings, **settings)  # type: ignore[arg-type]  # as the fields' own types
        if changed.error_body not in BODIES:
            raise UnknownError(f"no error_body '{changed.error_body}'; there are {', '.join(BODIES)}")
        self.settings = changed

    def call(self, request: Request) -> str:
        """Like 'POST incidents', 'PATCH incidents/{id}', 'GET incidents/scheduled', 'GET page'."""
        match _segments(request):
            case ["v1", "pages", _, "incidents", name] if name not in LISTS:
                return f"{request.method} incidents/{{id}}"
            case ["v1", "pages", _, "components", _]:
                return f"{request.method} components/{{id}}"
            case ["v1", "pages", _, *rest] if rest:
                return f"{request.method} {'/'.join(rest)}"
            case ["v1", "pages", *_]:
                return f"{request.method} page"
        return f"{request.method} {request.path}"

    def answer(self, request: Request) -> Reply:
        segments = _segments(request)
        if segments[:2] != ROOT:
            return people.answer(self.page, request)
        try:
            if (reply := self._over_limit(_authenticated(request))) is not None:
                return reply
            return self._answer(request, segments[2:])
        except UnknownError:
            return errors.reply(not_found(), self.settings.error_body)
        except RefusalError as refusal:
            return errors.reply(refusal, self.settings.error_body)

    def throttled(self, retry_after: str) -> Reply:
        refusal = RefusalError(self.settings.limit_status, "You have exceeded the rate limit")
        headers = {"Retry-After": retry_after} if retry_after else {}
        return replace(errors.reply(refusal, self.settings.error_body), headers=headers)

    def failed(self, status: int) -> Reply:
        return errors.failed(status)

    def unauthorized(self) -> Reply:
        return errors.reply(errors.unauthenticated(), self.settings.error_body)

    def document(self, incident: Incident, origin: str) -> rendering.Json:
        return rendering.incident(incident, self._components(), origin)

    def _over_limit(self, token: str) -> Reply | None:
        settings, now = self.settings, self._machine()
        seconds = self.usage.seconds_to_wait(
            token, most=settings.requests, within_seconds=settings.window_seconds, now=now
        )
        if seconds > 0:
            return self.throttled(str(math.ceil(seconds)) if settings.tells_when else "")
        self.usage.count(token, now)
        return None

    def _answer(self, request: Request, segments: list[str]) -> Reply:
        parameters = dict(parse_qsl(request.query))
        match request.method, segments:
            case "GET", []:
                return json_reply([rendering.page(request.origin)])
            case "GET", [page_id] if page_id == STATUSPAGE_PAGE_ID:
                return json_reply(rendering.page(request.origin))
            case method, [page_id, "incidents", *rest] if page_id == STATUSPAGE_PAGE_ID:
                return self._incidents(method, request, rest, parameters)
            case "GET", [page_id, "components", *rest] if page_id == STATUSPAGE_PAGE_ID:
                return self._component(rest, parameters)
        raise not_found()

    def _incidents(self, method: str, request: Request, rest: list[str], parameters: Mapping[str, str]) -> Reply:
        match method, rest:
            case "GET", [] | ["scheduled" | "upcoming" | "active_maintenance" | "unresolved"]:
                found = listed(self.page.incidents, "".join(rest), parameters.get("q", ""))
                return json_reply([self.document(each, request.origin) for each in page_of(found, parameters)])
            case "POST", []:
                made = self.page.create(fields_of(request), self.settings.habits)
                return json_reply(self.document(made, request.origin), 201)
            case "GET", [incident_id] if incident := self.page.incidents.get(incident_id):
                return json_reply(self.document(incident, request.origin))
            case "PATCH" | "PUT", [incident_id]:
                changed = self.page.update(incident_id, fields_of(request))
                return json_reply(self.document(changed, request.origin))
            case "DELETE", [incident_id]:
                return json_reply(self.document(self.page.delete(incident_id), request.origin))
        raise not_found()

    def _component(self, rest: list[str], parameters: Mapping[str, str]) -> Reply:
        components = self._components()
        match rest:
            case []:
                return json_reply(page_of(components, parameters))
            case [component_id] if found := [each for each in components if each["id"] == component_id]:
                return json_reply(found[0])
        raise not_found()

    def _components(self) -> list[rendering.Json]:
        return [rendering.component(each, position) for position, each in enumerate(self.page.components.values(), 1)]


def _segments(request: Request) -> list[str]:
    """Paths work with and without `.json`."""
    return request.path.strip("/").removesuffix(".json").split("/")


def _authenticated(request: Request) -> str:
    """The key, from the header or from the query."""
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    if kind != "OAuth":
        key = dict(parse_qsl(request.query)).get("api_key", "")
    if key.strip() != STATUSPAGE_API_KEY:
        raise errors.unauthenticated()
    return key

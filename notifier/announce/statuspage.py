"""Atlassian Statuspage's Manage API for one page: its incidents and components, asked one request a second."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import quote

import msgspec
import requests
from requests.auth import AuthBase

from fleet.errors import ConfigurationError, RemoteError, ThrottledError
from fleet.http_session import GuardedSession, time_limits
from fleet.patience import patience
from fleet.remote_words import unexpected_body
from fleet.retry_after import retry_after_seconds
from fleet.unreadable import UNREADABLE
from notifier.announce.announcement import Fields
from notifier.announce.components import chosen_components
from notifier.announce.incident import Component, Incident, component_of, incident_of
from notifier.announce.statuspage_answers import (
    NOT_FOUND,
    SLOWER,
    SYSTEM,
    OutcomeUnknownError,
    StatuspageRefusedError,
    unanswered,
    unsuccessful,
    words_of,
)

DEFAULT_BASE_URL = "https://api.statuspage.io/v1"
SECONDS_BETWEEN_REQUESTS = 1.0
_LARGEST_PAGE = 100
_MOST_PAGES = 1000
_LONGEST_PAUSE_SECONDS = 60.0
_LEAST_SECONDS = 0.1
_PATHS_OWN = "-_.~"

Row = TypeVar("Row", Component, Incident)


@dataclass(frozen=True)
class StatuspageSettings:
    api_key: str = field(repr=False)
    page_id: str
    base_url: str = DEFAULT_BASE_URL

    def __post_init__(self) -> None:
        """Raises ConfigurationError for values that cannot be sent."""
        for name, value in (("STATUSPAGE_API_KEY", self.api_key), ("STATUSPAGE_PAGE_ID", self.page_id)):
            if not (value and value.isascii() and value.isprintable()) or " " in value:
                raise ConfigurationError(f"{name}: it holds a character that none has; its value is not shown")


@dataclass(frozen=True)
class Patience:
    """How long a call may take, how often in it one that reads is repeated, and how long throttling may last."""

    call_seconds: float = field(default_factory=lambda: patience().call_seconds)
    attempts: int = 3
    throttled_seconds: float = 300.0
    throttled_times: int = 12


@dataclass(frozen=True)
class Timing:
    """The clock and the pause, in seconds; tests pass their own."""

    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep


class Statuspage:
    """
    Methods raise StatuspageRefusedError or ThrottledError for what was certainly not done, OutcomeUnknownError for
    what may have been, and RemoteError for what could not be read.

    `said` is told what takes long, and `changed` of each change that the page confirmed. Only one thread may use it at
    a time.
    """

    def __init__(
        self,
        settings: StatuspageSettings,
        timing: Timing,
        said: Callable[[str], None],
        changed: Callable[[], None] = lambda: None,
        patience: Patience | None = None,
    ) -> None:
        self._page = f"pages/{quote(settings.page_id, safe=_PATHS_OWN)}"
        self._root = settings.base_url.rstrip("/")
        self._auth = _OAuth(settings.api_key)
        self.said = said
        self._changed = changed
        self.timing = timing
        self._patience = patience or Patience()
        self._session = GuardedSession()
        self._session.headers["Accept"] = "application/json"
        self._ready_at: float | None = None
        self._ends_at = 0.0

    def components(self) -> list[Component]:
        return list(self._rows("components", component_of))

    def chooser(self) -> Callable[[Sequence[str]], tuple[str, ...]]:
        """The ids of the page's components with the given names: `chosen_components` of the page as it is now."""
        on_the_page = self.components()
        return lambda named: chosen_components(named, on_the_page)

    def incidents(self, of_list: str) -> Iterator[Incident]:
        """All pages of one of the lists, such as `incidents/scheduled`."""
        return self._rows(of_list, incident_of)

    def incident(self, incident_id: str) -> Incident | None:
        """None where the page does not have it."""
        try:
            return self._incident("GET", self._path_of(incident_id))
        except StatuspageRefusedError as error:
            if error.status == NOT_FOUND:
                return None
            raise

    def create(self, fields: Fields) -> Incident:
        return self._incident("POST", "incidents", fields)

    def update(self, incident_id: str, fields: Fields) -> Incident:
        return self._incident("PATCH", self._path_of(incident_id), fields)

    def delete(self, incident_id: str) -> None:
        """Also if it was gone already. Only an answer that is the incident is a yes, as with every change."""
        try:
            self._incident("DELETE", self._path_of(incident_id))
        except StatuspageRefusedError as error:
            if error.status != NOT_FOUND:
                raise

    def rest(self) -> None:
        """Until a second after the last answer: that is as often as Statuspage lets a key ask."""
        if self._ready_at is not None and (seconds := self._ready_at - self.timing.clock()) > 0:
            self.timing.pause(seconds)

    def _path_of(self, incident_id: str) -> str:
        return f"incidents/{quote(incident_id, safe=_PATHS_OWN)}"

    def _incident(self, method: str, path: str, fields: Fields | None = None) -> Incident:
        response = self._response(method, path, fields)
        try:
            return incident_of(msgspec.json.decode(response.content))
        except UNREADABLE as error:
            cause = unexpected_body(response, error)
            if method == "GET":
                raise RemoteError(SYSTEM, self._call(method, path), cause) from error
            raise OutcomeUnknownError(self._call(method, path), cause, is_answered=True) from error

    def _rows(self, path: str, read: Callable[[object], Row]) -> Iterator[Row]:
        """Until a page has nothing new: a short one need not be the last, as the page may be sparing with rows."""
        size = "limit" if path == "incidents" else "per_page"
        seen: set[str] = set()
        for number in range(1, _MOST_PAGES + 1):
            response = self._response("GET", path, params={"page": str(number), size: str(_LARGEST_PAGE)})
            try:
                rows = [read(row) for row in msgspec.json.decode(response.content, type=list[object])]
            except UNREADABLE as error:
                raise RemoteError(SYSTEM, self._call("GET", path), unexpected_body(response, error)) from error
            new = [row for row in rows if row.id not in seen]
            if not new:
                return
            seen |= {row.id for row in new}
            yield from new
        raise RemoteError(SYSTEM, self._call("GET", path), f"more than {_MOST_PAGES} pages")

    def _response(
        self, method: str, path: str, fields: Fields | None = None, params: dict[str, str] | None = None
    ) -> requests.Response:
        """A success. What changes something is sent only once, but where it was certainly not done."""
        attempts = self._patience.attempts if method == "GET" else 1
        self._ends_at = self.timing.clock() + self._patience.call_seconds
        while True:
            attempts -= 1
            try:
                return self._unthrottled(method, path, fields, params)
            except OutcomeUnknownError as error:
                if attempts <= 0 or self.timing.clock() + SECONDS_BETWEEN_REQUESTS >= self._ends_at:
                    raise
                self.said(f"{error}; asking again")

    def _unthrottled(
        self, method: str, path: str, fields: Fields | None, params: dict[str, str] | None
    ) -> requests.Response:
        back_off, waited_seconds, times = 1.0, 0.0, 0
        while True:
            response = self._sent(method, path, fields, params)
            if response.status_code not in SLOWER:
                break
            asked = retry_after_seconds(response.headers.get("Retry-After"))
            seconds = back_off if asked is None else max(1.0, asked)
            back_off, times = min(2 * back_off, _LONGEST_PAUSE_SECONDS), times + 1
            call, words = self._call(method, path), words_of(response)
            if waited_seconds + seconds > self._patience.throttled_seconds or times > self._patience.throttled_times:
                cause = f"{words}, after {waited_seconds:.0f} s of waiting; run the same command again later"
                raise ThrottledError(SYSTEM, call, cause)
            self.said(f"{SYSTEM}: {call}: {words}; waiting {seconds:.0f} s")
            self.timing.pause(seconds)
            waited_seconds += seconds
            self._ends_at = self.timing.clock() + self._patience.call_seconds
        if not 200 <= response.status_code < 300:  # noqa: PLR2004 — success
            raise unsuccessful(response, self._call(method, path))
        if method != "GET":
            self._changed()
        return response

    def _sent(self, method: str, path: str, fields: Fields | None, params: dict[str, str] | None) -> requests.Response:
        self.rest()
        try:
            return self._session.request(
                method,
                f"{self._root}/{self._page}/{path}",
                params=params,
                json=None if fields is None else {"incident": fields},
                auth=self._auth,
                timeout=time_limits(max(_LEAST_SECONDS, self._ends_at - self.timing.clock())),
            )
        except requests.RequestException as error:
            raise unanswered(error, self._call(method, path)) from error
        except KeyboardInterrupt:
            if method != "GET":  # it may have been done, so nobody should read that nothing was
                self._changed()
            raise
        finally:
            self._ready_at = self.timing.clock() + SECONDS_BETWEEN_REQUESTS

    def _call(self, method: str, path: str) -> str:
        return f"{method} {self._page}/{path}"


class _OAuth(AuthBase):
    """Statuspage's own word in the header; it is not a Bearer token."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"OAuth {self._key}"
        return request

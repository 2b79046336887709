"""Answers requests for the page and its files. Renders each view at most once a minute for the same facts."""

import gzip
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from exporter.messages import Answer, Request, text_answer
from exporter.negotiation import accepts_gzip
from exporter.page.choice import Choice
from exporter.page.document import SECURITY_HEADERS, backlog_page
from exporter.page.facts import Facts, facts_of
from exporter.page.files import backlog_csv, backlog_json
from exporter.page.query import QueryError, view_of
from exporter.page.view import View
from exporter.paths import PAGE_PATH
from exporter.publication import Publication

_SHORTEST_REFRESH_SECONDS = 60
_FIRST_SURVEY_SECONDS = 15
_MOST_BODIES = 8
_LARGEST_BODY_BYTES = 1_000_000
"""Larger ones, which only files can be, are made anew for each request."""

_FORMATS: Mapping[str, tuple[str, Callable[[Choice], str | bytes]]] = {
    PAGE_PATH: ("text/html; charset=utf-8", backlog_page),
    "/backlog.csv": ("text/csv; charset=utf-8", backlog_csv),
    "/backlog.json": ("application/json; charset=utf-8", backlog_json),
}
PATHS = tuple(_FORMATS)


class PageAnswers:
    """Only one thread may ask it."""

    def __init__(self, publication: Publication) -> None:
        self._publication = publication
        self._made_of: object = None
        self._facts: Facts | None = None
        self._bodies: OrderedDict[tuple[str, View, bool], bytes] = OrderedDict()
        self._rests_until = 0.0

    def answer(self, path: str, request: Request) -> Answer:
        """`path` is one of PATHS."""
        facts = self._latest_facts()
        try:
            view = view_of(request.query, facts.known_words)
        except QueryError as error:
            return text_answer(400, str(error))
        is_gzip = accepts_gzip(request.headers.get("accept-encoding", ""))
        body = self._body(path, view, facts, is_gzip=is_gzip)
        headers = [("Content-Type", _FORMATS[path][0]), ("Vary", "Accept-Encoding"), *SECURITY_HEADERS.items()]
        if is_gzip:
            headers.append(("Content-Encoding", "gzip"))
        if path == PAGE_PATH:
            headers.append(("Refresh", f"{self._refresh_seconds}"))
        return Answer(200, tuple(headers), len(body), (body,))

    @property
    def _refresh_seconds(self) -> int:
        """No sooner than there is something new, so that nobody loses half a filter each minute."""
        if self._facts is None or len(self._facts.regions) < len(self._facts.statuses):
            return _FIRST_SURVEY_SECONDS
        return max(_SHORTEST_REFRESH_SECONDS, round(self._publication.facts.poll_interval_seconds))

    def _latest_facts(self) -> Facts:
        latest, now = self._publication.latest, datetime.now(UTC)
        ledger = latest.ledger and (latest.ledger.outlook, latest.ledger.last_failure is None)
        minute = now.replace(second=0, microsecond=0)
        made_of = [s.surveys_count for s in latest.statuses], ledger, latest.versions, minute
        if self._facts is None or made_of != self._made_of:
            self._facts = facts_of(
                latest.statuses,
                self._publication.facts,
                now,
                latest.ledger,
                joined=latest.joined,
                versions=latest.versions,
            )
            self._made_of = made_of
            self._bodies.clear()
        return self._facts

    def _body(self, path: str, view: View, facts: Facts, *, is_gzip: bool) -> bytes:
        key = path, view, is_gzip
        body = self._bodies.get(key)
        if body is None:
            body = self._rendered(path, Choice(view, facts), is_gzip=is_gzip)
            if len(body) <= _LARGEST_BODY_BYTES:
                self._bodies[key] = body
                if len(self._bodies) > _MOST_BODIES:
                    self._bodies.popitem(last=False)
        return body

    def _rendered(self, path: str, choice: Choice, *, is_gzip: bool) -> bytes:
        """Rests as long as the rendering before it took, so that nobody's reading takes more than half of the time."""
        began = max(time.monotonic(), self._rests_until)
        time.sleep(max(0.0, self._rests_until - time.monotonic()))
        made = _FORMATS[path][1](choice)
        body = made if isinstance(made, bytes) else made.encode(errors="backslashreplace")
        if is_gzip:
            body = gzip.compress(body, compresslevel=1, mtime=0)
        ended = time.monotonic()
        self._rests_until = ended + (ended - began)
        return body

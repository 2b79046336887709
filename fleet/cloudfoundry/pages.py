"""Lists of Cloud Foundry's v3 API: every page once, with a token that is renewed where it is refused."""

from collections.abc import Iterator
from typing import Generic, TypeVar
from urllib.parse import urljoin, urlsplit

import msgspec

from fleet.cloudfoundry.uaa import TokenSource
from fleet.errors import RemoteError
from fleet.remote_http import RemoteHttp, Request, StatusError
from fleet.tally import Tally

SYSTEM = "cloudfoundry"
PER_PAGE = ("per_page", "5000")
"""The most that v3 allows: one big page cannot shift while it is read."""

Resource = TypeVar("Resource")
Included = TypeVar("Included")


class _Guid(msgspec.Struct):
    guid: str


class ToOne(msgspec.Struct):
    data: _Guid | None = None

    @property
    def guid(self) -> str | None:
        return self.data.guid if self.data else None


class _Link(msgspec.Struct):
    href: str


class _Pagination(msgspec.Struct):
    total_results: int
    next: _Link | None = None


class Nothing(msgspec.Struct):
    """For pages without anything included."""


class Page(msgspec.Struct, Generic[Resource, Included]):
    pagination: _Pagination
    resources: list[Resource]
    included: Included | None = None


class CloudFoundryPages:
    """One thread at a time, as the connections are."""

    def __init__(self, api_address: str, tokens: TokenSource, tally: Tally) -> None:
        self._api_address = api_address
        self._tokens = tokens
        self._http = RemoteHttp(SYSTEM, tally)

    def of(
        self, path: str, params: tuple[tuple[str, str], ...], promised: type[Page[Resource, Included]]
    ) -> Iterator[Page[Resource, Included]]:
        """Every page of a list, each asked for once, none from another origin than the API's."""
        call = f"GET {path}"
        url: str | None = self._api_address + path
        asked: set[str] = set()
        totals: set[int] = set()
        rows_count = 0
        while url is not None:
            if url in asked:
                raise RemoteError(SYSTEM, call, "its pages go round in a circle")
            asked.add(url)
            page = self._get(url, call, () if totals else params, promised)
            totals.add(page.pagination.total_results)
            rows_count += len(page.resources)
            url = self._next_url(page.pagination, call)
            yield page
        # Pages are cut by position: a row that goes away between two of them hides another one.
        if len(asked) > 1 and (len(totals) > 1 or rows_count < totals.pop()):
            raise RemoteError(SYSTEM, call, "the list changed while its pages were read")

    def _next_url(self, pagination: _Pagination, call: str) -> str | None:
        if pagination.next is None:
            return None
        url = urljoin(self._api_address + "/", pagination.next.href)
        if _origin(url) != _origin(self._api_address):
            raise RemoteError(SYSTEM, call, f"its next page is on another origin, {_origin(url)}: not followed")
        return url

    def _get(
        self, url: str, call: str, params: tuple[tuple[str, str], ...], promised: type[Page[Resource, Included]]
    ) -> Page[Resource, Included]:
        try:
            return self._http.ask(Request("GET", url, call, self._tokens.token(), params), promised)
        except StatusError as error:
            if error.status != 401:  # noqa: PLR2004 — Unauthorized
                raise
            # Revoked, or expired by another clock than ours: one new token, one more try.
            self._tokens.discard()
            return self._http.ask(Request("GET", url, call, self._tokens.token(), params), promised)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    default_port = {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or default_port}"

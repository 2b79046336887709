"""Reads every page of lists in Cloud Foundry's v3 API, and renews the token if it is refused."""

from collections.abc import Iterator
from typing import Annotated, Generic, Protocol, TypeVar

import msgspec

from fleet.cloudfoundry.uaa import TokenSource
from fleet.errors import RemoteError, TooLargeError
from fleet.remote_address import AddressError, linked_address, remote_address
from fleet.remote_http import RemoteHttp, Request, StatusError
from fleet.tally import Tally
from fleet.time_limit import TimeLimit

SYSTEM = "cloudfoundry"
PER_PAGE = ("per_page", "5000")
"""The largest page that v3 allows: rows cannot shift between pages if there is only one."""
_SMALLER_PAGES = ("250", "10")
"""Used if a page is too large: v3 always sends metadata, and tenants may write megabytes of it onto each instance."""
_MOST_PAGES = 2_000
_MOST_ROWS = 100_000
_CHANGED = "the list changed while its pages were read"

Text = Annotated[str, msgspec.Meta(max_length=300)]
"""A guid or a name. Cloud Foundry allows 255 characters; longer text could fill our memory."""
Parameters = tuple[tuple[str, str], ...]


class _Row(Protocol):
    guid: str


Resource = TypeVar("Resource", bound=_Row)
Included = TypeVar("Included")


class _Guid(msgspec.Struct):
    guid: Text


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
    """Stands for the `included` part of pages that have none."""


class Page(msgspec.Struct, Generic[Resource, Included]):
    pagination: _Pagination
    resources: list[Resource]
    included: Included | None = None


class CloudFoundryPages:
    """Only one thread may use it at a time, because of its connections."""

    def __init__(self, api_address: str, tokens: TokenSource, tally: Tally, limit: TimeLimit | None = None) -> None:
        """Without a limit to share, each list has one of its own."""
        self._api_address = api_address
        self._tokens = tokens
        self._tally = tally
        self._limit = limit
        self._http = RemoteHttp(SYSTEM, tally, limit=limit)

    def of(
        self, path: str, params: Parameters, promised: type[Page[Resource, Included]]
    ) -> Iterator[Page[Resource, Included]]:
        """
        Every page of a list. A row may come twice. Follows no link to another origin than the API's.

        Raises RemoteError if the list has fewer rows than it says, or more, changes while it is read, or never ends.
        """
        for size in (PER_PAGE[1], *_SMALLER_PAGES):
            asked = tuple((name, size if name == PER_PAGE[0] else value) for name, value in params)
            try:
                yield from self._every_page(path, asked, promised)
            except TooLargeError:
                if size == _SMALLER_PAGES[-1]:
                    raise
            else:
                return

    def _every_page(
        self, path: str, params: Parameters, promised: type[Page[Resource, Included]]
    ) -> Iterator[Page[Resource, Included]]:
        call = f"GET {path}"
        url: str | None = self._api_address + path
        totals: set[int] = set()
        seen: set[str] = set()
        pages_count = 0
        limit = self._limit or TimeLimit()
        while url is not None:
            limit.refuse_if_over(SYSTEM, call)
            page = self._get(url, call, () if totals else params, promised)
            totals.add(page.pagination.total_results)
            pages_count += 1
            rows_before = len(seen)
            seen.update(row.guid for row in page.resources)
            url = self._next_url(page.pagination, call)
            if url is not None and len(seen) == rows_before:
                raise self._not_whole(call, "its pages go round in a circle" if page.resources else _CHANGED)
            if pages_count > _MOST_PAGES or len(seen) > _MOST_ROWS:
                raise self._not_whole(call, f"it does not end within {_MOST_PAGES} pages and {_MOST_ROWS} rows")
            yield page
        # Pages are cut by position: if a row is deleted between two requests, another row is skipped.
        if len(totals) > 1:
            raise self._not_whole(call, _CHANGED)
        if len(seen) != max(totals):
            raise self._not_whole(call, f"the list is not whole: {len(seen)} of the {max(totals)} that it says it has")

    def _not_whole(self, call: str, cause: str) -> RemoteError:
        self._tally.count_failure(SYSTEM)
        return RemoteError(SYSTEM, call, cause)

    def _next_url(self, pagination: _Pagination, call: str) -> str | None:
        if pagination.next is None:
            return None
        try:
            url = linked_address(self._api_address, pagination.next.href)
            origin = remote_address(url).origin
        except AddressError as error:
            raise self._not_whole(call, f"the address of its next page is none: {error}") from error
        if origin != remote_address(self._api_address).origin:
            raise self._not_whole(call, f"its next page is on another origin, {origin}: not followed")
        return url

    def _get(
        self, url: str, call: str, params: Parameters, promised: type[Page[Resource, Included]]
    ) -> Page[Resource, Included]:
        token = self._tokens.token()  # before the `try`, because UAA may refuse our secret with the same status
        try:
            return self._http.ask(Request("GET", url, call, token, params), promised)
        except StatusError as error:
            if error.status != 401:  # noqa: PLR2004 — Unauthorized
                raise
            # The token was revoked, or has expired by another clock than ours: try once more with a new one.
            self._tokens.discard()
            return self._http.ask(Request("GET", url, call, self._tokens.token(), params), promised)

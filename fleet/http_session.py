"""
A requests session that no server can delay, flood, redirect or crash.

- It has a time limit for a whole answer with its headers. requests limits only the time between packets, and a server
  that sends a byte a second never exceeds that.
- It limits the size of bodies (`fleet.remote_body`).
- It follows no redirect, keeps no cookie and reads no `.netrc`.
- It turns errors of the libraries below into RequestException.
"""

import http.client
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast
from urllib.parse import urlsplit

import requests
import urllib3.connection
import urllib3.exceptions
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from fleet.answer_dates import note_answer
from fleet.calls import Followed, call_within
from fleet.patience import patience
from fleet.remote_body import whole_body
from fleet.surrogates import with_whole_characters

LIBRARY_ERRORS = (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError, RuntimeError)
"""
Errors of other libraries that requests lets through: urllib3's for an unusable address of a system or proxy, `OSError`
for unreadable certificates, `ValueError` (with `UnicodeError`) for text that does not fit into a header or a host name,
and `RuntimeError` if no thread can be started.
"""


def time_limits(seconds_in_all: float) -> urllib3.Timeout:
    limits = patience()
    return urllib3.Timeout(connect=limits.connect_seconds, read=limits.read_seconds, total=seconds_in_all)


class OverdueError(requests.ReadTimeout):
    """The time for the whole answer was over before the answer had arrived completely."""


class UnsendableError(requests.RequestException):
    """The request could not be made, because of an address, a proxy's address or a file of certificates."""


Hosts = dict[tuple[str, str], Mapping[str, Any]]
"""By scheme and host, the proxies and certificates that the environment names."""


class GuardedSession(requests.Session):
    """Only one thread may use it at a time. `timeout` is a `urllib3.Timeout`; its `total` limits the whole answer."""

    def __init__(self, hosts: Hosts | None = None) -> None:
        """Sessions of one client, for one thread each, may share what the environment says of `hosts`."""
        super().__init__()
        self.headers["Accept-Encoding"] = "gzip"
        for scheme in _POOLS:
            self.mount(f"{scheme}://", _FollowedAdapter())
        self._settings: Hosts = {} if hosts is None else hosts

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:  # noqa: ANN401 — as requests has it
        try:
            return super().request(*args, **kwargs)
        except requests.RequestException:
            raise
        except LIBRARY_ERRORS as error:
            raise UnsendableError(error) from error

    def merge_environment_settings(self, url: Any, *settings: Any) -> Mapping[str, Any]:  # type: ignore[override] # noqa: ANN401 — as requests has it
        """Looks for proxies and certificates in the environment once for each host: it costs half of a request."""
        host = urlsplit(url)[:2]
        if host not in self._settings:
            self._settings[host] = super().merge_environment_settings(url, *settings)
        return {**self._settings[host]}

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # noqa: ANN401 — as requests has it
        """Replaces requests' own method, which reads a redirect's body without limit, follows it, and keeps cookies."""
        kwargs.pop("allow_redirects", None)
        limits: urllib3.Timeout = kwargs["timeout"]
        asked_at = time.time()
        with _time_limit(cast("float", limits.total)):
            response = self.get_adapter(request.url or "").send(request, **{**kwargs, "stream": True})
            try:
                response._content = with_whole_characters(whole_body(response.raw))  # noqa: SLF001 — where requests keeps it too
            except BaseException:
                response.raw.close()
                raise
        note_answer(response.headers, asked_at)
        return response


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    too_late = f"no whole answer within {seconds:.0f} s"
    with call_within(seconds) as call:
        try:
            yield
        except (requests.RequestException, *LIBRARY_ERRORS) as error:
            if call.is_over:
                raise OverdueError(too_late) from error
            raise
        if call.is_over:
            raise OverdueError(too_late)


class _FollowedHTTPConnection(Followed, urllib3.connection.HTTPConnection):
    pass


class _FollowedHTTPSConnection(Followed, urllib3.connection.HTTPSConnection):
    pass


class _FollowedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _FollowedHTTPConnection


class _FollowedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _FollowedHTTPSConnection


_POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _FollowedHTTPPool, "https": _FollowedHTTPSPool}


class _FollowedAdapter(HTTPAdapter):
    """Makes connections that can be cut, also through proxies, except SOCKS, whose connections are its own."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 — as requests has it
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> urllib3.ProxyManager:  # noqa: ANN401 — as requests has it
        manager: urllib3.ProxyManager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _POOLS
        return manager

"""
A session of requests' that nobody on the other side can hold up, fill up, send elsewhere or crash.

- A time limit for the whole of an answer, its headers included: requests knows one for each packet only, and a server
  that sends a byte a second never exceeds that.
- A body is bounded (`fleet.remote_body`).
- No redirect is followed, no cookie kept, no `.netrc` read.
- Whatever the libraries below raise, it is a RequestException.
"""

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, cast

import requests
import urllib3.connection
import urllib3.exceptions
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from fleet.remote_body import whole_body

CONNECT_TIMEOUT_SECONDS = 5
READ_TIMEOUT_SECONDS = 20
LIBRARY_ERRORS = (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError, RuntimeError)
"""
What requests lets through beside its own: urllib3's errors where an address or a proxy's cannot be used, `OSError` for
certificates that cannot be read, `ValueError` and with it `UnicodeError` for what does not fit into a header or a name,
`RuntimeError` where no thread can be started.
"""


class OverdueError(requests.ReadTimeout):
    """The answer had begun, or not even that, when the time for the whole of it was up."""


class UnsendableError(requests.RequestException):
    """The request could not be made: the cause is in an address, a proxy's address or a file of certificates."""


class GuardedSession(requests.Session):
    """One thread at a time. A request's time limits are an `urllib3.Timeout`, whose `total` is for the whole answer."""

    def __init__(self) -> None:
        super().__init__()
        self.headers["Accept-Encoding"] = "gzip"
        for scheme in _POOLS:
            self.mount(f"{scheme}://", _FollowedAdapter())

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:  # noqa: ANN401 — as requests has it
        try:
            return super().request(*args, **kwargs)
        except requests.RequestException:
            raise
        except LIBRARY_ERRORS as error:
            raise UnsendableError(error) from error

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # noqa: ANN401 — as requests has it
        """Not requests' own: that one reads a redirect's body unbounded, follows it, and keeps cookies."""
        kwargs.pop("allow_redirects", None)
        limits: urllib3.Timeout = kwargs["timeout"]
        with _time_limit(cast("float", limits.total)):
            response = self.get_adapter(request.url or "").send(request, **{**kwargs, "stream": True})
            try:
                response._content = whole_body(response.raw)  # noqa: SLF001 — where requests keeps it too
            except BaseException:
                response.raw.close()
                raise
        return response


class _Call:
    """What is on its way, so that another thread can cut it off."""

    def __init__(self) -> None:
        self.is_over = False
        self._connection: urllib3.connection.HTTPConnection | None = None
        self._socket: socket.socket | None = None

    def follow(self, connection: urllib3.connection.HTTPConnection) -> None:
        """From now on it is this connection that would be cut."""
        self._connection = connection
        self._socket = connection.sock
        if self.is_over:
            raise TimeoutError

    def cut(self) -> None:
        """Whoever waits for the socket, even within TLS, sees its end."""
        self.is_over = True
        sock = self._socket or (self._connection.sock if self._connection else None)
        if sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)


_call: ContextVar[_Call] = ContextVar("_call")


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    call = _Call()
    token = _call.set(call)
    timer = threading.Timer(seconds, call.cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (requests.RequestException, *LIBRARY_ERRORS) as error:
        if call.is_over:
            raise OverdueError(f"no whole answer within {seconds:.0f} s") from error
        raise
    finally:
        timer.cancel()
        _call.reset(token)


class _FollowedHTTPConnection(urllib3.connection.HTTPConnection):
    def connect(self) -> None:
        _call.get().follow(self)
        super().connect()

    def getresponse(self) -> urllib3.response.HTTPResponse:  # type: ignore[override] # as urllib3 has it
        _call.get().follow(self)
        return super().getresponse()


class _FollowedHTTPSConnection(urllib3.connection.HTTPSConnection):
    def connect(self) -> None:
        _call.get().follow(self)
        super().connect()

    def getresponse(self) -> urllib3.response.HTTPResponse:  # type: ignore[override] # as urllib3 has it
        _call.get().follow(self)
        return super().getresponse()


class _FollowedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _FollowedHTTPConnection


class _FollowedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _FollowedHTTPSConnection


_POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _FollowedHTTPPool, "https": _FollowedHTTPSPool}


class _FollowedAdapter(HTTPAdapter):
    """Makes connections that can be cut, through a proxy too, but for SOCKS, which brings connections of its own."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 — as requests has it
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> urllib3.ProxyManager:  # noqa: ANN401 — as requests has it
        manager: urllib3.ProxyManager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _POOLS
        return manager

"""The server on real sockets: what it answers, how long it waits, and what one client can cost another."""

import contextlib
import gc
import logging
import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from exporter import conversation
from exporter.listener import bound_socket, connections_that_fit
from exporter.messages import Answer, Request, text_answer
from exporter.server import Server, serving
from exporter.web_access import WebAccess
from tests.servers import wait_until

GET = b"GET /small HTTP/1.1\r\nHost: here\r\n\r\n"
GET_LARGE = b"GET /large HTTP/1.1\r\nHost: here\r\n\r\n"
LARGE = 20_000_000


async def respond(request: Request) -> Answer:
    if request.path == "/large":
        return Answer(200, (), LARGE, (b"x" * 1_000_000 for _ in range(LARGE // 1_000_000)))
    if request.path == "/broken":
        raise ZeroDivisionError
    return text_answer(200, f"{request.method} {request.path}")


@contextlib.contextmanager
def served(connections_limit: int = 100) -> Iterator[Callable[[], socket.socket]]:
    """How to connect to it."""
    broken: list[BaseException] = []
    listener = bound_socket("127.0.0.1", 0)
    address = listener.getsockname()
    opened: list[socket.socket] = []

    def connect() -> socket.socket:
        client = socket.create_connection(address, timeout=10)
        opened.append(client)
        return client

    with serving(Server(respond, listener, WebAccess(None), connections_limit), broken.append):
        yield connect
        for client in opened:
            client.close()
    assert broken == []
    gc.collect()


def answer_to(client: socket.socket, request: bytes = GET) -> str:
    """All that is sent until the connection ends or falls silent after a whole answer."""
    client.sendall(request)
    return said(client)


def said(client: socket.socket) -> str:
    heard = b""
    while not re.search(rb"\r\n\r\n.*\n$", heard, re.DOTALL):
        if not (piece := client.recv(65536)):
            break
        heard += piece
    return heard.decode()


def is_ended(client: socket.socket) -> bool:
    """Waits for it."""
    try:
        while client.recv(65536):
            pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deadlines of half a second, to be kept as the real ones are."""
    for name in ("HEAD_SECONDS", "ANSWER_SECONDS", "KEEP_ALIVE_SECONDS"):
        monkeypatch.setattr(conversation, name, 0.5)


def test_requests_follow_each_other_on_one_connection() -> None:
    """Prometheus keeps it open; and whoever sends two at once gets two answers, in their order."""
    with served() as connect, connect() as client:
        assert answer_to(client).endswith("\r\n\r\nGET /small\n")
        client.sendall(GET + GET.replace(b"small", b"other"))
        heard = ""
        while "GET /other\n" not in heard:
            heard += client.recv(65536).decode()
        assert re.findall(r"^GET .+$", heard, re.MULTILINE) == ["GET /small", "GET /other"]


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/small?a=b", "/small"),
        ("/%73mall", "/small"),
        ("http://elsewhere.example.org/small", "/small"),
        ("http://[", ""),
        ("*", "*"),
    ],
)
def test_a_target_may_have_any_form(target: str, path: str) -> None:
    """Also that which is sent to a proxy."""
    with served() as connect, connect() as client:
        assert answer_to(client, GET.replace(b"/small", target.encode())).endswith(f"\r\n\r\nGET {path}\n")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nA: \x00\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (b"GET / HTTP/1.1\r\nHost: a\r\nA: " + b"a" * 20_000, 431),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    ],
)
def test_what_is_not_http_is_told_so(request_: bytes, status: int, caplog: pytest.LogCaptureFixture) -> None:
    """With the header that every answer has, and without a line in the log, which would be the client's to fill."""
    with served() as connect, connect() as client:
        heard = answer_to(client, request_)
        assert heard.startswith(f"HTTP/1.1 {status} ")
        assert "X-Content-Type-Options: nosniff\r\n" in heard
        assert is_ended(client)
    assert caplog.records == []


@pytest.mark.parametrize("request_", [b"POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n\r\nabc"])
def test_a_body_is_not_waited_for(request_: bytes) -> None:
    """The answer comes at once, and the connection ends with it."""
    with served() as connect, connect() as client:
        heard = answer_to(client, request_)
        assert heard.endswith("POST /small\n")
        assert "Connection: close\r\n" in heard
        assert is_ended(client)


def test_head_has_the_length_and_no_body() -> None:
    """And the connection goes on."""
    with served() as connect, connect() as client:
        client.sendall(GET.replace(b"GET /small", b"HEAD /large"))
        heard = client.recv(65536).decode()
        assert heard.endswith(f"Content-Length: {LARGE}\r\n\r\n")
        assert answer_to(client).endswith("GET /small\n")


def test_who_is_half_closed_still_gets_the_answer() -> None:
    """As with a request that comes through a pipe."""
    with served() as connect, connect() as client:
        client.sendall(GET)
        client.shutdown(socket.SHUT_WR)
        assert said(client).endswith("GET /small\n")
        assert is_ended(client)


def test_a_mistake_of_ours_ends_one_connection(caplog: pytest.LogCaptureFixture) -> None:
    """With one line that says where it was made."""
    with served() as connect:
        for _ in range(3):
            with connect() as client:
                client.sendall(GET.replace(b"small", b"broken"))
                assert is_ended(client)
        with connect() as client:
            assert answer_to(client).endswith("GET /small\n")
    (record,) = caplog.records
    assert record.message == "connection failed unexpectedly"
    assert re.match(r"ZeroDivisionError \(.*test_server\.py:\d+\)", record.__dict__["cause"])


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("beginning", [b"", b"GET / HTTP/1.1\r\n", GET])
def test_who_says_nothing_more_is_not_waited_for(beginning: bytes) -> None:
    """Before the first request, within its head, and after an answer."""
    with served() as connect, connect() as client:
        client.sendall(beginning)
        assert is_ended(client)


@pytest.mark.usefixtures("quick")
def test_a_head_in_drops_has_no_more_time_than_another() -> None:
    """A byte now and then keeps no connection."""
    with served() as connect, connect() as client:
        client.sendall(b"GET / HTTP/1.1\r\nA: ")
        client.settimeout(0.02)
        deadline = time.monotonic() + 10
        with pytest.raises(ConnectionError):  # noqa: PT012 — the drops are what ends it
            while time.monotonic() < deadline:
                client.sendall(b"a")
                with contextlib.suppress(TimeoutError):
                    if client.recv(1) == b"":
                        raise ConnectionError


@pytest.mark.usefixtures("quick")
def test_who_does_not_read_is_cut_off_and_leaves_nothing_behind() -> None:
    """In the kernel neither, which would try to deliver the rest for minutes."""
    with served() as connect, connect() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(GET_LARGE)
        port = client.getpeername()[1]
        wait_until(lambda: held_by_kernel(port) > 0, lambda: "nothing was sent")
        wait_until(lambda: held_by_kernel(port) == 0, lambda: held_by_kernel(port))


def held_by_kernel(port: int) -> int:
    """Bytes that were sent from this port and that nobody has taken yet, over all its connections."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(int(row[4].split(":")[0], 16) for row in rows if row[1].endswith(f":{port:04X}"))


@pytest.mark.parametrize("occupation", [b"", b"GET / HTTP/1.1\r\n", GET, GET_LARGE])
def test_a_full_house_makes_room_for_who_comes(occupation: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """Who has waited longest has to go, and the log has one line of it."""
    with served(connections_limit=10) as connect, caplog.at_level(logging.WARNING):
        for _ in range(40):
            guest = connect()
            guest.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            with contextlib.suppress(ConnectionError):
                guest.sendall(occupation)
        for _ in range(3):
            with connect() as client:
                assert answer_to(client).endswith("GET /small\n")
    assert [record.message for record in caplog.records] == ["connections ended to make room for others"]


def test_who_is_being_answered_goes_last() -> None:
    """A slow scrape is worth more than connections that wait for nothing."""
    with served(connections_limit=5) as connect, connect() as slow:
        slow.sendall(GET_LARGE)
        heard = len(slow.recv(1000))
        for _ in range(20):
            connect()
        with connect() as client:
            assert answer_to(client)
        while heard < LARGE:
            heard += len(slow.recv(1_000_000)) or LARGE * 2
        assert heard < LARGE * 2


@pytest.mark.parametrize(
    ("soft_limit", "regions", "expected"), [(256, 1, 100), (256, 10, 48), (64, 1, 8), (20_000, 1, 100)]
)
def test_surveys_have_their_descriptors_first(
    soft_limit: int, regions: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left goes to connections, a hundred at most."""
    monkeypatch.setattr("resource.getrlimit", lambda _: (soft_limit, soft_limit))
    assert connections_that_fit(regions) == expected

"""Calls are cut off in time whatever goes on: here before the connection is there."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest

from fleet.aws.client import AwsAccess, AwsKeys, elasticache_client
from fleet.aws.elasticache import ElastiCache
from fleet.errors import RemoteError
from fleet.patience import Patience, with_patience
from fleet.remote_http import NoAuth, RemoteHttp, Request
from fleet.tally import Tally

ADDRESSES = 40
IN_A_HURRY = Patience(
    connect_seconds=0.2, call_seconds=0.5, aws_answer_seconds=0.5, aws_read_seconds=0.3, pause_factor=0
)


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """A host with many addresses, none of which answers."""
    attempts: list[object] = []

    class Silent(socket.socket):
        def connect(self, address: object) -> None:
            attempts.append(address)
            time.sleep(self.gettimeout() or 0)
            raise TimeoutError

    def many(host: str, port: int, *_: object, **__: object) -> list[tuple[Any, ...]]:
        assert host == "many.example.org"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"192.0.2.{n}", port)) for n in range(ADDRESSES)]

    monkeypatch.setattr(socket, "getaddrinfo", many)
    monkeypatch.setattr(socket, "socket", Silent)
    return attempts


def test_no_further_address_is_tried_once_the_time_is_over(tried: list[object]) -> None:
    with with_patience(IN_A_HURRY), pytest.raises(RemoteError, match=r"no (whole answer|connection) within"):
        RemoteHttp("cloudfoundry", Tally()).ask(Request("GET", "http://many.example.org/", "GET /", NoAuth()), dict)
    assert 1 < len(tried) < ADDRESSES / 2


def test_nor_by_boto3(tried: list[object]) -> None:
    access = AwsAccess("eu-west-1", AwsKeys("id", "key"), elasticache_endpoint_url="http://many.example.org")
    with with_patience(IN_A_HURRY), pytest.raises(RemoteError):
        ElastiCache(elasticache_client(access, Tally()), Tally()).service_updates()
    assert 1 < len(tried) < ADDRESSES / 2


@contextmanager
def dripping(first: bytes, more: bytes) -> Iterator[int]:
    """The port of a server that answers every connection with this, and then with a little more, for ever."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        is_ending = threading.Event()

        def drip(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                connection.sendall(first)
                while not is_ending.wait(0.05):
                    connection.sendall(more)

        def serve() -> None:
            with suppress(OSError):
                while not is_ending.is_set():
                    threading.Thread(target=drip, args=(listener.accept()[0],), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            is_ending.set()
            listener.shutdown(socket.SHUT_RDWR)


TLS_RECORD = b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc"
"""The beginning of a server's first message, which says that it is 16 kB long."""


@pytest.mark.parametrize("is_proxy", [False, True], ids=["TLS", "proxy"])
def test_a_connection_that_drips_while_it_is_made_is_cut(monkeypatch: pytest.MonkeyPatch, *, is_proxy: bool) -> None:
    """In a proxy's answer to CONNECT, or in the TLS handshake, which has a limit of its own."""
    first, more = (b"HTTP/1.1 200 OK\r\nX: ", b"x") if is_proxy else (TLS_RECORD, b"\0")
    with dripping(first, more) as port, with_patience(replace(IN_A_HURRY, connect_seconds=0.4)):
        url = f"https://127.0.0.1:{port}"
        if is_proxy:
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
            url = "https://elsewhere.example.org"
        access = AwsAccess("eu-west-1", AwsKeys("id", "key"), elasticache_endpoint_url=url)
        began_at = time.monotonic()
        with pytest.raises(RemoteError, match=r"the answer was not whole after|Read timeout"):
            ElastiCache(elasticache_client(access, Tally()), Tally()).service_updates()
        with pytest.raises(RemoteError, match=r"no (whole )?answer within"):
            RemoteHttp("cloudfoundry", Tally()).ask(Request("GET", url, "GET /", NoAuth()), dict)
        assert time.monotonic() - began_at < 10

"""Calls are cut off in time whatever goes on: here while a host's addresses are tried one after another."""

import socket
import time
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

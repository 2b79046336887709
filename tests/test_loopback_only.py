"""The guard that keeps every test on the loopback."""

import socket
import subprocess
import sys

import pytest
import requests

from fleet.aws.client import AwsAccess, AwsKeys, elasticache_client
from fleet.tally import Tally
from tests import loopback_only

OUTSIDE = ["http://192.0.2.1/", "http://sts.eu-west-1.amazonaws.com/", "http://[2001:db8::1]/"]


@pytest.mark.parametrize("url", OUTSIDE)
def test_whoever_leaves_is_refused_and_named(url: str) -> None:
    with pytest.raises(requests.ConnectionError, match="no test may leave the loopback"):
        requests.get(url, timeout=5)
    assert loopback_only.escapes
    loopback_only.escapes.clear()


def test_a_name_of_nobody_may_be_tried() -> None:
    """It leads nowhere, also without the guard."""
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("api.example.org", 443)
    assert not loopback_only.escapes


def test_an_aws_client_without_an_endpoint_is_nowhere() -> None:
    client = elasticache_client(AwsAccess("eu-west-1", AwsKeys("id", "key")), Tally())
    assert client.meta.endpoint_url == "http://127.0.0.1:9"


def test_so_is_that_of_a_program_that_a_test_starts() -> None:
    code = "import os; print(os.environ['AWS_ENDPOINT_URL'])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "http://127.0.0.1:9"

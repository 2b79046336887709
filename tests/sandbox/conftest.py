"""Sandboxes to talk to, and unmodified clients to talk to them with."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config
from mypy_boto3_elasticache import ElastiCacheClient

from sandbox import Options, Sandbox

TODAY = date(2026, 6, 16)
NO_RETRIES = Config(retries={"total_max_attempts": 1, "mode": "standard"}, connect_timeout=2, read_timeout=5)
SESSION = boto3.Session(region_name="eu-west-1")


@pytest.fixture
def time() -> SimpleNamespace:
    """The `now` that a sandbox goes by where a test moves it, in seconds since the epoch."""
    return SimpleNamespace(now=1_781_600_000.0)


@pytest.fixture
def start() -> Iterator[Callable[..., Sandbox]]:
    """Start a sandbox of one's own, to change and to break, with the given options and machine's time."""
    with ExitStack() as stack:

        def started(machine: Callable[[], float] | None = None, **options: Any) -> Sandbox:  # noqa: ANN401 — of Options
            chosen = Options(**{"today": TODAY, **options})
            return stack.enter_context(Sandbox(chosen, machine) if machine else Sandbox(chosen))

        yield started


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox that the tests of a module share and leave as it is."""
    with Sandbox(Options(today=TODAY)) as shared:
        yield shared


@pytest.fixture(scope="session")
def client_of() -> Callable[..., ElastiCacheClient]:
    """An ElastiCache client with the sandbox's credentials, unless told otherwise, that never retries."""

    def client(sandbox: Sandbox, region: str = "eu-west-1", **credentials: str) -> ElastiCacheClient:
        environment = sandbox.environment
        return SESSION.client(
            "elasticache",
            region,
            endpoint_url=environment["AWS_ENDPOINT_URL_ELASTICACHE"],
            aws_access_key_id=credentials.get("access_key", environment["AWS_ACCESS_KEY_ID"]),
            aws_secret_access_key=credentials.get("secret", environment["AWS_SECRET_ACCESS_KEY"]),
            aws_session_token=credentials.get("session_token"),
            config=NO_RETRIES,
        )

    return client


@pytest.fixture
def elasticache(sandbox: Sandbox, client_of: Callable[..., ElastiCacheClient]) -> ElastiCacheClient:
    return client_of(sandbox)


@pytest.fixture(scope="session")
def token_of() -> Callable[[Sandbox], str]:
    """A new access token of the sandbox's client."""

    def token(sandbox: Sandbox) -> str:
        environment = sandbox.environment
        root = requests.get(environment["CF_API_ADDRESS"], timeout=5).json()
        reply = requests.post(
            root["links"]["uaa"]["href"] + "/oauth/token",
            {"grant_type": "client_credentials"},
            auth=(environment["CF_CLIENT_ID"], environment["CF_CLIENT_SECRET"]),
            timeout=5,
        )
        return str(reply.json()["access_token"])

    return token


@pytest.fixture(scope="session")
def ask(token_of: Callable[[Sandbox], str]) -> Callable[..., requests.Response]:
    """Ask Cloud Foundry for a path or an address, with the given token or else a new one."""

    def asked(
        sandbox: Sandbox, path: str, parameters: dict[str, str | int] | None = None, token: str | None = None
    ) -> requests.Response:
        url = path if path.startswith("http") else sandbox.environment["CF_API_ADDRESS"] + path
        return requests.get(
            url, parameters, headers={"Authorization": f"bearer {token or token_of(sandbox)}"}, timeout=5
        )

    return asked

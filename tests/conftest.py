"""No test may look for the machine's own AWS or Cloud Foundry, or leave the loopback. And what several rooms test with."""

import itertools
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from sandbox.server import Options, Sandbox
from tests import loopback_only
from tests.notifier_here import Here
from tests.postgresql_server import CannotStart, postgresql_server

_REMOVED = (
    "AWS_",
    "CF_",
    "VCAP_",
    "PAAS_ACCOUNTS_",
    "NOTIFY_",
    "STATUSPAGE_",
    "GITHUB_",
    "LEDGER_",
    "HTTP_PROXY",
    "HTTPS_PROXY",
)
_numbers = itertools.count(1)
loopback_only.guard()
# How long an example takes says how busy the machine is, and nothing about the product.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.fixture(autouse=True)
def _only_what_the_test_sets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.upper().startswith(_REMOVED) or name in {"PORT", "REGIONS_FILE", "WEB_CONFIG_FILE", "POLL_INTERVAL"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr("fleet.plain_http._warned", set())
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-aws-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-aws-credentials"))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, nowhere in loopback_only.AWS_NOWHERE.items():
        monkeypatch.setenv(name, nowhere)


@pytest.fixture(autouse=True)
def _leaves_logging_as_it_was() -> Iterator[None]:
    """A program that a test runs in this process configures it for itself."""
    root = logging.getLogger()
    loggers = (root, *(logging.getLogger(name) for name in ("fleet", "ledger", "exporter", "notifier")))
    before = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


@pytest.fixture(autouse=True)
def _stays_on_the_loopback() -> Iterator[None]:
    """Fails a test that tried to leave it, whatever became of the attempt."""
    loopback_only.escapes.clear()
    yield
    assert not loopback_only.escapes, f"it wanted to leave the loopback, for {loopback_only.escapes}"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A platform of 57 instances, without faults."""
    with Sandbox(Options()) as running:
        yield running


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a server for the whole session. In CI it has to start; elsewhere its absence is said and lived with."""
    try:
        with postgresql_server() as url:
            yield url
    except CannotStart as reason:
        if os.environ.get("CI"):
            pytest.fail(f"PostgreSQL does not start: {reason}")
        pytest.skip(f"PostgreSQL does not start: {reason}")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/ledger/ledger.sqlite3"


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, sqlite_url: str) -> str:
    """Of an empty ledger, on either database."""
    if request.param == "sqlite":
        return sqlite_url
    server: str = request.getfixturevalue("postgresql")
    name = f"ledger_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return server.removesuffix("/postgres") + f"/{name}"


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, sqlite_url: str) -> Here:
    """The command line in this process, with an SQLite ledger."""
    made = Here(monkeypatch, capsys, tmp_path)
    made.set({"LEDGER_URL": sqlite_url, "NOTIFY_SETTLE_SECONDS": "0.4"})
    return made


_TOGETHER = ("tests/deployment/", "tests/dashboards/test_dashboard_in_prometheus.py")


class _OneWorkerForEachStack(LoadScopeScheduling):  # type: ignore[misc] # xdist publishes no types
    """
    Each test goes to the next free worker, but for those that share what takes long to set up (an image, a stack of
    servers, an installation): one worker sets it up, once.

    That is what xdist_group is for, but pytest 9.2 takes no notice of how xdist 3.8 marks a group.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((place for place in _TOGETHER if nodeid.startswith(place)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    return _OneWorkerForEachStack(config, log)

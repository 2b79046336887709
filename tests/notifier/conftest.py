"""Ledgers of both kinds, and the notifier as a program to run on them."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from sandbox.server import Options, Sandbox
from tests.notifier_here import Here
from tests.notifier_program import Program, program
from tests.postgresql_server import CannotStart, postgresql_server

_numbers = itertools.count(1)


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


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[Sandbox]:
    """For tests that leave it as it is."""
    with Sandbox(Options()) as running:
        yield running


@pytest.fixture
def notifier(sandbox: Sandbox, sqlite_url: str) -> Program:
    """With an SQLite ledger."""
    return program(sandbox, sqlite_url)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, sqlite_url: str) -> Here:
    """The command line in this process, with an SQLite ledger."""
    made = Here(monkeypatch, capsys, tmp_path)
    made.set({"LEDGER_URL": sqlite_url, "NOTIFY_SETTLE_SECONDS": "0.4"})
    return made

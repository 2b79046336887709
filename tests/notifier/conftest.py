"""The notifier as a program to run."""

from collections.abc import Iterator

import pytest

from sandbox.server import Options, Sandbox
from tests.notifier_program import Program, program


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[Sandbox]:
    """For tests that leave it as it is."""
    with Sandbox(Options()) as running:
        yield running


@pytest.fixture
def notifier(sandbox: Sandbox, sqlite_url: str) -> Program:
    """With an SQLite ledger."""
    return program(sandbox, sqlite_url)

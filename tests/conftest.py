"""No test may look for the machine's own AWS or Cloud Foundry, or leave the loopback."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

from sandbox.server import Options, Sandbox

_REMOVED = ("AWS_", "CF_", "VCAP_", "PAAS_ACCOUNTS_", "NOTIFY_", "STATUSPAGE_", "LEDGER_", "HTTP_PROXY", "HTTPS_PROXY")


@pytest.fixture(autouse=True)
def _only_what_the_test_sets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.upper().startswith(_REMOVED) or name in {"PORT", "REGIONS_FILE", "WEB_CONFIG_FILE", "POLL_INTERVAL"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-aws-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-aws-credentials"))
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A platform of 57 instances, without faults."""
    with Sandbox(Options()) as running:
        yield running


class _OneWorkerForDeployments(LoadScopeScheduling):  # type: ignore[misc] # xdist publishes no types
    """
    Each test goes to the next free worker, but for those of tests/deployment: they share what takes long to set up (an
    image, a stack of servers, an installation), so one worker sets it up, once.

    That is what xdist_group is for, but pytest 9.2 takes no notice of how xdist 3.8 marks a group.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "deployment" if nodeid.startswith("tests/deployment/") else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    return _OneWorkerForDeployments(config, log)

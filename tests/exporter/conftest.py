"""What several of the exporter's tests need."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from sandbox.server import Options, Sandbox
from tests.exporter.command_lines import Here
from tests.exporter.web_configs import issue


@pytest.fixture
def certificates(tmp_path: Path) -> trustme.CA:
    """A certificate authority, and in the test's folder a certificate of 127.0.0.1's."""
    authority = trustme.CA()
    issue(authority, tmp_path)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return authority


@pytest.fixture(scope="module")
def unasked() -> Iterator[Sandbox]:
    """A platform for starts that ask nobody."""
    with Sandbox(Options()) as running:
        yield running


@pytest.fixture
def exporter_here(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Here:
    return Here(monkeypatch, capfd)

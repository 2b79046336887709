"""What several of the exporter's tests need."""

from pathlib import Path

import pytest
import trustme

from tests.exporter.web_configs import issue


@pytest.fixture
def certificates(tmp_path: Path) -> trustme.CA:
    """A certificate authority, and in the test's folder a certificate of 127.0.0.1's."""
    authority = trustme.CA()
    issue(authority, tmp_path)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return authority

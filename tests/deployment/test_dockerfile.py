"""The Dockerfile, before anything is built of it."""

import subprocess
import sys
from pathlib import Path

from tests.deployment.conftest import ROOT

HADOLINT = str(Path(sys.executable).with_name("hadolint"))


def test_hadolint_finds_nothing() -> None:
    """And it looks: of a careless file it finds something."""
    done = subprocess.run((HADOLINT, ROOT / "Dockerfile"), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    careless = subprocess.run(
        (HADOLINT, "-"), input="FROM debian\nRUN cd /\n", capture_output=True, text=True, check=False
    )
    assert careless.returncode == 1
    assert {"DL3006", "DL3003"} <= set(careless.stdout.split())

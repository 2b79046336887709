"""docs/deploying/systemd.md is true: systemd accepts its unit, and the program comes up with what the unit sets."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.deployment import cloudfoundry_push as cloudfoundry
from tests.documents.settings import EXPORTERS
from tests.exporter_process import running_exporter

DOCUMENT = cloudfoundry.ROOT / "docs" / "deploying" / "systemd.md"
TEXT = DOCUMENT.read_text()
SECRETS = {"CF_CLIENT_ID", "CF_CLIENT_SECRET", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


def unit() -> str:
    (found,) = re.findall(r"^```ini\n(.+?)^```", TEXT, re.MULTILINE | re.DOTALL)
    return str(found)


def values(key: str) -> list[str]:
    return re.findall(rf"^{key}=(.+)$", unit(), re.MULTILINE)


def test_systemd_accepts_the_unit_and_finds_little_exposed(tmp_path: Path) -> None:
    """With the program where this checkout has it."""
    assert shutil.which("systemd-analyze"), "systemd-analyze is not installed: apt-get install systemd"
    file = tmp_path / "elasticache-update-exporter.service"
    file.write_text(unit().replace("/opt/elasticache-updates/bin", str(Path(sys.executable).parent)))
    verified = subprocess.run(["systemd-analyze", "verify", file], check=False, capture_output=True, text=True)
    assert (verified.returncode, verified.stderr) == (0, "")
    security = ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", str(file)]
    exposure = subprocess.run(security, check=False, capture_output=True, text=True)
    assert exposure.returncode == 0, exposure.stdout.splitlines()[-1]


def test_the_program_comes_up_with_the_units_environment(sandbox: Sandbox, tmp_path: Path) -> None:
    """The secrets in files, as systemd lays them out; the addresses are the sandbox's."""
    environment = dict(word.split("=", 1) for line in values("Environment") for word in shlex.split(line))
    assert {name.removesuffix("_FILE") for name in environment} <= EXPORTERS.keys() | SECRETS
    for credential in values("LoadCredential"):
        name, _, source = credential.partition(":")
        assert source == f"/etc/elasticache-updates/{name}"
        (tmp_path / name).write_text(sandbox.environment[name.upper()] + "\n")
    environment = {name: value.replace("%d", str(tmp_path)) for name, value in environment.items()}
    of_sandbox = {
        name: sandbox.environment[name] for name in ("CF_API_ADDRESS", "CF_CLIENT_ID", "AWS_ENDPOINT_URL_ELASTICACHE")
    }
    with running_exporter(tmp_path, environment, of_sandbox) as exporter:
        exporter.wait_until("elasticache_update_exporter_last_survey_success", 1)
        assert exporter.stop() == 0


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)\s]+)\)", TEXT))
def test_links_lead_somewhere(target: str) -> None:
    """Files and headings alike."""
    path, _, heading = target.partition("#")
    file = DOCUMENT.parent / path
    assert file.exists()
    assert not heading or f"\n## {heading}\n" in file.read_text().lower()

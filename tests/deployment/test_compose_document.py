"""docs/deploying/compose.md is true: its files, variables, addresses and its example of an override."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.deployment.compose_file import COMPOSE, REQUIRED, ROOT, SANDBOX, services

DOCUMENT = (ROOT / "docs/deploying/compose.md").read_text()
FILE = yaml.safe_load(COMPOSE.read_text())
OURS = services(COMPOSE, REQUIRED)


def _step(number: int) -> str:
    return DOCUMENT.split(f"### {number}. ")[1].split("### ")[0]


def test_it_lists_every_secret_and_makes_a_file_for_each() -> None:
    """Compose refuses to start where one is missing, empty or not."""
    step = _step(1)
    assert set(re.findall(r"^\| `(\w+)` \|", step, re.MULTILINE)) == set(FILE["secrets"])
    assert set(re.findall(r"secrets/(\w+)", step)) == set(FILE["secrets"])


def test_what_it_exports_is_read() -> None:
    """By compose.yml itself, or handed on to the exporter; and nothing that is required is left out."""
    handed_on = {name for name, value in FILE["services"]["exporter"]["environment"].items() if value is None}
    read = handed_on | set(re.findall(r"\$\{(\w+)", COMPOSE.read_text()))
    exported = {
        name for line in re.findall(r"^ {4}export (.+)", DOCUMENT, re.MULTILINE) for name in re.findall(r"(\w+)=", line)
    }
    assert exported <= read
    assert set(REQUIRED) <= exported


@pytest.mark.parametrize("path", [COMPOSE, SANDBOX], ids=lambda path: path.name)
def test_its_addresses_are_published(path: Path) -> None:
    """By both files; the sandbox's own switches are not meant to be."""
    published = {
        port.rpartition(":")[0]
        for service in services(path, REQUIRED).values()
        for port in service.definition.get("ports", [])
    }
    assert set(re.findall(r"http://([\d.]+:\d+)", DOCUMENT)) - {"127.0.0.1:9700"} == published


def test_its_files_and_volumes_have_the_names_that_it_says() -> None:
    """Where the secrets and Alertmanager's configuration are looked for, and what to keep."""
    for name in FILE["volumes"]:
        assert f"_{name}`" in DOCUMENT
    assert f"`{FILE['name']}_prometheus`" in DOCUMENT
    own = services(COMPOSE, {**REQUIRED, "ALERTMANAGER_CONFIG_FILE": "./alertmanager.yml"})["alertmanager"]
    assert own.files["/etc/alertmanager/alertmanager.yml"] == ROOT / "alertmanager.yml"


def test_its_override_follows_the_specification_and_mounts_what_it_names(tmp_path: Path) -> None:
    """Each path in it is one that it mounts."""
    (example,) = re.findall(r"```yaml\n(.+?)```", DOCUMENT, re.DOTALL)
    path = tmp_path / "compose.override.yml"
    path.write_text(example)
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    subprocess.run(command, capture_output=True, check=True)
    exporter = services(path, {})["exporter"]
    assert {value for value in exporter.environment.values() if value.startswith("/")} == set(exporter.files)

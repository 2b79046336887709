"""docs/deploying/cloud-foundry.md is true: its settings, files, examples, links and the lines that it quotes."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from fleet.program.regions import regions
from sandbox.server import Sandbox
from tests.deployment import cloudfoundry_push as cloudfoundry
from tests.documents.settings import EXPORTERS
from tests.exporter_process import environment_of, free_port
from tests.region_of import region_settings

DOCUMENT = cloudfoundry.ROOT / "docs" / "deploying" / "cloud-foundry.md"
TEXT = DOCUMENT.read_text()
SECRETS = {"CF_CLIENT_ID", "CF_CLIENT_SECRET", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
OF_OTHERS = {"VCAP_SERVICES", "PIP_INDEX_URL", "CERTIFICATE_VERIFY_FAILED"}
OPERATORS_FILES = {"vars.yml", "web.yml", "regions.toml", "secrets.json", "vendor", "policy.json"}
SEEN_ELSEWHERE = {
    "AccessDenied",  # AWS's own word; the sandbox has no policies
    "CERTIFICATE_VERIFY_FAILED",  # OpenSSL's own word
    "does not see every org",  # see tests/fleet/test_surveyor.py
}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.+?)^```", TEXT, re.MULTILINE | re.DOTALL)


def scrape_configs() -> list[str]:
    return [block for block in blocks("yaml") if block.startswith("scrape_configs:")]


def test_every_setting_that_is_named_exists() -> None:
    """A setting that nothing reads would be set in vain."""
    named = set(re.findall(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b", TEXT))
    of_london = {f"LONDON_{name}" for name in SECRETS}
    assert named <= EXPORTERS.keys() | SECRETS | of_london | OF_OTHERS


def test_every_file_that_is_named_exists_or_is_the_operators_own() -> None:
    """In words and in links."""
    named = set(re.findall(r"`([\w./-]+\.(?:yml|toml|txt|json|md)|vendor)`", TEXT))
    assert {name for name in named if not (cloudfoundry.ROOT / name).exists()} <= OPERATORS_FILES
    for target in re.findall(r"\]\(([^)\s]+)\)", TEXT):
        path, _, heading = target.partition("#")
        file = DOCUMENT.parent / path
        assert file.exists(), target
        assert not heading or f"\n## {heading}\n" in file.read_text().lower(), target


def test_the_example_of_vars_yml_gives_every_variable_of_the_manifest_and_no_other() -> None:
    """A variable without a value ends cf push; another would have no effect."""
    example = yaml.safe_load(blocks("yaml")[0])
    assert set(example) == cloudfoundry.variable_names()
    (route,) = cloudfoundry.application(example)["routes"]
    assert f'["{route["route"]}:8080"]' in scrape_configs()[0]


def test_names_are_the_manifests() -> None:
    """The app, and the service that it is bound to."""
    app = cloudfoundry.application(dict.fromkeys(cloudfoundry.variable_names(), ""))
    (service,) = app["services"]
    creations = re.findall(r"cf create(?:-user-provided)?-service (?:credhub default )?(\S+)", TEXT)
    assert creations == [service, service]
    assert set(re.findall(r"cf (?:logs|restart|set-env|unset-env|env|map-route|events) ([\w-]+)", TEXT)) == {
        app["name"]
    }
    assert f"{app['memory'].removesuffix('M')} MB" in TEXT


@pytest.mark.parametrize("config", scrape_configs(), ids=["on the platform", "outside"])
def test_prometheus_accepts_the_scrape_configurations(config: str, tmp_path: Path) -> None:
    """As promtool reads them."""
    assert shutil.which("promtool"), "promtool is not installed: apt-get install prometheus"
    (tmp_path / "password").write_text("secret")
    file = tmp_path / "prometheus.yml"
    file.write_text(re.sub(r"(?<=password_file: )\S+", str(tmp_path / "password"), config))
    checked = subprocess.run(["promtool", "check", "config", file], check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


def test_the_example_of_regions_toml_is_valid_and_so_are_the_names_of_its_secrets(tmp_path: Path) -> None:
    """With no other secrets than the document names."""
    file = tmp_path / "regions.toml"
    (example,) = blocks("toml")
    file.write_text(example)
    of_london = {f"LONDON_{name}" for name in SECRETS}
    assert of_london == set(re.findall(r"`(LONDON_[A-Z_]+_[A-Z_]+)`", TEXT))
    ireland, london = regions(
        region_settings(regions_file=str(file)), {name: name.lower() for name in SECRETS | of_london}
    )
    assert ireland.aws.keys
    assert ireland.aws.keys.access_key_id == "aws_access_key_id"
    assert london.aws.keys
    assert london.aws.keys.access_key_id == "london_aws_access_key_id"


def vcap_services(**credentials: str) -> str:
    return json.dumps({"user-provided": [{"name": "elasticache-update-exporter", "credentials": credentials}]})


WRONG: dict[str, dict[str, str]] = {
    "no Cloud Foundry credentials: CF_CLIENT_ID is not set": {"CF_CLIENT_ID": "", "CF_CLIENT_SECRET": ""},
    "no AWS credentials found": {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""},
    "CF_CLIENT_ID: given by CF_CLIENT_ID and by service 'elasticache-update-exporter' in VCAP_SERVICES": {
        "VCAP_SERVICES": vcap_services(CF_CLIENT_ID="another")
    },
    "WEB_CONFIG_FILE 'web.yml': No such file or directory": {"WEB_CONFIG_FILE": "web.yml"},
    "REGIONS_FILE 'regions.toml': No such file or directory": {"REGIONS_FILE": "regions.toml"},
    "AWS_REGION 'eu-west-9': no such AWS region": {"AWS_REGION": "eu-west-9"},
    "HTTP 401: invalid_client": {"CF_CLIENT_SECRET": "old"},
    "SignatureDoesNotMatch": {"AWS_SECRET_ACCESS_KEY": "old"},
    "InvalidClientTokenId": {"AWS_ACCESS_KEY_ID": "AKIADELETED000000000"},
    "Connection refused": {"CF_API_ADDRESS": "http://127.0.0.1:1"},
}


def test_the_table_of_what_the_log_says_is_what_is_tested_here() -> None:
    """A line that the program no longer prints helps nobody who searches for it."""
    rows = re.findall(r"^\| (`.+?) \| (?!---)", TEXT, re.MULTILINE)
    quoted = {line for row in rows for line in re.findall(r"`(.+?)`", row)}
    assert quoted == set(WRONG) | SEEN_ELSEWHERE


@pytest.mark.parametrize("line", WRONG)
def test_the_program_says_what_the_document_quotes(line: str, sandbox: Sandbox, tmp_path: Path) -> None:
    """In one line, for each wrong setting."""
    started = subprocess.run(
        [sys.executable, "-m", "exporter", *(() if "WEB_CONFIG_FILE" in WRONG[line] else ("--once",))],
        env=environment_of(
            sandbox.environment, {"PORT": str(free_port()), "PYTHONPATH": str(cloudfoundry.ROOT)}, WRONG[line]
        ),
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert started.returncode in {2, 3}
    (said,) = started.stderr.splitlines()
    assert line in said

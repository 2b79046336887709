"""
The compose files and what they mount, on paper: the schema, what is hardened, what is secret, what Grafana is given.

Grafana itself was not started: it is in no distribution that the tests can install from.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboards.dashboard import DASHBOARD_FILE
from exporter.command_line import exporter
from sandbox import credentials
from sandbox.__main__ import DEFAULT_PORT
from sandbox.server import HOST, PORTS
from tests.deployment.compose_file import COMPOSE, REQUIRED, ROOT, SANDBOX, Service, services

OURS = services(COMPOSE, REQUIRED)
TRY_OUT = services(SANDBOX, {})
EVERY_SERVICE = [
    pytest.param(service, id=f"{path.name}: {service.name}")
    for path, described in ((COMPOSE, OURS), (SANDBOX, TRY_OUT))
    for service in described.values()
]
# Which ports to listen on is the file's own; the two files would have to be mounted, as docs/deploying/compose.md shows.
NOT_HANDED_ON = {"AWS_DEFAULT_REGION", "LISTEN_ADDRESS", "PORT", "REGIONS_FILE", "WEB_CONFIG_FILE"}
SECRETS = {"CF_CLIENT_ID", "CF_CLIENT_SECRET", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
OF_BOTO3 = {"AWS_ENDPOINT_URL_ELASTICACHE", "AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API"}
# Fields by https://grafana.com/docs/grafana/v12.4/administration/provisioning/
DATA_SOURCE_FIELDS = {"name", "uid", "type", "access", "url", "isDefault", "editable", "jsonData"}
PROVIDER_FIELDS = {"name", "type", "allowUiUpdates", "options"}


def _settings() -> set[str]:
    """Every variable that an option of the exporter reads."""
    names: set[str] = set()
    for option in exporter.params:
        names |= {option.envvar} if isinstance(option.envvar, str) else set(option.envvar or [])
    return names


def _mounted(service: Service, target: str) -> Any:  # noqa: ANN401 — each document has its own form
    """The YAML or JSON document that the service sees at this path."""
    return yaml.safe_load(service.files[target].read_text())


@pytest.mark.parametrize("path", [COMPOSE, SANDBOX], ids=lambda path: path.name)
def test_the_file_follows_the_compose_specification(path: Path) -> None:
    """By the specification's own JSON schema."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("service", EVERY_SERVICE)
def test_every_service_is_hardened(service: Service) -> None:
    """A read-only root, no capability, no way to gain one, and nothing but /tmp to write to."""
    assert service.definition["read_only"] is True
    assert service.definition["cap_drop"] == ["ALL"]
    assert service.definition["security_opt"] == ["no-new-privileges:true"]
    assert service.definition["tmpfs"] == ["/tmp"]
    assert "privileged" not in service.definition


@pytest.mark.parametrize("service", EVERY_SERVICE)
def test_ports_are_open_to_this_machine_only(service: Service) -> None:
    """Whoever wants more puts something with TLS and passwords in front."""
    for port in service.definition.get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:(\d+):\1", port), port


@pytest.mark.parametrize("service", EVERY_SERVICE)
def test_images_are_built_here_or_pinned(service: Service) -> None:
    """To a release, with the registry's name, which Podman would ask for."""
    image = service.definition["image"]
    assert "build" in service.definition or re.fullmatch(r"docker\.io/\w+/\w+:v?\d+\.\d+\.\d+", image), image


@pytest.mark.parametrize("service", EVERY_SERVICE)
def test_what_is_mounted_exists_and_cannot_be_changed(service: Service) -> None:
    """All but the secrets, which are the operator's."""
    for mount in service.definition.get("volumes", []):
        source, _, *options = mount.split(":")
        assert (options == ["ro,z"] and (ROOT / source).is_file()) if "/" in source else not options, mount


@pytest.mark.parametrize("service", [OURS["exporter"], TRY_OUT["exporter"]], ids=["compose.yml", "sandbox"])
def test_the_exporter_is_given_only_settings_that_it_has(service: Service) -> None:
    """A misspelt one would be ignored without a word."""
    given = {name.removesuffix("_FILE") for name in service.definition["environment"]}
    assert given <= _settings() | SECRETS | OF_BOTO3


def test_every_setting_of_the_exporter_can_be_set() -> None:
    """From the operator's environment."""
    assert _settings() - NOT_HANDED_ON <= set(OURS["exporter"].definition["environment"])


def test_what_is_not_set_is_not_handed_on_empty() -> None:
    """Compose would refuse to start without what is required, and says what to write."""
    assert set(OURS["exporter"].environment) == {*REQUIRED, "CF_CLIENT_SECRET_FILE", "AWS_SECRET_ACCESS_KEY_FILE"}
    for name in REQUIRED:
        with pytest.raises(AssertionError, match=f"{name}: set it to"):
            services(COMPOSE, {**REQUIRED, name: ""})


def test_no_secret_is_in_the_file() -> None:
    """What sounds like one is the path of a file, which the service is given as a secret."""
    for service in OURS.values():
        for name, value in service.environment.items():
            if re.search(r"SECRET|PASSWORD|TOKEN", name):
                assert name.endswith("_FILE")
                assert value in service.files


def test_alertmanager_finds_its_secrets_where_its_configuration_looks() -> None:
    """Every file that the example names is a secret of the service."""
    alertmanager = OURS["alertmanager"]
    configuration = alertmanager.files["/etc/alertmanager/alertmanager.yml"].read_text()
    named = set(re.findall(r"_file: (\S+)", configuration))
    assert named
    assert named <= set(alertmanager.files)


def test_the_secrets_folder_is_not_under_version_control() -> None:
    """Nor can it be added by accident."""
    folder = OURS["exporter"].files["/run/secrets/cf_client_secret"].parent
    assert f"/{folder.relative_to(ROOT)}/" in (ROOT / ".gitignore").read_text().splitlines()


def test_the_try_out_is_the_same_stack() -> None:
    """Apart from secrets, restarts, and who may look at Grafana."""
    for name in ("prometheus", "alertmanager", "grafana"):
        ours, theirs = dict(OURS[name].definition), dict(TRY_OUT[name].definition)
        environments = [definition.pop("environment", {}) for definition in (ours, theirs)]
        assert ours.pop("restart") == "unless-stopped"
        ours.pop("secrets", None)
        assert ours == theirs
        for variable in environments[0].keys() ^ environments[1].keys():
            assert variable.startswith(("GF_SECURITY_", "GF_AUTH_"))


def test_the_try_outs_exporter_lives_in_the_sandboxs_network() -> None:
    """Which listens on the loopback only; its credentials are those that the sandbox accepts."""
    exporter_service, sandbox = TRY_OUT["exporter"], TRY_OUT["sandbox"]
    assert exporter_service.definition["network_mode"] == "service:sandbox"
    assert sandbox.host_names == {"sandbox", "exporter"}
    assert sandbox.definition["build"]["target"] == "sandbox"
    address = {system: f"http://{HOST}:{DEFAULT_PORT + PORTS.index(system)}" for system in PORTS}
    assert exporter_service.environment == {
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": credentials.AWS_ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": credentials.AWS_SECRET_ACCESS_KEY,
        "AWS_ENDPOINT_URL_ELASTICACHE": address["elasticache"],
        "CF_API_ADDRESS": address["cloudfoundry"],
        "CF_CLIENT_ID": credentials.CF_CLIENT_ID,
        "CF_CLIENT_SECRET": credentials.CF_CLIENT_SECRET,
        "POLL_INTERVAL": "10",
    }


def test_grafana_is_given_the_dashboard() -> None:
    """In the folder that the provider names, by a file in the folder that Grafana reads at its start."""
    grafana = OURS["grafana"]
    document = _mounted(grafana, "/etc/grafana/provisioning/dashboards/dashboards.yml")
    assert document["apiVersion"] == 1
    (provider,) = document["providers"]
    assert provider.keys() <= PROVIDER_FIELDS
    assert provider["type"] == "file"
    folder = Path(provider["options"]["path"])
    dashboards = [file for target, file in grafana.files.items() if Path(target).parent == folder]
    assert dashboards == [DASHBOARD_FILE]


def test_grafanas_data_source_is_one_that_the_dashboard_chooses() -> None:
    """The dashboard's variable lists data sources of a type, and begins with the default one."""
    grafana = OURS["grafana"]
    document = _mounted(grafana, "/etc/grafana/provisioning/datasources/datasources.yml")
    assert document["apiVersion"] == 1
    (source,) = document["datasources"]
    assert source.keys() <= DATA_SOURCE_FIELDS
    assert source["isDefault"]
    dashboard = json.loads(DASHBOARD_FILE.read_text())
    (variable,) = [v for v in dashboard["templating"]["list"] if v["type"] == "datasource"]
    assert variable["query"] == source["type"]
    assert "current" not in variable
    named = set(re.findall(r'"uid": "([^"]+)"', DASHBOARD_FILE.read_text())) - {dashboard["uid"]}
    assert named == {f"${{{variable['name']}}}"}


def test_grafana_asks_prometheus_by_its_name_and_as_often_as_it_scrapes() -> None:
    """The name and port of the service; `timeInterval` is the smallest step that has data."""
    (source,) = _mounted(OURS["grafana"], "/etc/grafana/provisioning/datasources/datasources.yml")["datasources"]
    scraping = _mounted(OURS["prometheus"], "/etc/prometheus/prometheus.yml")["global"]["scrape_interval"]
    (port,) = OURS["prometheus"].definition["ports"]
    assert source["url"] == f"http://prometheus:{port.rpartition(':')[2]}"
    assert source["jsonData"]["timeInterval"] == scraping

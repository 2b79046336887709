"""The Helm chart: a real Helm renders it, Kubernetes and the operator accept it, the exporter starts with what it sets."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from alerts.rules_file import RULES_FILE, with_addresses
from dashboards.links import PAGE_ADDRESS, PROJECT_ADDRESS
from fleet.program.aws_settings import ENDPOINT_VARIABLES
from fleet.program.network_settings import NETWORK_VARIABLES
from sandbox.server import Sandbox
from tests.deployment import operator_kinds
from tests.documents.settings import EXPORTERS, EXPORTERS_SECRETS, NOTIFIERS
from tests.exporter_process import running_exporter

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy" / "helm" / "elasticache-update-exporter"
DOCUMENT = ROOT / "docs" / "deploying" / "kubernetes.md"
HELM = Path(sys.executable).with_name("helm")
SECRETS = "/run/secrets/exporter/"
PAGE = "https://{{ $labels.aws_region }}.updates.example.org/"
LINKS = {"pageUrl": "https://updates.example.org/", "runbookUrl": "https://git.example.org/x/"}
SCHEMA = json.loads((CHART / "values.schema.json").read_text())["properties"]
SETTINGS = SCHEMA["settings"]
NOTIFIERS_SECRETS = {
    *("NOTIFY_API_KEY", "STATUSPAGE_API_KEY", "GITHUB_TOKEN", "PAAS_ACCOUNTS_USERNAME", "PAAS_ACCOUNTS_PASSWORD")
}
SET_OTHERWISE = {
    "REGIONS_FILE": "by the value regions",
    "WEB_CONFIG_FILE": "by the value webConfig",
    "LEDGER_URL": "by the value secrets",
    "CF_HOME": "nobody logs in in a pod",
    "VCAP_SERVICES": "by Cloud Foundry",
    "VCAP_SERVICES_FILE_PATH": "by Cloud Foundry",
}
"""Variables of the exporter that are no settings of the chart."""
EVERYTHING: dict[str, Any] = {
    "image": {"digest": "sha256:" + "0" * 64},
    "imagePullSecrets": [{"name": "registry"}],
    "settings": {"AWS_REGION": "eu-west-1", "UPDATE_FRACTION_THRESHOLD": 0.3, "NODES_QUOTA": 90_000, "PORT": 9000},
    "secrets": {
        "CF_CLIENT_SECRET": {"secret": "cf", "key": "client.secret"},
        "HTTPS_PROXY": {"secret": "proxy", "key": "address"},
    },
    "regions": '[[regions]]\nname = "Ireland"\n',
    "webConfig": {"secret": "web", "tls": True},
    "serviceAccount": {"annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/reader"}},
    "monitor": {"kind": "ServiceMonitor", "labels": {"release": "prometheus"}, "interval": "30s"},
    "rules": {
        "enabled": True,
        "labels": {"release": "prometheus"},
        "runbookUrl": "https://git.example.org/x/",
        "pageUrl": PAGE,
    },
    "dashboard": {"enabled": True, "annotations": {"folder": "Redis"}, "pageUrl": "https://updates.example.org"},
    "networkPolicy": {
        "enabled": True,
        "from": [{"podSelector": {}}],
        "extraEgress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}],
    },
    "podAnnotations": {"a": "1"},
    "podLabels": {"b": "2"},
    "nodeSelector": {"kubernetes.io/os": "linux"},
    "tolerations": [{"operator": "Exists"}],
    "affinity": {"nodeAffinity": {}},
    "priorityClassName": "high",
}
"""Every value that the chart has is not its default in one of these tests."""
FLEETS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "everything": EVERYTHING,
    "client certificates": {"webConfig": {"secret": "web", "tls": True, "clientCertificates": True}},
    "somebody else's account": {"serviceAccount": {"create": False, "name": "theirs"}},
    "a pod monitor": {"monitor": {"kind": "PodMonitor", "tlsConfig": {"insecureSkipVerify": True}}},
    "nobody let in": {"networkPolicy": {"enabled": True}},
}


def helm(*arguments: str | Path, values: Mapping[str, Any] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [HELM, *arguments, "--values=-"],
        input=yaml.safe_dump(dict(values or {})),
        check=False,
        capture_output=True,
        text=True,
    )


def rendered(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    ended = helm("template", "exporter", CHART, values=values)
    assert ended.returncode == 0, ended.stderr
    return [document for document in yaml.safe_load_all(ended.stdout) if document]


def of_kind(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    (found,) = [document for document in rendered(values) if document["kind"] == kind]
    return found


def container(values: Mapping[str, Any]) -> dict[str, Any]:
    (found,) = of_kind("Deployment", values)["spec"]["template"]["spec"]["containers"]
    assert isinstance(found, dict)
    return found


def documented_values() -> dict[str, Any]:
    (text,) = re.findall(r"^```yaml\n(image:.+?)^```", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    found = yaml.safe_load(text)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("values", [*FLEETS.values(), documented_values()], ids=[*FLEETS, "the document's"])
def test_helm_finds_nothing_to_complain_of(values: dict[str, Any]) -> None:
    ended = helm("lint", "--strict", "--quiet", CHART, values=values)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("version", ["1.25", "1.36"])
@pytest.mark.parametrize("values", FLEETS.values(), ids=FLEETS)
def test_kubernetes_accepts_every_manifest(values: dict[str, Any], version: str) -> None:
    """By its own schemas, strictly: a field that it does not know is an error. Not the operator's kinds."""
    documents = [document for document in rendered(values) if document["apiVersion"] != operator_kinds.API]
    for document in documents:
        kubernetes_validate.validate(document, version, strict=True)
    assert {"Deployment", "Service"} <= {document["kind"] for document in documents}


def test_the_prometheus_operator_accepts_its_own_kinds_and_would_refuse_a_mistake() -> None:
    """All in one test, because the operator's definitions take seconds to load."""
    documents = [document for values in FLEETS.values() for document in rendered(values)]
    of_operator = [document for document in documents if document["apiVersion"] == operator_kinds.API]
    assert {document["kind"] for document in of_operator} == {"PrometheusRule", "ServiceMonitor", "PodMonitor"}
    assert all(operator_kinds.is_valid(document) for document in of_operator)
    for document in of_operator:
        assert not operator_kinds.is_valid({**document, "spec": {**document["spec"], "intervall": "1m"}})
    (rules,) = (document for document in of_operator if document["kind"] == "PrometheusRule")
    rules["spec"]["groups"][0]["rules"][-1]["for"] = "5 minutes"
    with pytest.raises(ValueError, match="for"):
        operator_kinds.is_valid(rules)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"settings": {"CF_CLIENT_SECRET": "s3cret"}}, "CF_CLIENT_SECRET"),
        ({"settings": {"LONDON_AWS_SECRET_ACCESS_KEY": "s3cret"}}, "LONDON_AWS_SECRET_ACCESS_KEY"),
        ({"settings": {"POLL_INTERVALL": 60}}, "POLL_INTERVALL"),
        ({"secrets": {"CF_CLIENT_SECRET": "s3cret"}}, "secrets.CF_CLIENT_SECRET"),
        ({"secrets": {"NOTIFY_API_KEY": {"secret": "a", "key": "b"}}}, "NOTIFY_API_KEY"),
        ({"monitor": {"kind": "Podmonitor"}}, "monitor.kind"),
        ({"rules": {"runbookUrl": "docs"}}, "rules.runbookUrl"),
        ({"rules": {"pageUrl": "exporter:8080"}}, "rules.pageUrl"),
        ({"rules": {"pageUrl": "https://x y"}}, "rules.pageUrl"),
        ({"rules": {"pageUrl": "https://updates.example.org/?org=x"}}, "rules.pageUrl"),
        ({"rules": {"runbookUrl": "https://example.org/#main"}}, "rules.runbookUrl"),
        ({"rules": {"runbookUrl": 'https://example.org/"'}}, "rules.runbookUrl"),
        ({"dashboard": {"pageUrl": "https://{{ $labels.aws_region }}.example.org"}}, "dashboard.pageUrl"),
        ({"dashboard": {"enabled": True}, "rules": {"runbookUrl": "https://example.org"}}, "dashboard.pageUrl: set it"),
        ({"dashboard": {"enabled": True}, "rules": {**LINKS, "pageUrl": PAGE}}, "dashboard.pageUrl: set it"),
        ({"dashboard": {"enabled": True}, "rules": {**LINKS, "runbookUrl": ""}}, "dashboard.runbookUrl: set it"),
        ({"settings": {"HTTPS_PROXY": "http://user:s3cret@proxy:3128"}}, "settings.HTTPS_PROXY"),
        ({"settings": {"HTTP_PROXY": "user:s3cret@proxy:3128"}}, "settings.HTTP_PROXY"),
        ({"settings": {"CF_API_ADDRESS": "https://user:s3cret@api.example.org"}}, "settings.CF_API_ADDRESS"),
        ({"settings": {"AWS_ENDPOINT_URL_STS": "https://s3cret@sts.example.org"}}, "settings.AWS_ENDPOINT_URL_STS"),
        ({"settings": {"PORT": 0}}, "settings.PORT"),
        ({"settings": {"PORT": "0"}}, "settings.PORT"),
        ({"settings": {"LISTEN_ADDRESS": "127.0.0.1"}}, "settings.LISTEN_ADDRESS"),
        ({"settings": {"LISTEN_ADDRESS": "::1"}}, "settings.LISTEN_ADDRESS"),
        ({"webConfig": {"tls": True}}, "webConfig"),
        ({"webConfig": {"tls": True, "clientCertificates": True}}, "webConfig"),
        ({"webConfig": {"secret": "web", "clientCertificates": True}}, "webConfig"),
        (
            {"settings": {"CF_CLIENT_ID": "x"}, "secrets": {"CF_CLIENT_ID": {"secret": "cf", "key": "id"}}},
            "(root)",
        ),
        ({"imagee": {}}, "imagee"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_value_is_refused_by_name_and_no_secret_is_taken_as_text(values: dict[str, Any], said: str) -> None:
    ended = helm("template", "exporter", CHART, values=values)
    assert ended.returncode != 0
    assert said in ended.stderr
    assert "s3cret" not in ended.stderr


def test_the_schema_knows_the_exporters_settings_and_secrets() -> None:
    ours = EXPORTERS.keys() - SET_OTHERWISE.keys()
    assert set(SETTINGS["propertyNames"]["anyOf"][0]["enum"]) == ours | {"CF_CLIENT_ID"}
    secret = re.compile(SCHEMA["secrets"]["propertyNames"]["pattern"])
    assert all(secret.search(name) and secret.search(f"LONDON_{name}") for name in EXPORTERS_SECRETS)


def test_every_variable_that_the_documents_give_the_exporter_can_be_set() -> None:
    """And those of libraries that the programs check at the start."""
    known = {name for some in SETTINGS["propertyNames"]["anyOf"] for name in some["enum"]}
    secret = re.compile(SCHEMA["secrets"]["propertyNames"]["pattern"])
    checked = {*(name for name in NETWORK_VARIABLES if name.isupper()), *ENDPOINT_VARIABLES}
    text = (ROOT / "docs" / "configuring.md").read_text()
    named = set(re.findall(r"`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b", text)) | checked
    of_notifier = NOTIFIERS.keys() - EXPORTERS.keys() | NOTIFIERS_SECRETS
    sources = {name for name in named if secret.search(re.sub("_(FILE|COMMAND)$", "", name))} | {
        "NAME_FILE",
        "NAME_COMMAND",
    }
    left = named - known - of_notifier - SET_OTHERWISE.keys() - sources
    assert not left, f"values.schema.json: settings refuse {sorted(left)}; or say in SET_OTHERWISE how it is set"
    assert SET_OTHERWISE.keys() <= named


def test_a_proxys_address_may_come_from_a_secret() -> None:
    """As a variable: the libraries that read it know of no file."""
    proxies = {f"{name}_PROXY": {"secret": "proxy", "key": "address"} for name in ("HTTP", "HTTPS", "ALL")}
    reference = {"secretKeyRef": {"name": "proxy", "key": "address"}}
    pod = of_kind("Deployment", {"secrets": proxies})["spec"]["template"]["spec"]
    (found,) = pod["containers"]
    assert found["env"] == [{"name": name, "valueFrom": reference} for name in sorted(proxies)]
    assert [volume["name"] for volume in pod["volumes"]] == ["tmp"]


def test_the_chart_has_a_description_of_every_value() -> None:
    """In its schema, which refuses all others, and in the document those that need words."""
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())
    assert SCHEMA.keys() - {"global"} == defaults.keys()
    for name, value in defaults.items():
        if value and isinstance(value, dict) and "properties" in SCHEMA[name]:
            assert SCHEMA[name]["properties"].keys() == value.keys(), name


def test_the_rules_are_the_rules_with_whole_links(tmp_path: Path) -> None:
    """And promtool accepts them as the operator would hand them on."""
    assert shutil.which("promtool"), "promtool is not installed: apt-get install prometheus"
    text = RULES_FILE.read_text(encoding="utf-8")
    assert of_kind("PrometheusRule", {"rules": {"enabled": True}})["spec"] == yaml.safe_load(text)
    linked = of_kind("PrometheusRule", EVERYTHING)["spec"]
    assert linked == yaml.safe_load(with_addresses(text, "https://git.example.org/x", PAGE))
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(linked))
    checked = subprocess.run(["promtool", "check", "rules", tmp_path / "rules.yml"], check=False, capture_output=True)
    assert checked.returncode == 0, checked.stderr


def test_the_dashboard_is_the_dashboard() -> None:
    """With the addresses of its own examples."""
    addresses = {"pageUrl": PAGE_ADDRESS, "runbookUrl": PROJECT_ADDRESS}
    data = of_kind("ConfigMap", {"dashboard": {"enabled": True, **addresses}})["data"]
    assert data == {"elasticache-updates.json": (ROOT / "dashboards" / "elasticache-updates.json").read_text()}


@pytest.mark.parametrize(
    "addresses",
    [
        {"dashboard": {"enabled": True}, "rules": LINKS},
        {"dashboard": {"enabled": True, **LINKS}, "rules": {"pageUrl": PAGE, "runbookUrl": "https://elsewhere.org"}},
    ],
    ids=["the rules'", "its own"],
)
def test_the_dashboard_leads_to_the_addresses_of_the_values(addresses: dict[str, Any]) -> None:
    """The page's and the runbook's, in place of the examples; nothing else of it changes."""
    (text,) = of_kind("ConfigMap", addresses)["data"].values()
    expected = (ROOT / "dashboards" / "elasticache-updates.json").read_text()
    for example, address in (
        (PAGE_ADDRESS, "https://updates.example.org"),
        (PROJECT_ADDRESS, "https://git.example.org/x"),
    ):
        assert example not in text
        expected = expected.replace(f'"{example}"', f'"{address}"')
    assert text == expected


@pytest.mark.parametrize("kind", ["PodMonitor", "ServiceMonitor"])
def test_a_monitor_finds_the_exporter_and_keeps_its_labels(kind: str) -> None:
    monitor = of_kind(kind, {"monitor": {"kind": kind}})
    found = "podMetricsEndpoints" if kind == "PodMonitor" else "endpoints"
    assert monitor["spec"][found] == [{"port": "http", "scheme": "http", "honorLabels": True}]
    labels = monitor["spec"]["selector"]["matchLabels"].items()
    assert labels <= of_kind("Deployment", {})["spec"]["template"]["metadata"]["labels"].items()
    assert labels <= of_kind("Service", {})["metadata"]["labels"].items()


def test_probes_ask_as_the_web_configuration_wants_it() -> None:
    plain, tls, closed = (container(values) for values in ({}, EVERYTHING, FLEETS["client certificates"]))
    assert [plain[probe]["httpGet"]["scheme"] for probe in ("livenessProbe", "readinessProbe")] == ["HTTP"] * 2
    assert [tls[probe]["httpGet"]["scheme"] for probe in ("livenessProbe", "readinessProbe")] == ["HTTPS"] * 2
    assert closed["livenessProbe"] == {"exec": {"command": ["python", "-m", "exporter.healthcheck"]}}
    assert "readinessProbe" not in closed


def test_the_exporter_comes_up_with_what_the_chart_sets(sandbox: Sandbox, tmp_path: Path) -> None:
    """The document's values; secrets in files where the chart puts them, but below a folder of the test's."""
    values = documented_values()
    environment = {entry["name"]: entry["value"] for entry in container(values)["env"]}
    files = {name: value for name, value in environment.items() if value.startswith(SECRETS)}
    assert set(files) == {"CF_CLIENT_SECRET_FILE"}
    for name, path in files.items():
        file = tmp_path / path.removeprefix(SECRETS)
        file.write_text(sandbox.environment[name.removesuffix("_FILE")])
        environment[name] = str(file)
    assert environment.keys() <= EXPORTERS.keys() | {"CF_CLIENT_ID", *files}
    names = ("CF_API_ADDRESS", "CF_CLIENT_ID", "AWS_ENDPOINT_URL_ELASTICACHE")
    keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")  # in place of the service account's role
    of_sandbox = {name: sandbox.environment[name] for name in (*names, *keys)}
    with running_exporter(tmp_path, environment, of_sandbox) as exporter:
        exporter.wait_until("elasticache_update_exporter_last_survey_success", 1)
        assert exporter.stop() == 0

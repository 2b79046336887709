"""docs/deploying/container.md: its files and command lines, run on the image as far as that needs no daemon."""

import re
import shlex
import subprocess
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from sandbox.server import Sandbox
from tests.deployment.buildah import Buildah
from tests.deployment.conftest import CONTAINER_DOCUMENT, NAME
from tests.deployment.container import Container, Image, command_in, running_container
from tests.documents.settings import EXPORTERS, EXPORTERS_SECRETS
from tests.exporter_process import free_port

PROMETHEUS, DEPLOYMENT, POD_MONITOR = (
    yaml.safe_load(block) for block in re.findall(r"```yaml\n(.+?)```", CONTAINER_DOCUMENT, re.DOTALL)
)
(EXPORTER_ENV,) = re.findall(r"```ini\n(.+?)```", CONTAINER_DOCUMENT, re.DOTALL)
POD = DEPLOYMENT["spec"]["template"]
(POD_CONTAINER,) = POD["spec"]["containers"]


def variables(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines())


def docker_run(wanted: str) -> tuple[Namespace, list[str]]:
    """The document's command line in which the wanted words are: what it gives to Docker, and to the program."""
    commands = re.findall(r"^    docker run (?:.*\\\n)*.*$", CONTAINER_DOCUMENT, re.MULTILINE)
    (command,) = (found for found in commands if wanted in found)
    docker = ArgumentParser()
    docker.add_argument("run")
    for flag in ("--detach", "--rm", "--read-only"):
        docker.add_argument(flag, action="store_true")
    for flag in (
        "--name",
        "--restart",
        "--user",
        "--cap-drop",
        "--security-opt",
        "--env-file",
        "--publish",
        "--entrypoint",
    ):
        docker.add_argument(flag)
    for flag in ("--volume", "--env"):
        docker.add_argument(flag, action="append", default=[])
    docker.add_argument("image")
    docker.add_argument("arguments", nargs="...")
    parsed = docker.parse_args(shlex.split(command.replace("\\\n", " "))[1:])
    assert parsed.image == NAME
    assert (parsed.read_only, parsed.cap_drop, parsed.security_opt) == (True, "ALL", "no-new-privileges")
    assert parsed.user == "$(id -u):$(id -g)"
    return parsed, parsed.arguments


@pytest.fixture
def secrets(sandbox: Sandbox, tmp_path: Path) -> Path:
    """Made by the document's own lines, of the sandbox's secrets."""
    (lines,) = re.findall(r"^(    mkdir -m 700 secrets\n(?:    printf .+\n)+)", CONTAINER_DOCUMENT, re.MULTILINE)
    environment = {**sandbox.environment, "PATH": "/usr/bin:/bin"}
    subprocess.run(("sh", "-euc", lines), cwd=tmp_path, env=environment, check=True)
    return tmp_path / "secrets"


@pytest.fixture
def fresh_image(buildah: Buildah, image: Image) -> Image:
    """Whose root file system no other test looks at, as volumes leave their places in it."""
    return Image(buildah.mounted(NAME)[1], image.configuration)


def on_the_sandbox(settings: Mapping[str, str], sandbox: Sandbox) -> dict[str, str]:
    """The same names, with the sandbox's values where they do not lead to a file."""
    own = {name: value if name.endswith("_FILE") else sandbox.environment[name] for name, value in settings.items()}
    endpoints = {name: value for name, value in sandbox.environment.items() if name.startswith("AWS_ENDPOINT_URL_")}
    return {**own, **endpoints, "PORT": str(free_port()), "LISTEN_ADDRESS": "127.0.0.1"}


def assert_is_scraped(container: Container) -> None:
    container.wait_for('"survey finished"')
    url = f"http://127.0.0.1:{container.environment['PORT']}"
    probes = (POD_CONTAINER["livenessProbe"], POD_CONTAINER["readinessProbe"])
    for path in (*(probe["httpGet"]["path"] for probe in probes), "/metrics"):
        assert requests.get(url + path, timeout=5).status_code == 200
    assert "paas_aws_elasticache_cluster_update_required{" in requests.get(url + "/metrics", timeout=5).text


def test_docker_run_gives_an_exporter_that_is_scraped(
    sandbox: Sandbox, secrets: Path, fresh_image: Image, tmp_path: Path
) -> None:
    """With the settings and secrets of the document, as whoever made the secrets."""
    command, arguments = docker_run("--detach")
    assert (command.env_file, arguments) == ("exporter.env", [])
    settings = on_the_sandbox(variables(EXPORTER_ENV), sandbox)
    (volume,) = command.volume
    here, there, _ = volume.replace("$PWD", str(tmp_path)).split(":")
    assert Path(here) == secrets
    owner = secrets.stat()
    user = f"{owner.st_uid}:{owner.st_gid}"
    with running_container(
        fresh_image, tmp_path / "log", settings, user=user, volumes=[f"{here}:{there}"]
    ) as container:
        assert_is_scraped(container)
        assert container.terminate()[0] == 0


def test_the_deployment_gives_an_exporter_that_is_scraped(
    sandbox: Sandbox, secrets: Path, fresh_image: Image, tmp_path: Path
) -> None:
    """As a uid of the platform's choice; a secret's files are readable to it, as Kubernetes makes them."""
    secrets.chmod(0o755)
    settings = on_the_sandbox({pair["name"]: pair["value"] for pair in POD_CONTAINER["env"]}, sandbox)
    (mount,) = POD_CONTAINER["volumeMounts"]
    volumes = [f"{secrets}:{mount['mountPath']}"]
    with running_container(fresh_image, tmp_path / "log", settings, user="54321:0", volumes=volumes) as container:
        assert_is_scraped(container)


def test_every_setting_that_it_names_exists() -> None:
    """Files of secrets included."""
    known = EXPORTERS.keys() | EXPORTERS_SECRETS | {f"{name}_FILE" for name in EXPORTERS_SECRETS}
    assert set(variables(EXPORTER_ENV)) <= known
    assert {pair["name"] for pair in POD_CONTAINER["env"]} == set(variables(EXPORTER_ENV))


def test_the_deployment_is_of_one_piece() -> None:
    """Its labels, ports and volumes find each other, and those that look for it find them."""
    labels = POD["metadata"]["labels"]
    assert DEPLOYMENT["spec"]["selector"]["matchLabels"] == labels == POD_MONITOR["spec"]["selector"]["matchLabels"]
    (port,) = POD_CONTAINER["ports"]
    (monitored,) = POD_MONITOR["spec"]["podMetricsEndpoints"]
    probes = [POD_CONTAINER[f"{kind}Probe"]["httpGet"]["port"] for kind in ("liveness", "readiness")]
    assert {monitored["port"], *probes} == {port["name"]}
    assert POD["metadata"]["annotations"]["prometheus.io/port"] == str(port["containerPort"]) == "8080"
    (volume,) = POD["spec"]["volumes"]
    assert [mount["name"] for mount in POD_CONTAINER["volumeMounts"]] == [volume["name"]]
    assert f"create secret generic {volume['secret']['secretName']} --from-file=secrets" in CONTAINER_DOCUMENT


def test_the_deployment_is_confined() -> None:
    """Not root, nothing to write, no privilege to gain."""
    security: dict[str, Any] = POD_CONTAINER["securityContext"]
    assert security["readOnlyRootFilesystem"] is True
    assert security["allowPrivilegeEscalation"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert POD["spec"]["securityContext"]["runAsNonRoot"] is True


def test_prometheus_takes_the_scrape_configuration(tmp_path: Path) -> None:
    """Of the port that the command line publishes."""
    file = tmp_path / "prometheus.yml"
    file.write_text(yaml.safe_dump(PROMETHEUS))
    done = subprocess.run(("promtool", "check", "config", file), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (job,) = PROMETHEUS["scrape_configs"]
    (target,) = job["static_configs"][0]["targets"]
    assert f"{target}:8080" == docker_run("--detach")[0].publish


def test_the_notifier_keeps_its_ledger_in_the_folder(
    sandbox: Sandbox, secrets: Path, fresh_image: Image, tmp_path: Path
) -> None:
    """And runs as written; without a place for the ledger it says so, and does nothing."""
    command, arguments = docker_run("--entrypoint")
    assert "mkdir -m 700 ledger" in CONTAINER_DOCUMENT
    (tmp_path / "ledger").mkdir(mode=0o700)
    volumes = [volume.replace("$PWD", str(tmp_path)).removesuffix(":ro") for volume in command.volume]
    settings = {**on_the_sandbox(variables(EXPORTER_ENV), sandbox), "PAAS_ACCOUNTS_URL": sandbox.origins["accounts"]}
    settings |= {name: value for name, value in sandbox.environment.items() if name.startswith("PAAS_ACCOUNTS_")}
    owner = secrets.stat()

    def run(environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
        user = f"{owner.st_uid}:{owner.st_gid}"
        line = command_in(fresh_image, [command.entrypoint, *arguments], environment, user=user, volumes=volumes)
        return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)

    done = run({**settings, **variables("\n".join(command.env))})
    assert done.returncode == 0, done.stderr
    assert "org" in done.stdout
    assert (tmp_path / "ledger" / "ledger.sqlite3").exists()
    refused = run(settings)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "set LEDGER_URL" in refused.stderr

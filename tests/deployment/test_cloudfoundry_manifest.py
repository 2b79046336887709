"""manifest.yml: an app that comes up on Cloud Foundry, hides what it must, and fits where it is put."""

import json
import os
import re
import signal
import subprocess
import threading
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bcrypt
import pytest
import requests

from exporter.paths import HEALTHY_PATH, READY_PATH
from sandbox.server import Options, Sandbox
from tests.deployment import cloudfoundry_push as cloudfoundry
from tests.documents.settings import EXPORTERS
from tests.exporter_process import ExporterProcess, free_port

SECRETS = ("CF_CLIENT_ID", "CF_CLIENT_SECRET", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
OF_AWS_AND_REQUESTS = {"AWS_EC2_METADATA_DISABLED", "REQUESTS_CA_BUNDLE"}
BUILDPACK_OFFERS = ("3.10", "3.11", "3.12", "3.13", "3.14")  # python-buildpack 1.9 on cflinuxfs4
KEYS_OF_THE_API = {
    *("name", "buildpacks", "stack", "env", "services", "routes", "processes", "sidecars", "docker", "metadata"),
    *("features", "no-route", "random-route", "default-route", "command", "instances", "memory", "disk_quota"),
    *("log-rate-limit-per-second", "timeout"),
    *(
        f"{kind}health-check-{key}"
        for kind in ("", "readiness-")
        for key in ("type", "http-endpoint", "invocation-timeout", "interval")
    ),
}
VARIABLES = {
    "hostname": "elasticache-update-exporter",
    "aws_region": "eu-west-1",
    "cf_api_address": "https://api.example.org",
    "regions_file": "",
    "web_config_file": "",
}
PASSWORD = "a password of Prometheus's"


def mebibytes(text: str) -> int:
    match = re.fullmatch(r"(\d+)M", text)
    assert match, f"'{text}': write it in M"
    return int(match[1])


def test_every_key_is_one_that_cloud_foundry_knows() -> None:
    """It ignores a key that it does not know, and a misspelt health check would be none."""
    app = cloudfoundry.application(VARIABLES)
    assert set(app) <= KEYS_OF_THE_API
    assert app["buildpacks"] == ["python_buildpack"]
    assert app["stack"] == "cflinuxfs4"
    assert app["instances"] == 1
    assert (app["health-check-type"], app["health-check-http-endpoint"]) == ("http", HEALTHY_PATH)
    assert (app["readiness-health-check-type"], app["readiness-health-check-http-endpoint"]) == ("http", READY_PATH)


def test_nobody_outside_the_platform_is_given_a_route() -> None:
    """The backlog page names tenants; whatever the variables say, the manifest's own route is an internal one."""
    routes = cloudfoundry.application(VARIABLES | {"hostname": "anything"})["routes"]
    assert routes == [{"route": "anything.apps.internal"}]


def test_the_environment_holds_settings_that_exist_and_no_secret() -> None:
    """Secrets come from the bound service alone; everybody who may read the app's settings can read these."""
    environment = cloudfoundry.application(VARIABLES)["env"]
    assert set(environment) <= EXPORTERS.keys() | OF_AWS_AND_REQUESTS | {"PIP_NO_DEPS"}
    assert not [name for name in environment if name.removesuffix("_FILE") in (*SECRETS, "AWS_SESSION_TOKEN")]
    assert all(isinstance(value, str) for value in environment.values())
    assert cloudfoundry.application(VARIABLES)["services"] == ["elasticache-update-exporter"]


def test_python_is_one_that_the_buildpack_offers_and_the_project_supports() -> None:
    """The buildpack's own default is older than what the project needs."""
    project = tomllib.loads((cloudfoundry.ROOT / "pyproject.toml").read_text())["project"]
    version = cloudfoundry.python_version()
    assert version in BUILDPACK_OFFERS
    assert f"Programming Language :: Python :: {version}" in project["classifiers"]


@pytest.mark.parametrize(
    ("path", "pushed"),
    [
        ("exporter/templates/backlog.html", True),
        ("fleet/program/regions.py", True),
        ("requirements.txt", True),
        ("runtime.txt", True),
        ("regions.toml", True),
        ("web.yml", True),
        ("vendor/boto3-1.0-py3-none-any.whl", True),
        ("vars.yml", False),
        ("secrets.json", False),
        (".env", False),
        ("exporter/__pycache__/page.cpython-313.pyc", False),
        (".venv/lib/python3.13/site-packages/click/core.py", False),
        ("tests/exporter/test_page.py", False),
        ("notifier/mail/notify.py", False),
        ("requirements-dev.txt", False),
        ("alerts/web.yml", False),
    ],
)
def test_only_what_the_exporter_needs_is_pushed(path: str, *, pushed: bool) -> None:
    """A file of secrets that somebody left in the checkout stays there."""
    assert cloudfoundry.is_pushed(path) is pushed


@pytest.mark.parametrize("path", ["vars.yml", "web.yml", "regions.toml", "secrets.json", "vendor/a.whl"])
def test_the_operators_own_files_are_ignored_by_git(path: str) -> None:
    """They are made beside the manifest, and belong to one platform only."""
    ignored = subprocess.run(["git", "check-ignore", "--quiet", path], cwd=cloudfoundry.ROOT, check=False)
    assert ignored.returncode == 0


def vcap_services(sandbox: Sandbox) -> str:
    """As a space with one user-provided service gives it to the apps that are bound to it."""
    binding: dict[str, object] = {
        "label": "user-provided",
        "name": "elasticache-update-exporter",
        "tags": [],
        "instance_guid": "5f0a6a0e-3c4a-4d0c-9d4e-1b1f6c2f6f11",
        "instance_name": "elasticache-update-exporter",
        "binding_guid": "0c8b7a62-6a5d-4f0e-8b61-5a0b7f3f9a22",
        "binding_name": None,
        "credentials": {name: sandbox.environment[name] for name in SECRETS},
        "syslog_drain_url": None,
        "volume_mounts": [],
    }
    return json.dumps({"user-provided": [binding]})


@contextmanager
def running_app(folder: Path, sandbox: Sandbox) -> Iterator[ExporterProcess]:
    """The manifest's command by a shell, in the app's folder, with what the platform and the buildpack set."""
    port = free_port()
    manifest = cloudfoundry.application(
        VARIABLES | {"cf_api_address": sandbox.environment["CF_API_ADDRESS"], "web_config_file": "web.yml"}
    )
    environment = {
        "PATH": f"{folder / 'deps' / 'bin'}:/usr/bin:/bin",
        "HOME": str(folder / "app"),
        "LANG": "en_US.UTF-8",
        "PORT": str(port),
        "MEMORY_LIMIT": manifest["memory"],
        "PYTHONUNBUFFERED": "1",
        "PYTHONHASHSEED": "random",
        "VCAP_APPLICATION": json.dumps(
            {"application_name": manifest["name"], "uris": [manifest["routes"][0]["route"]]}
        ),
        "VCAP_SERVICES": vcap_services(sandbox),
        **manifest["env"],
        # What only a test has: the loopback, a stand-in for AWS, surveys that follow each other.
        "LISTEN_ADDRESS": "127.0.0.1",
        "AWS_ENDPOINT_URL_ELASTICACHE": sandbox.environment["AWS_ENDPOINT_URL_ELASTICACHE"],
        "POLL_INTERVAL": "0.3",
    }
    log_path = folder / "app.log"
    with log_path.open("wb") as log:
        # A second command keeps bash from replacing itself by the first: only `exec` in the manifest does.
        process = subprocess.Popen(
            ["bash", "-c", f"{manifest['command']}\nexit $?"],
            cwd=folder / "app",
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield ExporterProcess(process, f"http://127.0.0.1:{port}", log_path)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class HealthCheck(threading.Thread):
    """Asks as the platform does, without a password, and remembers how long each answer took."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._url = url
        self._is_over = threading.Event()
        self.seconds: list[float] = []
        self.failures: list[str] = []

    def run(self) -> None:
        while not self._is_over.wait(0.02):
            began = time.monotonic()
            try:
                response = requests.get(self._url + HEALTHY_PATH, timeout=5)
            except requests.RequestException as error:
                self.failures.append(str(error))
                continue
            self.seconds.append(time.monotonic() - began)
            if response.status_code != 200:
                self.failures.append(str(response.status_code))

    def stop(self) -> None:
        self._is_over.set()
        self.join()


def wait_for(app: ExporterProcess, path: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            if app.get(path).status_code == 200:
                return
        except requests.ConnectionError:
            pass
        assert app.process.poll() is None, app.log()
        assert time.monotonic() < deadline, app.log()
        time.sleep(0.05)


def test_the_pushed_app_comes_up_is_scraped_and_fits_its_memory(tmp_path: Path) -> None:
    """
    With the files that cf uploads, in an empty Python with what the buildpack installs, and 3,000 instances.

    Its health is answered within the second that the platform gives it, with a password set and surveys going on. Half
    of its memory stays free for more regions and for the platform's own processes in the container.
    """
    cloudfoundry.push(tmp_path / "app")
    assert {path.name for path in (tmp_path / "app").iterdir()} == {
        "exporter",
        "fleet",
        "ledger",
        "requirements.txt",
        "runtime.txt",
    }
    password_hash = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    (tmp_path / "app" / "web.yml").write_text(f"basic_auth_users:\n  prometheus: {password_hash}\n")
    cloudfoundry.stage(tmp_path / "app", tmp_path / "deps")
    with Sandbox(Options(instances=3000)) as sandbox, running_app(tmp_path, sandbox) as app:
        wait_for(app, HEALTHY_PATH)
        health = HealthCheck(app.url)
        health.start()
        wait_for(app, READY_PATH)
        assert app.get("/metrics").status_code == 401
        assert app.get("/").status_code == 401
        app.request_settings["auth"] = ("prometheus", PASSWORD)
        for _ in range(4):
            app.wait_for_surveys()
            assert "3000" in app.get("/").text.replace(",", "")
        health.stop()
        assert health.failures == []
        assert len(health.seconds) > 10
        assert (
            sorted(health.seconds)[int(0.95 * len(health.seconds))] < 1
        )  # now and then the machine has others to serve
        assert app.value("elasticache_update_exporter_last_survey_success") == 1
        manifest = cloudfoundry.application(VARIABLES)
        assert peak_mebibytes(app) < mebibytes(manifest["memory"]) / 2
        assert disk_mebibytes(tmp_path / "deps") < mebibytes(manifest["disk_quota"]) / 3
        began = time.monotonic()
        assert app.stop() == 0
        assert time.monotonic() - began < 2
        log = [json.loads(line) for line in app.log().splitlines()]
    assert [log[0]["event"], log[-1]["event"]] == ["started", "stopped"]
    assert not [secret for name in SECRETS[1:] if (secret := sandbox.environment[name]) in app.log()]


def peak_mebibytes(app: ExporterProcess) -> float:
    status = Path(f"/proc/{app.process.pid}/status").read_text()
    assert "Name:\tpython" in status
    (peak_kibibytes,) = re.findall(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(peak_kibibytes) / 1024


def disk_mebibytes(folder: Path) -> float:
    """What the libraries take; the buildpack's own Python comes on top of it."""
    return sum(path.lstat().st_size for path in folder.rglob("*")) / 1024**2

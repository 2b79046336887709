"""The image, built and run for real: what is in it, as whom it runs, what it writes, and how it ends."""

import os
import re
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path
from stat import S_ISLNK, S_ISREG

import pytest
import requests

import fleet
from sandbox.server import Sandbox
from tests.deployment.buildah import Buildah
from tests.deployment.conftest import BASE, NAME, REVISION, ROOT, SOURCE
from tests.deployment.container import Image, command_in, running_container
from tests.exporter_process import free_port
from tests.servers import running_prometheus

ARBITRARY_USER = "54321:0"  # as OpenShift would choose: a uid that nobody knows, in group 0
ADDED_BYTES = 150_000_000


def files(root: Path) -> dict[str, os.stat_result]:
    found = {}
    for folder, folders, names in os.walk(root):
        for name in (*folders, *names):
            path = Path(folder, name)
            found[str(path.relative_to(root))] = path.lstat()
    return found


@pytest.fixture(scope="session")
def added(base: Path, image: Image) -> Mapping[str, os.stat_result]:
    """What is in the image and not in its base, or not of that size."""
    with tarfile.open(base) as tar:
        before = {member.name.removeprefix("./"): member for member in tar}
    return {
        path: stat
        for path, stat in files(image.root).items()
        if path not in before or (S_ISREG(stat.st_mode) and before[path].isreg() and stat.st_size != before[path].size)
    }


@pytest.fixture
def settings(sandbox: Sandbox) -> dict[str, str]:
    return {**sandbox.environment, "PORT": str(free_port()), "LISTEN_ADDRESS": "127.0.0.1"}


def url(settings: Mapping[str, str], path: str) -> str:
    return f"http://127.0.0.1:{settings['PORT']}{path}"


def test_it_adds_less_than_150_mb_to_its_base(added: Mapping[str, os.stat_result]) -> None:
    """Every file counted by its length."""
    assert sum(stat.st_size for stat in added.values()) < ADDED_BYTES


def test_it_holds_the_programs_and_what_they_need(added: Mapping[str, os.stat_result]) -> None:
    """In one folder, beside what a runtime mounts; no package manager or compiler, no tests, sandbox or wheels."""
    unwanted = re.compile(
        r"(^|/)(pip|setuptools|hatchling|wheel|pytest|gcc|cc|uv)(\d|\.|-|/|$)"
        r"|site-packages/(tests|sandbox|alerts|bench|dashboards|docs)(/|$)|\.whl$"
    )
    assert not [path for path in added if unwanted.search(path)]
    assert {path.split("/")[0] for path in added} - {"proc", "sys", "dev", "run"} == {"app"}
    programs = {"app/bin/elasticache-update-exporter", "app/bin/elasticache-update-notifier"}
    assert programs <= set(added)


def test_every_user_may_read_it_and_none_but_root_may_write_it(added: Mapping[str, os.stat_result]) -> None:
    """Modes of links mean nothing."""
    modes = {
        path: stat.st_mode for path, stat in added.items() if path.startswith("app/") and not S_ISLNK(stat.st_mode)
    }
    assert not [path for path, mode in modes.items() if mode & 0o022 or not mode & 0o004]
    assert {stat.st_uid for path, stat in added.items() if path.startswith("app/")} == {0}


def test_nothing_of_the_builders_machine_is_in_it(image: Image, base: Path) -> None:
    """Its pip settings and certificates were there for the build only."""
    assert not (image.root / "etc/pip.conf").exists()
    certificates = "etc/ssl/certs/ca-certificates.crt"
    with tarfile.open(base) as tar:
        before = tar.extractfile(f"./{certificates}")
        assert before
        assert (image.root / certificates).read_bytes() == before.read()


def test_its_configuration_is_what_runtimes_and_people_need(image: Image) -> None:
    """A numeric user for runAsNonRoot, the exec form for signals, and labels that say what this is."""
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", image.user)
    assert image.configuration["Entrypoint"] == ["elasticache-update-exporter"]
    assert image.configuration["ExposedPorts"] == {"8080/tcp": {}}
    assert not image.configuration.get("Cmd")
    labels = image.configuration["Labels"]
    description = re.search(r'^description = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert description
    assert {
        name.rpartition(".")[2]: text for name, text in labels.items() if name.startswith("org.opencontainers.")
    } == {
        "title": "elasticache-updates",
        "description": description[1],
        "licenses": "MIT",
        "version": fleet.__version__,
        "revision": REVISION,
        "source": SOURCE,
        "name": BASE,
    }


@pytest.mark.parametrize("program", ["exporter", "notifier"])
def test_both_programs_start_from_the_read_only_image(program: str, image: Image) -> None:
    """They are of the version that the label says."""
    command = command_in(image, [f"elasticache-update-{program}", "--version"], {}, user=ARBITRARY_USER)
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert fleet.__version__ in done.stdout


@pytest.mark.parametrize("user", ["", ARBITRARY_USER], ids=["its own user", "an arbitrary user"])
def test_it_is_scraped_healthy_and_ends_at_once(
    user: str, image: Image, settings: dict[str, str], tmp_path: Path
) -> None:
    """Prometheus scrapes it, its own HEALTHCHECK finds it healthy, and SIGTERM to process 1 ends it with status 0."""
    with running_container(image, tmp_path / "log", settings, user=user) as container:
        container.wait_for('"survey finished"')
        assert requests.get(url(settings, "/-/ready"), timeout=5).text == "OK\n"
        metrics = requests.get(url(settings, "/metrics"), timeout=5).text
        assert "\npaas_aws_elasticache_cluster_update_required{" in metrics
        assert f'revision="{REVISION}"' in metrics
        with running_prometheus(tmp_path, [f"127.0.0.1:{settings['PORT']}"]) as prometheus:
            prometheus.wait_for("count(paas_aws_elasticache_replication_group_nodes_count)", 57)
        kind, *command = image.configuration["Healthcheck"]["Test"]
        assert kind == "CMD"
        asked = container.execute(command)
        assert (asked.returncode, asked.stderr) == (0, "")
        assert asked.stdout == f"127.0.0.1:{settings['PORT']}/-/healthy: OK\n"
        uid = container.execute(["cat", "/proc/1/status"]).stdout
        assert re.search(rf"^Uid:\t{(user or image.user).partition(':')[0]}\t", uid, re.MULTILINE)
        status, seconds = container.terminate()
    assert status == 0
    assert seconds < 2
    assert [line for line in container.log().splitlines() if '"level": "info"' not in line] == []


def test_the_health_check_asks_the_port_of_the_command_line(
    image: Image, settings: dict[str, str], tmp_path: Path
) -> None:
    """The environment's is that of another server; and a container whose exporter hangs is not healthy."""
    port = str(free_port())
    _, *command = image.configuration["Healthcheck"]["Test"]
    with running_container(image, tmp_path / "log", settings, arguments=["--port", port]) as container:
        asked = container.execute(command)
        assert (asked.returncode, asked.stdout) == (0, f"127.0.0.1:{port}/-/healthy: OK\n")
        subprocess.run(("kill", "-STOP", str(container.pid)), check=True)
        asked = container.execute(command)
        assert (asked.returncode, asked.stdout) == (1, f"127.0.0.1:{port}/-/healthy: timed out\n")
    assert not Path(f"/proc/{container.pid}").exists(), "this test leaves the container running"


def test_it_writes_nothing_even_where_it_could(image: Image, settings: dict[str, str], tmp_path: Path) -> None:
    """As root and with a writable root file system, which hide what a read-only one would refuse; /tmp stays empty too."""
    before = files(image.root)
    with running_container(image, tmp_path / "log", settings, user="0:0", mode="rw") as container:
        container.wait_for('"survey finished"')
        for path in ("/", "/metrics", "/-/ready"):
            assert requests.get(url(settings, path), timeout=5).ok
        _, *command = image.configuration["Healthcheck"]["Test"]
        assert container.execute(command).returncode == 0
        assert container.execute(["find", "/tmp", "-mindepth", "1"]).stdout == ""
        assert container.terminate()[0] == 0
    after = files(image.root)
    assert {
        path for path in after if path not in before or after[path].st_mtime_ns != before[path].st_mtime_ns
    } == set()


def test_the_optional_sandbox_serves(buildah: Buildah, image: Image, tmp_path: Path) -> None:
    """The target for a try-out holds what the image leaves out, and runs on what the image has installed."""
    # Its own two stages. What the stage before them installs is in the finished image, in the same place; but for pip.
    assert image.root.exists()
    stages = re.findall(r"^FROM \S+ AS sandbox(?:-build)?\n(?:.+\n)+", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text(
        f"ARG BASE={BASE}\nFROM {NAME} AS build\nUSER 0\nWORKDIR /src\nRUN python3 -m venv /tools\n" + "".join(stages)
    )
    secrets = buildah.machines_settings()
    buildah.run("build", *secrets, "--format", "docker", "--file", dockerfile, "--tag", "localhost/sandbox", ROOT)
    configuration = buildah.configuration("localhost/sandbox")
    assert configuration["Cmd"] == ["python", "-m", "sandbox"]
    _, root = buildah.mounted("localhost/sandbox")
    sandbox = Image(root, {**configuration, "Entrypoint": []})
    command = [*configuration["Cmd"], "--port", "0"]
    log_path = tmp_path / "sandbox.log"
    with running_container(sandbox, log_path, {}, arguments=command, began="SANDBOX_CONTROL_URL=") as container:
        (control,) = re.findall(r"^export SANDBOX_CONTROL_URL='(.+)'$", container.log(), re.MULTILINE)
        assert requests.get(control, timeout=5).ok
        assert container.terminate()[0] == 0

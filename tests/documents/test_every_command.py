"""Every command line in every document is run by a test, or is named here with the reason why it is not."""

import re
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from exporter.web_config import read_web_config
from tests.documents.commands import command_blocks
from tests.documents.documents import ROOT

HERE = "tests/documents/test_every_command.py"
COMMANDS = "tests/documents/test_commands.py"
RUN = {
    "elasticache-update-notifier": COMMANDS,
    "eval": "tests/notifier/test_completion.py",
    "export": COMMANDS,
    "set": COMMANDS,
    "AWS_REGION=eu-west-1 CF_API_ADDRESS=https://api.example.org": COMMANDS,
    "aws": COMMANDS,
    "python -m alerts": "tests/alerts/test_forms.py",
    "python3 -m venv": COMMANDS,
    "venv/bin/pip install": COMMANDS,
    "/opt/elasticache-updates/bin/pip install": HERE,
    "curl --request POST http://127.0.0.1:8080/": COMMANDS,
    "curl --fail http://127.0.0.1:8080/": COMMANDS,
    "curl http://127.0.0.1:8080/": COMMANDS,
    "make demo": "tests/journeys/test_demo.py",
    ".venv/bin/python -m bench.simulation": "tests/bench/test_scale_document.py",
    "buildah build": "tests/deployment/test_release.py",
    "helm lint": "tests/deployment/test_helm.py",
    "systemd-analyze verify": "tests/deployment/test_systemd_document.py",
    "mkdir": HERE,
    "touch secrets/": HERE,
    "head -c 24 /dev/urandom": HERE,
    "cat > secrets/": HERE,
    "chmod 0444 secrets/*": HERE,
    "printf": HERE,
    "openssl rand": HERE,
    "cp alerts/alertmanager.example.yml": HERE,
    "(umask 077; cat > /etc/elasticache-updates/cf_client_secret)": HERE,
}
"""How a line begins, and the test that runs it."""
NOT_RUN = {
    "make test": "it is what runs all of this",
    "chrt": "benchmarks of minutes; that their modules exist is tested in " + COMMANDS,
    "cf": "needs a platform and its command line; tests/deployment/test_cloudfoundry_manifest.py does what a push does",
    "uaac": "needs a UAA, and is a Ruby program",
    "docker": "needs Docker; tests/deployment holds the files and flags against its formats, and runs the services",
    "podman build": "needs Podman; the same words as buildah's, which are run",
    "kubectl": "needs a cluster; the manifests are held against Kubernetes's schemas",
    "helm upgrade": "needs a cluster; tests/deployment/test_helm.py renders the chart with the same values",
    "systemctl": "needs systemd as process 1",
    "journalctl": "needs systemd's journal",
    "git pull": "changes the checkout",
    "python3.13 -m pip download": "the same lock is installed, the same way, by tests/deployment/cloudfoundry_push.py",
    "curl --get http://127.0.0.1:9090/": "needs Compose's Prometheus; tests/deployment/test_compose.py asks one the same",
    "curl --silent --output /dev/null": "needs a platform's router",
    "rm secrets.json": "of a file that only cf reads",
}
"""How a line begins, and why no test runs it."""

LINES = sorted({(block.document, line.strip()) for block in command_blocks() for line in block.lines})
FILES = tuple(name for name, where in RUN.items() if where == HERE and "pip install" not in name)
HTPASSWD = """\
#!{python}
import sys
import bcrypt
assert sys.argv[1:] == ["-niBC", "10", ""], sys.argv
print(":" + bcrypt.hashpw(sys.stdin.readline().strip().encode(), bcrypt.gensalt(10)).decode() + "\\n")
"""
"""Apache's, which hashes a password with bcrypt; this one is ours, as that is often not installed."""


def beginnings(line: str) -> list[str]:
    """By whole words, but for one that ends with a slash."""
    return [
        beginning
        for beginning in (*RUN, *NOT_RUN)
        if line.startswith(beginning)
        and (beginning.endswith("/") or not re.match(r"[\w-]", line.removeprefix(beginning)))
    ]


@pytest.mark.parametrize(("document", "line"), LINES)
def test_every_command_line_is_run_by_a_test_or_has_a_reason_why_not(document: str, line: str) -> None:
    """A command that nobody runs rots."""
    assert beginnings(line), f"{document}: run '{line}' in a test and add it to RUN, or to NOT_RUN with the reason"


def test_the_list_names_nothing_that_is_not_there() -> None:
    """Neither a command that no document has any more, nor a test."""
    used = {beginning for _, line in LINES for beginning in beginnings(line)}
    assert used == {*RUN, *NOT_RUN}
    tests = {*RUN.values(), *re.findall(r"tests/[\w/]+\.py", " ".join(NOT_RUN.values()))}
    assert [name for name in tests if not (ROOT / name).is_file()] == []


def of_files(document: str) -> str:
    """Its lines that make files, in its order, as one script."""
    lines = [line for block in command_blocks() if block.document == document for line in block.lines]
    return "\n".join(line for line in lines if line.strip().startswith(FILES))


@pytest.fixture
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder in which a document's files were made, by its own lines; what it asks to be typed is `typed`."""
    (tmp_path / "alerts").symlink_to(ROOT / "alerts")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "htpasswd").write_text(HTPASSWD.format(python=sys.executable))
    (tmp_path / "bin" / "htpasswd").chmod(0o755)
    script = of_files(request.param).replace("/etc/", f"{tmp_path}/")
    environment = {
        "PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin",
        "AWS_ACCESS_KEY_ID": "key-id",
        "AWS_SECRET_ACCESS_KEY": "key",
        "CF_CLIENT_SECRET": "secret",
    }
    command = ("bash", "-euo", "pipefail", "-c", script)
    subprocess.run(command, cwd=tmp_path, env=environment, input="typed\n", text=True, check=True, capture_output=True)
    return tmp_path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("made", ["docs/deploying/compose.md"], indirect=True)
def test_the_files_for_compose_are_made(made: Path) -> None:
    """Only the owner can enter the folder; whoever a service runs as can read what is in it."""
    secrets = made / "secrets"
    assert mode(secrets) == 0o700
    assert {mode(path) for path in secrets.iterdir()} == {0o444}
    assert (secrets / "cf_client_secret").read_text() == "typed\n"
    assert len((secrets / "grafana_admin_password").read_text().strip()) == 32
    assert (made / "alertmanager.yml").read_text() == (ROOT / "alerts" / "alertmanager.example.yml").read_text()


@pytest.mark.parametrize("made", ["docs/deploying/container.md"], indirect=True)
def test_the_files_for_a_container_are_made(made: Path) -> None:
    """Without a line break, in folders that nobody else can enter."""
    assert (mode(made / "secrets"), mode(made / "ledger")) == (0o700, 0o700)
    contents = {path.name: path.read_text() for path in (made / "secrets").iterdir()}
    assert contents == {"aws-access-key-id": "key-id", "aws-secret-access-key": "key", "cf-client-secret": "secret"}


@pytest.mark.parametrize("made", ["docs/deploying/systemd.md"], indirect=True)
def test_the_files_for_systemd_are_made(made: Path) -> None:
    folder = made / "elasticache-updates"
    assert (mode(folder), mode(folder / "cf_client_secret")) == (0o700, 0o600)
    assert (folder / "cf_client_secret").read_text() == "typed\n"


@pytest.mark.parametrize("made", ["docs/deploying/cloud-foundry.md"], indirect=True)
def test_the_password_for_a_public_route_is_made(made: Path) -> None:
    """And only its hash goes into the file that is pushed."""
    config = read_web_config(made / "web.yml")
    assert config.basic_auth_users
    assert config.basic_auth_users.keys() == {"prometheus"}
    assert (made / "password").read_text().strip() not in (made / "web.yml").read_text()


def test_a_virtual_machine_is_installed_as_the_readme_says() -> None:
    """Whose lines are run: the same words, in another folder."""

    def words(document: str, folder: str) -> list[list[str]]:
        lines = [line.strip() for name, line in LINES if name == document and "/bin/pip install" in line]
        return [shlex.split(line.replace(folder, "venv")) for line in lines]

    assert words("docs/deploying/systemd.md", "/opt/elasticache-updates") == words("README.md", "venv")

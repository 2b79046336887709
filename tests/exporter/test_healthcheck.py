"""`python -m exporter.healthcheck`: 0 where the exporter serves, 1 where it does not, whatever way it listens."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
import trustme

from exporter.healthcheck import first_process_flags
from sandbox.server import Sandbox
from tests.exporter_process import environment_of, free_port, running_exporter


def checked(*flags: str, **settings: str) -> tuple[int, str]:
    """Exit status, and the one line that is printed."""
    command = [sys.executable, "-m", "exporter.healthcheck", *flags]
    done = subprocess.run(
        command, env=environment_of(settings), capture_output=True, text=True, timeout=20, check=False
    )
    assert (done.stderr, done.stdout.count("\n")) == ("", 1), done
    return done.returncode, done.stdout.strip()


@pytest.mark.parametrize(
    ("listen_address", "asked"), [("", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("127.0.0.2", "127.0.0.2")]
)
def test_it_asks_where_the_exporter_listens(listen_address: str, asked: str, sandbox: Sandbox, tmp_path: Path) -> None:
    """By the same environment, or the same flags; a survey need not have succeeded."""
    sandbox.faults.add("cloudfoundry:down")
    port = str(free_port())
    settings = {"PORT": port, "LISTEN_ADDRESS": listen_address}
    with running_exporter(tmp_path, sandbox.environment, settings):
        expected = (0, f"{asked}:{port}/-/healthy: OK")
        assert checked(PORT=port, LISTEN_ADDRESS=listen_address) == expected
        assert checked("--port", port, "--listen-address", listen_address, "--poll-interval", "60") == expected


@pytest.mark.parametrize(
    "client_auth",
    [
        "",
        "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n",
        "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n  max_version: TLS12\n",
    ],
    ids=["server certificate", "both certificates", "both certificates, TLS 1.2"],
)
def test_tls_needs_no_setting(client_auth: str, sandbox: Sandbox, tmp_path: Path) -> None:
    """Not even a certificate where one is asked for; and the exporter's log says nothing of it."""
    authority = trustme.CA()
    certificate = authority.issue_cert("exporter.example.org")
    certificate.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))
    certificate.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    file = tmp_path / "web.yml"
    file.write_text("tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n" + client_auth)
    settings = {"WEB_CONFIG_FILE": str(file), "POLL_INTERVAL": "300"}
    with running_exporter(tmp_path, sandbox.environment, settings, scheme="https") as exporter:
        port = exporter.url.rpartition(":")[2]
        for _ in range(5):
            assert checked(PORT=port) == (0, f"127.0.0.1:{port}/-/healthy: OK")
        exporter.stop()
        events = exporter.log().splitlines()
    assert all('"level": "info"' in line for line in events), events


def test_nobody_there_is_not_healthy() -> None:
    """The line says where it asked, and what happened."""
    port = str(free_port())
    assert checked(PORT=port) == (1, f"127.0.0.1:{port}/-/healthy: [Errno 111] Connection refused")


def test_silence_is_not_healthy() -> None:
    """A process that hangs still has a socket which accepts connections."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = str(silent.getsockname()[1])
        assert checked(PORT=port) == (1, f"127.0.0.1:{port}/-/healthy: timed out")


def test_another_server_is_not_healthy(sandbox: Sandbox) -> None:
    """It answers, but not as the exporter does."""
    port = sandbox.origins["cloudfoundry"].rpartition(":")[2]
    assert checked(PORT=port) == (1, f"127.0.0.1:{port}/-/healthy: status 401")


def test_gibberish_is_not_healthy() -> None:
    """Neither HTTP nor TLS."""
    with subprocess.Popen(
        [sys.executable, "-c", GIBBERISH], stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL
    ) as server:
        assert server.stdout
        port = server.stdout.readline().strip()
        status, line = checked(PORT=port)
        server.kill()
    assert (status, "WRONG_VERSION_NUMBER" in line) == (1, True), line


GIBBERISH = """
import socket
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
while True:
    connection, _ = server.accept()
    connection.recv(1000)
    connection.sendall(b"220 good day to you\\r\\n")
    connection.close()
"""


def test_a_wrong_setting_is_said() -> None:
    """With status 1: Docker reserves 2."""
    status, line = checked(PORT="http")
    assert status == 1
    assert "PORT" in line


@pytest.mark.parametrize(
    ("command_line", "flags"),
    [
        (["/app/bin/python", "/app/bin/elasticache-update-exporter", "--port", "9000"], ["--port", "9000"]),
        (["/sbin/docker-init", "--", "elasticache-update-exporter", "--port", "9000"], ["--port", "9000"]),
        (["/app/bin/python", "/app/bin/elasticache-update-exporter"], []),
        (["/pause"], []),
        (["/sbin/init", "--port", "1"], []),
        ([], []),
    ],
)
def test_flags_of_the_first_process_are_the_exporters_only(command_line: list[str], flags: list[str]) -> None:
    """Where it is something else, the environment alone decides."""
    assert first_process_flags(command_line) == flags

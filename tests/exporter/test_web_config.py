"""WEB_CONFIG_FILE: honoured, or refused at the start with the key that cannot be."""

import base64
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import bcrypt
import pytest
import requests
import trustme

from exporter.basic_auth import BasicAuth
from exporter.web_access import WebAccess
from exporter.web_config import read_web_config
from fleet.errors import ConfigurationError
from sandbox.server import Sandbox
from tests.exporter_process import running_exporter

HASH = "$2b$04$gfgF8cP6C5Li8ErBUv47DOO64gcvmBFajznT.nSWOKKntzpk62hZa"  # of "right"


def written(folder: Path, text: str) -> Path:
    file = folder / "web.yml"
    file.write_text(text)
    return file


@pytest.fixture
def certificates(tmp_path: Path) -> trustme.CA:
    """A certificate authority, and in the test's folder a certificate of 127.0.0.1's."""
    authority = trustme.CA()
    issue(authority, tmp_path)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return authority


def issue(authority: trustme.CA, folder: Path) -> bytes:
    certificate = authority.issue_cert("127.0.0.1")
    certificate.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
    certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
    return ssl.PEM_cert_to_DER_cert(certificate.cert_chain_pems[0].bytes().decode())


TLS = "tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n"
USERS = f"basic_auth_users:\n  prometheus: {HASH}\n"


def test_tls_and_passwords_guard_everything_but_health(
    certificates: trustme.CA, sandbox: Sandbox, tmp_path: Path
) -> None:
    """Health is for platforms, which have no password, and says nothing but yes or no."""
    assert certificates
    file = written(tmp_path, TLS + USERS + "http_server_config:\n  headers:\n    X-Frame-Options: deny\n")
    with running_exporter(tmp_path, sandbox.environment, {"WEB_CONFIG_FILE": str(file)}, scheme="https") as exporter:
        exporter.request_settings["verify"] = str(tmp_path / "ca.pem")
        for path in ("/", "/metrics", "/nothing"):
            refused = exporter.get(path)
            assert (refused.status_code, refused.text) == (401, "Unauthorized\n")
            assert refused.headers["WWW-Authenticate"].startswith("Basic")
            assert refused.headers["X-Frame-Options"] == "deny"
        assert exporter.get("/metrics", auth=("prometheus", "wrong")).status_code == 401
        assert exporter.get("/metrics", auth=("nobody", "right")).status_code == 401
        assert exporter.get("/-/healthy").text == "OK\n"
        assert exporter.get("/-/ready").status_code in {200, 503}
        exporter.request_settings["auth"] = ("prometheus", "right")
        exporter.wait_for_surveys()
        admitted = exporter.get("/metrics")
        assert admitted.status_code == 200
        assert admitted.headers["X-Frame-Options"] == "deny"
        with pytest.raises(requests.ConnectionError):
            requests.get(exporter.url.replace("https", "http") + "/metrics", timeout=5)
        log = exporter.log()
    assert "right" not in log
    assert HASH not in log


def test_a_silent_connection_holds_up_no_scrape(certificates: trustme.CA, sandbox: Sandbox, tmp_path: Path) -> None:
    """Port scanners connect to a TLS port and say nothing."""
    assert certificates
    file = written(tmp_path, TLS)
    with running_exporter(tmp_path, sandbox.environment, {"WEB_CONFIG_FILE": str(file)}, scheme="https") as exporter:
        port = int(exporter.url.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port)):
            started = time.monotonic()
            assert exporter.get("/-/healthy", verify=str(tmp_path / "ca.pem")).status_code == 200
            assert time.monotonic() - started < 2


def test_client_certificates_can_be_required(certificates: trustme.CA, sandbox: Sandbox, tmp_path: Path) -> None:
    """Whoever has none gets no further than the handshake."""
    client = certificates.issue_cert("prometheus@example.org")
    client.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "client.pem"))
    text = TLS + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n"
    file = written(tmp_path, text)
    with running_exporter(tmp_path, sandbox.environment, {"WEB_CONFIG_FILE": str(file)}, scheme="https") as exporter:
        exporter.request_settings["verify"] = str(tmp_path / "ca.pem")
        assert exporter.get("/-/healthy", cert=str(tmp_path / "client.pem")).status_code == 200
        with pytest.raises(requests.exceptions.ConnectionError):
            exporter.get("/-/healthy")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("basic_auth_users:\n  me: right\n", r"basic_auth_users: the password of 'me' is not a bcrypt hash; htpasswd"),
        (f"basic_auth_users:\n  'a:b': {HASH}\n", "'a:b' cannot be a user name"),
        ("tls_server_config:\n  cert_file: cert.pem\n", "tls_server_config: key_file is not set"),
        ("tls_server_config: {cert_file: no.pem, key_file: no.pem}", "cert_file 'no.pem', key_file 'no.pem'"),
        (TLS + "  min_version: TLS10\n", r"Invalid enum value 'TLS10' - at `\$.tls_server_config.min_version`"),
        (TLS + "  cipher_suites: [TLS_RSA_WITH_AES_128_CBC_SHA]\n", "unknown field `cipher_suites`"),
        (TLS + "  client_allowed_sans: [a]\n", "unknown field `client_allowed_sans`"),
        (TLS + "  client_auth_type: RequireAnyClientCert\n", "client_auth_type 'RequireAnyClientCert' is not one of"),
        (TLS + "  client_auth_type: RequireAndVerifyClientCert\n", "needs client_ca_file"),
        (TLS + "  client_ca_file: ca.pem\n", "client_auth_type asks for no certificate"),
        (
            "http_server_config:\n  headers: {Set-Cookie: a=b}\n",
            "header 'Set-Cookie' is not one that the format allows",
        ),
        ("rate_limit:\n  interval: 1s\n", "unknown field `rate_limit`"),
        ("- a\n", "Expected `object`, got `array`"),
        ("a: [", "WEB_CONFIG_FILE"),
    ],
)
def test_what_cannot_be_honoured_is_refused(text: str, message: str, certificates: trustme.CA, tmp_path: Path) -> None:
    """Serving without what the file asks for would be worse than not serving."""
    assert certificates
    with pytest.raises(ConfigurationError, match=message):
        read_web_config(written(tmp_path, text))


@pytest.mark.parametrize("text", ["", TLS, USERS, TLS + USERS + "http_server_config: {http2: false}\n"])
def test_promtool_and_we_accept_the_same_files(text: str, certificates: trustme.CA, tmp_path: Path) -> None:
    """The format is exporter-toolkit's, and promtool reads it with exporter-toolkit's own code."""
    assert certificates
    assert shutil.which("promtool"), "promtool is not installed: apt-get install prometheus"
    file = written(tmp_path, text)
    read_web_config(file)
    checked = subprocess.run(["promtool", "check", "web-config", file], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def changed(file: Path, text: str) -> None:
    """A new version of the file, with a later time of modification however quick the test is."""
    before = file.stat().st_mtime_ns
    file.write_text(text)
    os.utime(file, ns=(before + 1_000_000, before + 1_000_000))


def test_new_passwords_and_certificates_need_no_restart(certificates: trustme.CA, tmp_path: Path) -> None:
    """Certificates are renewed every few months, and people leave."""
    file = written(tmp_path, TLS + USERS)
    access = WebAccess(file)
    credentials = "Basic cHJvbWV0aGV1czpyaWdodA=="
    assert access.basic_auth.admits(credentials)
    changed(file, TLS + USERS.replace("prometheus", "somebody-else"))
    access.reload_if_changed()
    assert not access.basic_auth.admits(credentials)
    assert access.tls
    renewed = issue(certificates, tmp_path)
    os.utime(tmp_path / "cert.pem", ns=(2_000_000_000, 2_000_000_000))
    access.reload_if_changed()
    assert presented(access.tls) == renewed


def presented(server_context: ssl.SSLContext) -> bytes | None:
    """The certificate that a client of this server sees, without a network between them."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_context.check_hostname = False
    client_context.verify_mode = ssl.CERT_NONE
    client = client_context.wrap_bio(to_client, to_server)
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    steps: list[Callable[[], None]] = [client.do_handshake, server.do_handshake]
    while steps:
        step = steps.pop(0)
        try:
            step()
        except ssl.SSLWantReadError:
            steps.append(step)
    return client.getpeercert(binary_form=True)


def test_a_broken_new_file_leaves_the_old_one_in_force(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A typing error must not open the door, nor close it; it is one line in the log."""
    file = written(tmp_path, USERS)
    access = WebAccess(file)
    changed(file, "basic_auth_users:\n  prometheus: oops\n")
    access.reload_if_changed()
    access.reload_if_changed()
    assert access.basic_auth.is_required
    assert access.basic_auth.admits("Basic cHJvbWV0aGV1czpyaWdodA==")
    assert [record.message for record in caplog.records] == ["web configuration not reloaded"]


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic",
        "Basic !!!",
        "Bearer cHJvbWV0aGV1czpyaWdodA==",
        "Basic cHJvbWV0aGV1cw==",
        "Basic Og==",
        "Basic /w==",
    ],
)
def test_what_is_not_a_right_password_is_refused(header: str | None) -> None:
    """Whatever the header holds."""
    assert not BasicAuth({"prometheus": HASH}).admits(header)


def test_unknown_users_take_as_long_as_known_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash of the same cost is computed for them, so that time does not tell who exists."""
    computed: list[bytes] = []

    def check(password: bytes, password_hash: bytes) -> bool:
        computed.append(password_hash)
        return bool(password_hash) and password == b"never"

    monkeypatch.setattr(bcrypt, "checkpw", check)
    auth = BasicAuth({"prometheus": HASH.replace("$04$", "$12$")})
    for header in ("Basic cHJvbWV0aGV1czp3cm9uZw==", "Basic bm9ib2R5Ondyb25n"):
        assert not auth.admits(header)
    assert [re.sub(rb"^\$2.\$(..)\$.*", rb"\1", password_hash) for password_hash in computed] == [b"12", b"12"]


def test_a_long_password_is_compared_as_bcrypt_always_did() -> None:
    """The first 72 bytes count; htpasswd made such hashes, and the library now refuses to."""
    long = "x" * 80
    auth = BasicAuth({"me": bcrypt.hashpw(long[:72].encode(), bcrypt.gensalt(4)).decode()})
    header = "Basic " + base64.b64encode(f"me:{long}".encode()).decode()
    assert auth.admits(header)

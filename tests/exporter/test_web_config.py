"""WEB_CONFIG_FILE: honoured, or refused at the start with the key that cannot be."""

import shutil
import socket
import ssl
import subprocess
import time
from pathlib import Path
from textwrap import indent

import pytest
import requests
import trustme

from exporter.web_access import WebAccess
from exporter.web_config import read_web_config
from fleet.errors import ConfigurationError
from sandbox.server import Sandbox
from tests.exporter.web_configs import CA, HASH, TLS, USERS, presented, written
from tests.exporter_process import running_exporter


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


RATE_LIMIT = "rate_limit:\n  interval: "


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("basic_auth_users:\n  me: right\n", r"basic_auth_users: the password of 'me' is not a bcrypt hash; htpasswd"),
        ("basic_auth_users:\n  me:\n", r"Expected `str`, got `null` - at `\$.basic_auth_users"),
        ("basic_auth_users:\n", "basic_auth_users is empty"),
        ("basic_auth_users: {}\n", "basic_auth_users names nobody"),
        (f"basic_auth_users: [{{me: {HASH}}}]\n", "Expected `object"),
        (f"basic_auth_users:\n  'a:b': {HASH}\n", "'a:b' cannot be a user name"),
        (f"basic_auth_users:\n  '': {HASH}\n", "'' cannot be a user name"),
        (f"basic_auth_users:\n  me: {HASH[:-1]}\n", "the password of 'me' is not a bcrypt hash"),
        (f"basic_auth_users:\n  me: {HASH.replace('$04$', '$31$')}\n", "the hash of 'me' has a cost of 31"),
        (f"{USERS}{USERS}", "line 3: 'basic_auth_users' is given twice"),
        (f"{USERS}  prometheus: {HASH}\n", "line 3: 'prometheus' is given twice"),
        ("tls_server_config:\n", "tls_server_config is empty"),
        ("tls_server_config: {}\n", "tls_server_config: cert_file is not set, nor is cert"),
        ("tls_server_config:\n  cert_file: cert.pem\n", "tls_server_config: key_file is not set, nor is key"),
        ('tls_server_config:\n  cert_file: ""\n  key_file: key.pem\n', "cert_file is not set, nor is cert"),
        ("tls_server_config: {cert_file: no.pem, key_file: no.pem}", "cert_file 'no.pem', key_file 'no.pem'"),
        ("tls_server_config: {cert_file: cert.pem, key_file: cert.pem}", "cert_file 'cert.pem', key_file 'cert.pem'"),
        ("tls_server_config: {cert_file: cert.pem, key_file: locked.pem}", "the key is encrypted"),
        (TLS + "  cert: |\n    PEM\n", "cert and cert_file are both set"),
        (TLS + "  min_version: TLS10\n", "TLS10 is not safe and not spoken here; write TLS12 or TLS13"),
        (TLS + "  max_version: TLS111\n", "'TLS111' is no version of TLS"),
        (TLS + "  min_version: TLS13\n  max_version: TLS12\n", "min_version TLS13 is above max_version TLS12"),
        (TLS + "  cipher_suites: [TLS_RSA_WITH_AES_128_CBC_SHA]\n", "cipher_suites cannot be honoured"),
        (TLS + "  curve_preferences: [X25519]\n", "curve_preferences cannot be honoured"),
        (TLS + "  client_allowed_sans: [a]\n", "client_allowed_sans cannot be honoured"),
        (
            TLS + "  client_auth_type: RequireAnyClientCert\n",
            "RequireAnyClientCert would take any certificate unverified",
        ),
        (TLS + "  client_auth_type: RequestClientCert\n", "RequestClientCert would take any certificate unverified"),
        (TLS + "  client_auth_type: x\n", "client_auth_type 'x' is not one of NoClientCert"),
        (TLS + "  client_auth_type: RequireAndVerifyClientCert\n", "needs client_ca_file"),
        (TLS + "  client_auth_type: VerifyClientCertIfGiven\n", "needs client_ca_file"),
        (TLS + CA, "client_auth_type asks for no certificate"),
        (TLS + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: no.pem\n", "client_ca_file 'no.pem'"),
        (TLS + "  cert_filse: cert.pem\n", "unknown field `cert_filse`"),
        ("http_server_config:\n  headers: {Set-Cookie: a=b}\n", "'Set-Cookie' is not one that the format allows"),
        ("http_server_config:\n  headers: {X-Frame-Options: foo}\n", "is 'foo', not one of deny, sameorigin"),
        ("http_server_config:\n  headers: {X-Content-Type-Options: sniff}\n", "is 'sniff', not one of nosniff"),
        ('http_server_config:\n  headers: {Content-Security-Policy: "a\\nb"}\n', "has a line break"),
        ("http_server_config:\n  headers: {Content-Security-Policy: €}\n", "a character that is not ASCII"),
        (RATE_LIMIT + "often\n", "interval 'often' is not a duration"),
        (RATE_LIMIT + "-1s\n", "interval '-1s' is not a duration"),
        (RATE_LIMIT + "1s\n  burst: many\n", r"Expected `int`, got `str` - at `\$.rate_limit.burst`"),
        (RATE_LIMIT + "1s\n  burst: 0\n", "a burst of 0 would let no request in"),
        (RATE_LIMIT + "1s\n  burst: -1\n", "a burst of -1 would let no request in"),
        (RATE_LIMIT + "1s\n", "a burst of 0 would let no request in"),
        ("basic_auth_users: {{ users }}\n", "line 1: a key is a list or a map: put it in quotes"),
        ("basic_auth_users:\n  ? [a]\n  : b\n", "line 2: a key is a list or a map"),
        ("http_server_config:\n  http2: !!bool maybe\n", "a value is not what its !!tag says it is"),
        ("http_server_config:\n  http2: !!timestamp x\n", "a value is not what its !!tag says it is"),
        ("rate_limit:\n  burst: !!int ''\n", "a value is not what its !!tag says it is"),
        ("", "it is empty; write {} where neither TLS nor passwords are meant"),
        ("# nothing yet\n", "it is empty"),
        ("- a\n", "Expected `object`, got `array`"),
        ("hWkNKCp3fvIx3jKnsaBI\n", "Expected `object`, got `str`"),
        ("a: [", "line 1: "),
        ("[" * 100_000, "it is not YAML"),
        ("a: \x00", "it is not YAML"),
        ("#" * 2**20 + "#", "it is larger than 1 MiB"),
    ],
)
def test_what_cannot_be_honoured_is_refused(text: str, message: str, certificates: trustme.CA, tmp_path: Path) -> None:
    """Serving without what the file asks for would be worse than not serving."""
    assert certificates
    encrypted = ["openssl", "pkey", "-in", "key.pem", "-aes128", "-passout", "pass:secret", "-out", "locked.pem"]
    subprocess.run(encrypted, cwd=tmp_path, check=True, capture_output=True)
    with pytest.raises(ConfigurationError, match=message):
        read_web_config(written(tmp_path, text))


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        TLS,
        USERS,
        TLS + USERS + "http_server_config: {http2: false}\n",
        "http_server_config:\n  http2: yes\n  headers:\n    X-XSS-Protection: 1\n    X-Frame-Options: sameorigin\n",
        "http_server_config:\n  headers: {Strict-Transport-Security: max-age=31536000; includeSubDomains}\n",
        "basic_auth_users:\n  1234: " + HASH + "\n",
        TLS + "  client_auth_type: RequireAndVerifyClientCert\n" + CA,
        TLS + "  client_auth_type: VerifyClientCertIfGiven\n" + CA + "  min_version: TLS13\n",
    ],
)
def test_promtool_and_we_accept_the_same_files(text: str, certificates: trustme.CA, tmp_path: Path) -> None:
    """The format is exporter-toolkit's, and promtool reads it with exporter-toolkit's own code."""
    assert certificates
    assert shutil.which("promtool"), "promtool is not installed: apt-get install prometheus"
    file = written(tmp_path, text)
    WebAccess(file)
    checked = subprocess.run(["promtool", "check", "web-config", file], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(
    "text",
    [
        RATE_LIMIT + "1s\n  burst: 20\n",
        RATE_LIMIT + "'1m30.5s'\n  burst: 20\n",
        RATE_LIMIT + "0\n",
        "tls_server_config:\n  cert: |\n    CERT\n  key: |\n    KEY\n",
        "tls_server_config:\n  cert_file: cert.pem\n  key: |\n    KEY\n",
        TLS + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca: |\n    AUTHORITY\n",
        TLS + "  client_ca:\n",
    ],
)
def test_what_newer_versions_of_the_format_have_is_taken(text: str, certificates: trustme.CA, tmp_path: Path) -> None:
    """Distributions' promtool does not know it yet."""
    assert certificates
    for word, name in (("CERT", "cert.pem"), ("KEY", "key.pem"), ("AUTHORITY", "ca.pem")):
        text = text.replace(f"    {word}\n", indent((tmp_path / name).read_text(), "    "))
    access = WebAccess(written(tmp_path, text))
    assert (access.tls is not None) is text.startswith("tls")
    assert (access.rate_limit is not None) is ("1" in text and text.startswith("rate_limit"))
    if access.tls and access.tls.verify_mode is ssl.CERT_NONE:
        assert presented(access.tls) == ssl.PEM_cert_to_DER_cert((tmp_path / "cert.pem").read_text())
    elif access.tls:
        assert len(access.tls.get_ca_certs()) == 1


def test_what_is_in_the_file_is_in_no_message(tmp_path: Path) -> None:
    """A YAML error quotes the line that it is in, and that may be a key."""
    with pytest.raises(ConfigurationError) as raised:
        read_web_config(written(tmp_path, "tls_server_config:\n  key: 'MIIEvQIBADANBgkqhkiG9w0\n  cert_file: a\n: ["))
    assert "MIIEvQIBADANBgkqhkiG9w0" not in str(raised.value)

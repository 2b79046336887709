"""What the running program answers over HTTP, whatever it is asked."""

import contextlib
import re
import resource
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import bcrypt
import pytest
import requests
import trustme

from sandbox.server import Options, Sandbox
from tests.exporter_process import ExporterProcess, running_exporter
from tests.servers import wait_until

SURVEYS = "elasticache_update_exporter_surveys_total"
DESCRIPTORS = 256
OCCUPATIONS = {
    "silent": b"",
    "half a head": b"GET /metrics HTTP/1.1\r\nHost: a\r\nA: ",
    "answered and silent": b"GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n",
    "never reading": b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 9,
}


CALM = {"POLL_INTERVAL": "300"}


@pytest.fixture
def exporter(sandbox: Sandbox, tmp_path: Path) -> Iterator[ExporterProcess]:
    """It has surveyed once, and will not soon do so again."""
    with running_exporter(tmp_path, sandbox.environment, CALM) as running:
        running.wait_until(SURVEYS, 1)
        yield running


def test_no_answer_is_left_for_a_browser_to_guess(exporter: ExporterProcess) -> None:
    """Each says what it is, and that nobody may think otherwise; what is refused is refused with a reason."""
    for method, path, status in (
        ("GET", "/", 200),
        ("GET", "/?show=all&text=%3Cb%3E", 200),
        ("GET", "/?page=nine", 400),
        ("GET", "/backlog.csv?show=all", 200),
        ("HEAD", "/backlog.json", 200),
        ("POST", "/backlog.csv", 405),
        ("GET", "/metrics", 200),
        ("GET", "/-/healthy", 200),
        ("GET", "/nothing", 404),
        ("GET", "/metricsx", 404),
        ("POST", "/metrics", 405),
        ("DELETE", "/-/healthy", 405),
        ("OPTIONS", "/", 405),
        ("HEAD", "/nothing", 404),
    ):
        answer = requests.request(method, exporter.url + path, timeout=5)
        assert answer.status_code == status, path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "charset=utf-8" in answer.headers["Content-Type"]
        assert bool(answer.text) is (method != "HEAD")


def test_a_slash_at_the_end_makes_no_difference(exporter: ExporterProcess) -> None:
    """A redirect would need a scheme and a name, which only a proxy in front of this server knows."""
    for path in ("/metrics/", "/-/healthy/", "/-/ready/", "//"):
        answer = exporter.get(path, headers={"Host": "elsewhere.example.org"}, allow_redirects=False)
        assert answer.status_code == 200, path
    assert exporter.get("/metrics/").text.startswith("# HELP ")


def test_no_accept_header_is_an_error(exporter: ExporterProcess) -> None:
    """The parameter may be quoted, or anything else."""
    openmetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8"
    for accept, content_type in (
        ('application/openmetrics-text;version="1.0.0"', openmetrics),
        ("application/openmetrics-text;version=1.0.0;q=x", openmetrics),
        ('"";;=,;version="', "text/plain; version=0.0.4; charset=utf-8"),
    ):
        answer = exporter.get("/metrics", headers={"Accept": accept})
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, content_type)


def test_the_configured_headers_and_limit_hold(sandbox: Sandbox, tmp_path: Path) -> None:
    """For refusals too; health is no part of the limit, because a platform would end the program for it."""
    file = tmp_path / "web.yml"
    file.write_text(
        "http_server_config:\n  headers: {X-Frame-Options: deny, Content-Security-Policy: default-src *}\n"
        "rate_limit: {interval: 1h, burst: 2}\n"
    )
    with running_exporter(tmp_path, sandbox.environment, CALM, {"WEB_CONFIG_FILE": str(file)}) as exporter:
        wait_until(lambda: exporter.get("/-/ready").ok, exporter.log)
        answers = [exporter.get(path) for path in ("/", "/nothing", "/metrics")]
        assert [answer.status_code for answer in answers] == [200, 404, 429]
        assert {answer.headers["X-Frame-Options"] for answer in answers} == {"deny"}
        assert answers[0].headers["Content-Security-Policy"] == "default-src *"
        assert answers[2].headers["Retry-After"] == "3600"
        assert exporter.get("/-/healthy").status_code == 200


@contextlib.contextmanager
def few_descriptors() -> Iterator[None]:
    """For programs that are started meanwhile."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def occupied(exporter: ExporterProcess, occupation: bytes, count: int) -> list[socket.socket]:
    host, _, port = exporter.url.removeprefix("http://").rpartition(":")
    guests = []
    for _ in range(count):
        guest = socket.socket()
        guest.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        guest.connect((host, int(port)))
        guests.append(guest)
        with contextlib.suppress(ConnectionError):
            guest.sendall(occupation)
    return guests


def unread_bytes(exporter: ExporterProcess) -> int:
    """What the kernel keeps of this program's answers, because nobody takes it."""
    local = f":{int(exporter.url.rpartition(':')[2]):04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(int(row[4].split(":")[0], 16) for row in rows if row[1].endswith(local))


@pytest.mark.parametrize("occupation", OCCUPATIONS.values(), ids=OCCUPATIONS)
def test_connections_take_nothing_from_surveys_and_health(occupation: bytes, tmp_path: Path) -> None:
    """300 of them, where 256 descriptors are all there is: they cost a bounded number, and one line in the log."""
    with contextlib.ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(Options(instances=1000)))
        with few_descriptors():
            exporter = stack.enter_context(running_exporter(tmp_path, sandbox.environment))
        exporter.wait_until(SURVEYS, 1)
        for guest in occupied(exporter, occupation, 300):
            stack.enter_context(guest)
        for _ in range(5):
            assert exporter.get("/-/healthy").status_code == 200
        exporter.wait_until(SURVEYS, (exporter.value(SURVEYS) or 0) + 3)
        assert exporter.value("elasticache_update_exporter_survey_failures_total") == 0
        assert len(list(Path(f"/proc/{exporter.process.pid}/fd").iterdir())) < DESCRIPTORS - 50
        assert unread_bytes(exporter) < 64 * 2**20
        assert peak_mebibytes(exporter) < 200
        log = exporter.log()
    assert log.count("connections ended to make room for others") == 1
    assert len(log) < 20_000


def peak_mebibytes(exporter: ExporterProcess) -> float:
    status = Path(f"/proc/{exporter.process.pid}/status").read_text()
    (kibibytes,) = re.findall(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(kibibytes) / 1024


def test_bad_tls_costs_nothing_that_stays(sandbox: Sandbox, tmp_path: Path) -> None:
    """Plain text, noise and half a handshake: the next client gets its answer, and the log says nothing of it."""
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))
    certificate.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    file = tmp_path / "web.yml"
    file.write_text("tls_server_config: {cert_file: cert.pem, key_file: key.pem}\n")
    settings = {"WEB_CONFIG_FILE": str(file)}
    with running_exporter(tmp_path, sandbox.environment, CALM, settings, scheme="https") as exporter:
        exporter.request_settings["verify"] = str(tmp_path / "ca.pem")
        exporter.wait_until(SURVEYS, 1)
        before, log = peak_mebibytes(exporter), exporter.log()
        port = int(exporter.url.rpartition(":")[2])
        for number in range(600):
            with socket.create_connection(("127.0.0.1", port), timeout=5) as guest:
                guest.sendall((b"GET / HTTP/1.1\r\n\r\n", bytes(range(256)), b"\x16\x03\x01\x02\x00\x01")[number % 3])
                if number % 3 < 2:
                    with contextlib.suppress(ConnectionError):
                        guest.recv(100)
        assert exporter.get("/-/healthy").status_code == 200
        assert peak_mebibytes(exporter) < before + 40
        assert exporter.log() == log


def test_guesses_hold_up_nobody(sandbox: Sandbox, tmp_path: Path) -> None:
    """40 clients guess against a hash that takes a good while: a remembered scrape and a refusal come at once."""
    file = tmp_path / "web.yml"
    slow_hash = bcrypt.hashpw(b"right", bcrypt.gensalt(12)).decode()
    file.write_text(f"basic_auth_users: {{me: {slow_hash}}}\n")
    with running_exporter(tmp_path, sandbox.environment, CALM, {"WEB_CONFIG_FILE": str(file)}) as exporter:
        wait_until(lambda: exporter.get("/-/ready").ok, exporter.log)
        assert exporter.get("/metrics", auth=("me", "right")).status_code == 200
        with ThreadPoolExecutor(40) as guessers:
            guesses = [
                guessers.submit(
                    requests.get, exporter.url + "/metrics", auth=(("me", "nobody")[n % 2], f"guess {n}"), timeout=60
                )
                for n in range(80)
            ]
            wait_until(lambda: any(guess.done() for guess in guesses), lambda: "nobody was answered")
            assert exporter.get("/metrics", auth=("me", "right")).status_code == 200
            for path in ("/metrics", "/", "/?page=nine", "/backlog.csv", "/backlog.json"):
                assert exporter.get(path).status_code == 401
            statuses = {guess.result().status_code for guess in guesses}
    assert statuses == {401, 429}

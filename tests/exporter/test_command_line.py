"""The program as it is started: one line and a documented status for everything that is wrong."""

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

import fleet
from exporter.__main__ import _run as run_here
from exporter.command_line import settings
from sandbox.server import Options, Sandbox
from tests.exporter_process import environment_of, running_exporter


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "exporter", *arguments],
        env=environment_of(environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def refusal(completed: "subprocess.CompletedProcess[str]") -> str:
    """The one line of a run that was refused."""
    assert completed.returncode == 2, completed.stderr
    assert completed.stdout == ""
    (line,) = completed.stderr.splitlines()
    prefix = "elasticache-update-exporter: "
    assert line.startswith(prefix)
    return line.removeprefix(prefix)


def listening(line: str) -> tuple[str, int, str]:
    """Where, and with the metrics at which path, a command line has the exporter serve."""
    found = settings(shlex.split(line))
    assert found is not None
    return found.listen_address, found.port, found.telemetry_path


@pytest.fixture(scope="module")
def unasked() -> Iterator[Sandbox]:
    """A platform for starts that ask nobody."""
    with Sandbox(Options()) as running:
        yield running


@dataclass(frozen=True)
class Here:
    """The command line in this process, without the second that loading the libraries takes."""

    monkeypatch: pytest.MonkeyPatch
    capfd: pytest.CaptureFixture[str]

    def run(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        for name, value in environment.items():
            self.monkeypatch.setenv(name, value)
        status = run_here(list(arguments))
        return subprocess.CompletedProcess(arguments, status, *self.capfd.readouterr())


@pytest.fixture
def exporter_here(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Here:
    return Here(monkeypatch, capfd)


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        (
            "AWS_REGION",
            "AWS_REGION is not set: set it to the AWS region's code, such as eu-west-1, or set REGIONS_FILE",
        ),
        ("CF_API_ADDRESS", "CF_API_ADDRESS is not set: set it to the API's address, such as https://api.example.org"),
        ("CF_CLIENT_SECRET", "CF_CLIENT_SECRET is not set, but CF_CLIENT_ID is"),
        ("AWS_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY is not set, but AWS_ACCESS_KEY_ID is"),
    ],
)
def test_a_missing_setting_is_named(missing: str, message: str, unasked: Sandbox, exporter_here: Here) -> None:
    """With what to set it to; nothing is asked of any remote system."""
    assert refusal(exporter_here.run(**{**unasked.environment, missing: ""})).startswith(message)
    assert unasked.journal.entries() == []


def test_missing_aws_credentials_are_named(sandbox: Sandbox) -> None:
    """At the start, not with each survey."""
    environment = {**sandbox.environment, "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    assert refusal(run(**environment)).startswith("no AWS credentials found: set AWS_ACCESS_KEY_ID")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"AWS_REGION": "eu-west-9"}, "AWS_REGION 'eu-west-9': no such AWS region; did you mean eu-west-"),
        ({"POLL_INTERVAL": "often"}, "Invalid value for '--poll-interval' (env var: 'POLL_INTERVAL'): 'often'"),
        ({"POLL_INTERVAL": "0"}, "Invalid value for '--poll-interval'"),
        ({"POLL_INTERVAL": "nan"}, "Invalid value for '--poll-interval' (env var: 'POLL_INTERVAL'): 'nan' is not a"),
        ({"POLL_INTERVAL": "inf"}, "Invalid value for '--poll-interval' (env var: 'POLL_INTERVAL'): 'inf' is not a"),
        ({"POLL_INTERVAL": "1e300"}, "Invalid value for '--poll-interval'"),
        ({"POLL_INTERVAL": "-5"}, "Invalid value for '--poll-interval'"),
        ({"PORT": "-1"}, "Invalid value for '--port'"),
        ({"PORT": "8080.5"}, "Invalid value for '--port'"),
        ({"PORT": "8_080"}, "Invalid value for '--port' (env var: 'PORT'): '8_080' is not a whole number"),
        ({"UPDATE_FRACTION_THRESHOLD": "nan"}, "Invalid value for '--update-fraction-threshold'"),
        ({"UPDATE_FRACTION_THRESHOLD": "-inf"}, "Invalid value for '--update-fraction-threshold'"),
        ({"UPDATE_FRACTION_THRESHOLD": "20%"}, "Invalid value for '--update-fraction-threshold'"),
        ({"LISTEN_ADDRESS": "a..b"}, "PORT 8080: cannot listen on a..b:8080: "),
        ({"LISTEN_ADDRESS": "x" * 70}, "PORT 8080: cannot listen on xxx"),
        ({"LISTEN_ADDRESS": "\u202e"}, r"PORT 8080: cannot listen on \u202e:8080: "),
        ({"LISTEN_ADDRESS": "\udcff"}, r"PORT 8080: cannot listen on \udcff:8080: "),
        ({"LISTEN_ADDRESS": "::zz"}, "PORT 8080: cannot listen on ::zz:8080: "),
        ({"WEB_CONFIG_FILE": "/"}, "WEB_CONFIG_FILE '/': Is a directory"),
        ({"WEB_CONFIG_FILE": "/dev/zero"}, "WEB_CONFIG_FILE '/dev/zero': it is larger than 1 MiB"),
        ({"WEB_CONFIG_FILE": "/dev/null"}, "WEB_CONFIG_FILE '/dev/null': it is empty"),
        ({"LOG_FORMAT": "xml"}, "Invalid value for '--log-format'"),
        ({"PORT": "99999"}, "Invalid value for '--port'"),
        ({"UPDATE_FRACTION_THRESHOLD": "20"}, "Invalid value for '--update-fraction-threshold'"),
        ({"LOG_LEVEL": "loud"}, "Invalid value for '--log-level'"),
        ({"LISTEN_ADDRESS": "192.0.2.1", "PORT": "0"}, "PORT 0: cannot listen on 192.0.2.1:0: Cannot assign"),
        ({"WEB_CONFIG_FILE": "/nowhere.yml"}, "WEB_CONFIG_FILE '/nowhere.yml': No such file or directory"),
        ({"REGIONS_FILE": "/nowhere.toml"}, "REGIONS_FILE '/nowhere.toml': No such file or directory"),
        ({"CF_CLIENT_SECRET_FILE": "/nowhere"}, "CF_CLIENT_SECRET_FILE '/nowhere': No such file or directory"),
        ({"AWS_PROFILE": "nobodys"}, "AWS c"),
    ],
)
def test_a_wrong_setting_is_named(changes: dict[str, str], message: str, unasked: Sandbox, exporter_here: Here) -> None:
    """The thing, the value and the next step, on one line, without a traceback."""
    assert refusal(exporter_here.run(**{**unasked.environment, **changes})).startswith(message)
    assert unasked.journal.entries() == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"AWS_REGION": "eu-west-9"}, "AWS_REGION 'eu-west-9': no such AWS region"),
        ({"POLL_INTERVAL": "nan"}, "Invalid value for '--poll-interval'"),
        ({"LISTEN_ADDRESS": "192.0.2.1"}, "PORT 8080: cannot listen on 192.0.2.1:8080: Cannot assign"),
        ({"LISTEN_ADDRESS": "no name"}, "PORT 8080: cannot listen on no name:8080: it holds a space"),
        ({"REGIONS_FILE": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}, "REGIONS_FILE '<hidden>': No such file"),
        ({"PORT": "AKIAIOSFODNN7EXAMPLE"}, "Invalid value for '--port' (env var: 'PORT'): '<hidden>'"),
        ({"AWS_METADATA_SERVICE_TIMEOUT": "abc"}, "AWS_METADATA_SERVICE_TIMEOUT 'abc': not a whole number"),
        ({"AWS_DEFAULTS_MODE": "foo"}, "AWS configuration: "),
        ({"HTTPS_PROXY": "http://h\\@x"}, "HTTPS_PROXY: not the address of a proxy"),
        ({"HTTPS_PROXY": "socks5://u:p@127.0.0.1:1"}, "HTTPS_PROXY: a SOCKS proxy needs the Python package PySocks"),
        ({"WEB_CONFIG_FILE": "/nowhere.yml"}, "WEB_CONFIG_FILE '/nowhere.yml': No such file"),
        ({"REGIONS_FILE": "/nowhere.toml"}, "REGIONS_FILE '/nowhere.toml': No such file"),
        ({"CF_CLIENT_SECRET_FILE": "/nowhere"}, "CF_CLIENT_SECRET_FILE '/nowhere': No such file"),
        ({"CF_CLIENT_SECRET": ""}, "CF_CLIENT_SECRET is not set, but CF_CLIENT_ID is"),
    ],
)
def test_a_check_finds_what_a_start_would(
    changes: dict[str, str], message: str, unasked: Sandbox, exporter_here: Here
) -> None:
    """With the same line and status, and without asking anybody."""
    assert refusal(exporter_here.run("--check", **{**unasked.environment, **changes})).startswith(message)
    assert unasked.journal.entries() == []


def test_a_check_asks_no_resolver(unasked: Sandbox, exporter_here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a name to listen on means can be asked only where it is meant."""

    def asked(*_: object) -> NoReturn:
        raise AssertionError

    monkeypatch.setattr("exporter.listener.bound_socket", asked)
    completed = exporter_here.run("--check", **{**unasked.environment, "LISTEN_ADDRESS": "exporter.example.org"})
    assert completed.returncode == 0, completed.stderr


def test_a_check_of_right_settings_says_what_they_are(sandbox: Sandbox, tmp_path: Path) -> None:
    """Also while an exporter runs with them, on the very port."""
    file = tmp_path / "web.yml"
    file.write_text(f"basic_auth_users: {{me: {'$2b$04$gfgF8cP6C5Li8ErBUv47DOO64gcvmBFajznT.nSWOKKntzpk62hZa'}}}\n")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        completed = run("--check", **sandbox.environment, WEB_CONFIG_FILE=str(file), PORT=port)
    assert (completed.returncode, completed.stderr) == (0, "")
    assert completed.stdout == "nothing wrong with the settings: eu-west-1; no TLS, passwords\n"
    assert sandbox.journal.entries() == []


@pytest.mark.parametrize(
    ("line", "serves"),
    [
        ("", ("", 8080, "/metrics")),
        ("--web.listen-address=:9121", ("", 9121, "/metrics")),
        ("--web.listen-address 127.0.0.1:9121 --web.telemetry-path=/prometheus/", ("127.0.0.1", 9121, "/prometheus")),
        ("--web.listen-address=[::1]:9121", ("::1", 9121, "/metrics")),
        ("--listen-address=127.0.0.1 --port=9121 --web.telemetry-path=a/b", ("127.0.0.1", 9121, "/a/b")),
    ],
)
def test_it_listens_where_either_spelling_says(
    line: str, serves: tuple[str, int, str], unasked: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prometheus's flags beside our own, and before our variables."""
    for name, value in unasked.environment.items():
        monkeypatch.setenv(name, value)
    if "web.listen-address" in line:
        monkeypatch.setenv("PORT", "1")
        monkeypatch.setenv("LISTEN_ADDRESS", "192.0.2.1")
    assert listening(line) == serves


def test_the_web_configuration_has_two_spellings(unasked: Sandbox, exporter_here: Here, tmp_path: Path) -> None:
    web = tmp_path / "web.yml"
    web.write_text(f"basic_auth_users: {{somebody: {'$2b$04$' + 'a' * 53}}}\n")
    done = exporter_here.run("--check", f"--web.config.file={web}", WEB_CONFIG_FILE="/nowhere", **unasked.environment)
    assert done.stdout == "nothing wrong with the settings: eu-west-1; no TLS, passwords\n"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--web.listen-address=:1 --port=1", "--web.listen-address and --port say the same in two ways; leave one"),
        ("--listen-address=::1 --web.listen-address=:1", "--web.listen-address and --listen-address say the same in"),
        ("--web.listen-address=:1 --web.listen-address=:2", "--web.listen-address: given twice; this exporter listens"),
        ("--web.config.file=a --web-config-file=a", "--web.config.file and --web-config-file say the same in two ways"),
        ("--web.listen-address=8080", "Invalid value for '--web.listen-address': '8080' is not an address and a port;"),
        ("--web.listen-address=:65536", "Invalid value for '--web.listen-address': ':65536' is not an address and a"),
        ("--web.listen-address=::1:80", "Invalid value for '--web.listen-address': '::1:80' is not an address and a"),
        ("--web.telemetry-path=/", "Invalid value for '--web.telemetry-path': '/' is the exporter's own;"),
        ("--web.telemetry-path=/-/x", "Invalid value for '--web.telemetry-path': '/-/x' is the exporter's own; write"),
        ("--web.telemetry-path=/a?b", "Invalid value for '--web.telemetry-path': '/a?b' is not a path of letters"),
        ("--web.config.file=/nowhere.yml", "WEB_CONFIG_FILE '/nowhere.yml': No such file or directory"),
        ("--once --web.telemetry-path=/a", "--web.telemetry-path: it would change nothing with --once"),
        ("--once --web.listen-address=:1", "--web.listen-address: it would change nothing with --once"),
        ("--quiet --log-level=info", "--quiet and --log-level info contradict each other; leave one of them out"),
    ],
)
def test_flags_that_cannot_be_meant_are_named(line: str, message: str, unasked: Sandbox, exporter_here: Here) -> None:
    """In one line, and nothing is asked of any remote system."""
    assert refusal(exporter_here.run(*line.split(), **unasked.environment)).startswith(message)
    assert unasked.journal.entries() == []


def test_quiet_leaves_warnings_and_errors(sandbox: Sandbox, exporter_here: Here) -> None:
    """Whatever the environment says; it makes nothing louder."""
    loud = {**sandbox.environment, "LOG_LEVEL": "debug"}
    done = exporter_here.run("--once", "--quiet", **loud)
    assert (done.returncode, done.stderr) == (0, "")
    assert '"survey finished"' in exporter_here.run("--once", **loud).stderr
    sandbox.faults.add("cloudfoundry/v3/service_plans:garbled")
    assert '"survey failed"' in exporter_here.run("--once", "-q", **{**loud, "LOG_LEVEL": "error"}).stderr


def test_an_unknown_flag_is_named() -> None:
    """It is checked before anything else."""
    assert refusal(run("--pole-interval", "5")).startswith("No such option '--pole-interval'")


def test_a_port_in_use_is_named(sandbox: Sandbox) -> None:
    """Before the first survey."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert refusal(run(**sandbox.environment, PORT=str(port))).startswith(
            f"PORT {port}: cannot listen on 127.0.0.1:{port}: Address already in use"
        )
    assert sandbox.journal.entries() == []


def test_a_token_that_sees_too_little_ends_the_program() -> None:
    """Its metrics would be wrong without anybody noticing."""
    with Sandbox(Options(scopes=("cloud_controller.read",))) as sandbox:
        completed = run(**sandbox.environment, PORT="0")
    assert completed.returncode == 2
    assert "give it cloud_controller.global_auditor" in completed.stderr.splitlines()[-1]
    assert "Traceback" not in completed.stderr


def test_once_prints_the_metrics_and_nothing_else(sandbox: Sandbox) -> None:
    """For cron, node-exporter's textfile collector, and a first look."""
    completed = run("--once", **sandbox.environment)
    assert completed.returncode == 0
    assert completed.stdout.startswith("# HELP paas_aws_elasticache_cluster_update_required ")
    assert 'elasticache_update_exporter_last_survey_success{aws_region="eu-west-1"} 1.0' in completed.stdout
    assert len(completed.stderr.splitlines()) == 1


def test_once_fails_with_the_survey(sandbox: Sandbox) -> None:
    """Status 3, the cause in the log, and no fleet series that could be taken for an empty fleet."""
    sandbox.faults.add("cloudfoundry/v3/service_plans:garbled")
    completed = run("--once", **sandbox.environment)
    assert completed.returncode == 3
    assert "cloudfoundry: GET /v3/service_plans: unexpected body" in completed.stderr
    assert "\npaas_aws" not in completed.stdout
    assert 'elasticache_update_exporter_last_survey_success{aws_region="eu-west-1"} 0.0' in completed.stdout


def test_once_into_a_closed_pipe_is_quiet(sandbox: Sandbox) -> None:
    """As with `| head -1`."""
    command = f"{sys.executable} -m exporter --once | head -1"
    completed = subprocess.run(
        command,
        shell=True,
        env=environment_of(sandbox.environment),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert completed.stdout.startswith("# HELP")
    assert "Traceback" not in completed.stderr
    assert "Broken" not in completed.stderr


def test_version_and_help() -> None:
    """Help names every setting that the program reads, with an example and the exit statuses."""
    assert run("--version").stdout == f"elasticache-update-exporter, version {fleet.__version__}\n"
    printed = run("--help").stdout
    for name in ("AWS_REGION", "CF_API_ADDRESS", "CF_SERVICE_OFFERINGS", "REGIONS_FILE", "POLL_INTERVAL", "PORT"):
        assert name in printed
    for name in ("WEB_CONFIG_FILE", "UPDATE_FRACTION_THRESHOLD", "LOG_LEVEL", "LOG_FORMAT", "CF_CLIENT_SECRET"):
        assert name in printed
    assert "Example:" in printed
    assert "Exit status:" in printed
    assert "SIGHUP" in printed


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("fault", [None, "cloudfoundry:hang"])
def test_a_signal_ends_it_within_two_seconds(number: int, fault: str | None, sandbox: Sandbox, tmp_path: Path) -> None:
    """Status 0, even while a survey waits for a system that never answers."""
    if fault:
        sandbox.faults.add(fault)
    with running_exporter(tmp_path, sandbox.environment) as exporter:
        assert exporter.get("/-/healthy").status_code == 200
        started = time.monotonic()
        assert exporter.stop(number) == 0
        assert time.monotonic() - started < 2
        assert '"event": "stopped"' in exporter.log().splitlines()[-1]


def test_the_log_is_json_with_one_event_a_line_and_no_secret(sandbox: Sandbox, tmp_path: Path) -> None:
    """On a terminal it would be logfmt; here, at debug level, nothing but events, and none holds a secret."""
    secrets = [sandbox.environment[name] for name in ("CF_CLIENT_SECRET", "AWS_SECRET_ACCESS_KEY")]
    sandbox.faults.add("cloudfoundry:status:500,next=3")
    with running_exporter(tmp_path, sandbox.environment, {"LOG_LEVEL": "debug"}) as exporter:
        exporter.wait_until("elasticache_update_exporter_surveys_total", 2)
        log = exporter.log()
    assert all(line.startswith('{"event": ') for line in log.splitlines())
    assert "remote request failed" in log
    assert "bearer" not in log.lower()
    assert not any(secret in log for secret in secrets)


def test_the_log_is_for_people_when_asked(sandbox: Sandbox) -> None:
    """LOG_FORMAT wins over what stderr is."""
    completed = run("--once", "--log-format", "text", **sandbox.environment)
    assert 'level=info event="survey finished"' in completed.stderr


def test_secrets_may_come_from_files_and_bound_services(sandbox: Sandbox, tmp_path: Path) -> None:
    """As on Kubernetes and on Cloud Foundry; none of them is in the process's flags."""
    environment = dict(sandbox.environment)
    file = tmp_path / "cf-secret"
    file.write_text(environment.pop("CF_CLIENT_SECRET") + "\n")
    keys = {name: environment.pop(name) for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    binding = {"user-provided": [{"name": "aws", "credentials": keys}]}
    bound = str(binding).replace("'", '"')
    completed = run("--once", **environment, CF_CLIENT_SECRET_FILE=str(file), VCAP_SERVICES=bound)
    assert completed.returncode == 0, completed.stderr


def test_the_console_script_is_the_same_program() -> None:
    """It is installed beside the Python that runs the tests."""
    script = Path(sys.executable).with_name("elasticache-update-exporter")
    completed = subprocess.run([script, "--version"], capture_output=True, text=True, check=True, env=dict(os.environ))
    assert completed.stdout == run("--version").stdout


@pytest.mark.parametrize(
    ("redirection", "status", "said"),
    [
        (">&-", 0, ""),
        ("2>&-", 0, ""),
        ("| true", 0, ""),
        (">/dev/full", 1, "stdout: No space left on device"),
        ("--port 8081 >/dev/null", 2, "--port: it would change nothing with --once"),
        ("--web-config-file nonsense >/dev/null", 2, "--web-config-file: it would change nothing with --once"),
    ],
)
def test_once_whatever_becomes_of_its_output(redirection: str, status: int, said: str, sandbox: Sandbox) -> None:
    """A stream that was closed from the start loses nothing that anybody wanted; options that nothing reads are refused."""
    command = f"{sys.executable} -m exporter --once {redirection}; exit ${{PIPESTATUS[0]}}"
    environment = environment_of(sandbox.environment)
    ended = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == status, ended.stderr
    assert said in ended.stderr
    assert "unexpected" not in ended.stderr

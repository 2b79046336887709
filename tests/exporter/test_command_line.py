"""The program as it is started: one line and a documented status for everything that is wrong."""

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import fleet
from exporter.command_line import settings
from sandbox.server import Options, Sandbox
from tests.exporter.command_lines import Here, refusal, run
from tests.exporter_process import environment_of, running_exporter


def listening(line: str) -> tuple[str, int, str]:
    """Where, and with the metrics at which path, a command line has the exporter serve."""
    found = settings(shlex.split(line))
    assert found is not None
    return found.listen_address, found.port, found.telemetry_path


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

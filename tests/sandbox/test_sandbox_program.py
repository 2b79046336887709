"""`python -m sandbox`, as people start it."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from sandbox.__main__ import NEXT_STEPS

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "sandbox"]


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """The program and the environment that it has printed."""
    with subprocess.Popen(
        [*COMMAND, "--port", "0", *arguments], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            environment: dict[str, str] = {}
            assert process.stdout
            while "SANDBOX_CONTROL_URL" not in environment:
                line = process.stdout.readline()
                assert line, "it ended before it had printed everything"
                if match := re.fullmatch(r"export ([A-Z_]+)='([^']*)'\n", line):
                    environment[match[1]] = match[2]
                else:
                    assert line.startswith("#")
            yield process, environment
        finally:
            process.kill()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], cwd=ROOT, text=True, capture_output=True, timeout=30, check=False)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_its_environment_serves_and_ends_silently(ending: signal.Signals) -> None:
    """What it prints can be sourced by a shell; a signal ends it with status 0 and without a word."""
    with running("--instances", "3", "--region", "eu-west-2") as (process, environment):
        state = requests.get(environment["SANDBOX_CONTROL_URL"] + "/state", timeout=5).json()
        process.send_signal(ending)
        rest, errors = process.communicate(timeout=2)
    assert environment.keys() == {
        "AWS_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_ENDPOINT_URL_ELASTICACHE",
        "AWS_ENDPOINT_URL_STS",
        "CF_API_ADDRESS",
        "CF_CLIENT_ID",
        "CF_CLIENT_SECRET",
        "PAAS_ACCOUNTS_URL",
        "PAAS_ACCOUNTS_USERNAME",
        "PAAS_ACCOUNTS_PASSWORD",
        "NOTIFY_API_KEY",
        "NOTIFY_BASE_URL",
        "STATUSPAGE_API_KEY",
        "STATUSPAGE_PAGE_ID",
        "STATUSPAGE_BASE_URL",
        "SANDBOX_CONTROL_URL",
    }
    assert environment["AWS_REGION"] == state["region"] == "eu-west-2"
    assert sum(instance["offering_name"] == "redis" for instance in state["service_instances"]) == 3
    assert (process.returncode, rest, errors) == (0, "", "")


def test_it_ends_at_once_while_a_request_hangs() -> None:
    """A stand-in must not hold up the people who use it."""
    with (
        running("--fault", "accounts:hang") as (process, environment),
        socket.create_connection(("127.0.0.1", int(environment["PAAS_ACCOUNTS_URL"].rpartition(":")[2]))) as hanging,
    ):
        hanging.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        while not requests.get(environment["SANDBOX_CONTROL_URL"] + "/requests", timeout=5).json()["requests"]:
            pass
        process.terminate()
        assert process.communicate(timeout=2) == ("", "")
    assert process.returncode == 0


def test_switches_shape_the_fleet_and_what_becomes_of_its_updates() -> None:
    """How many updates wait and for whom, how fast time runs, and what AWS answers."""
    arguments = "--instances 10 --updates 5 --waiting-share 1 --waiting-each 5 --account 111111111111 --speed 60"
    more = "--node-seconds 1200 --unavailable-groups refused --older-updates not-applied"
    with running(*arguments.split(), *more.split()) as (_, environment):
        control = environment["SANDBOX_CONTROL_URL"]
        state = requests.get(f"{control}/state", timeout=5).json()
        applying = requests.get(f"{control}/applying", timeout=5).json()
        speed = requests.get(f"{control}/clock", timeout=5).json()["speed"]
    tenants = {i["replication_group_id"] for i in state["service_instances"] if i["is_known_to_aws"]}
    waiting = [row["replication_group_id"] for row in state["required"] if row["replication_group_id"] in tenants]
    assert sorted(waiting) == sorted([*tenants] * 5)
    assert (state["account"], speed) == ("111111111111", 60)
    assert applying == {
        "update_seconds": 10,
        "node_seconds": 1200,
        "unavailable": "refused",
        "older_updates": "not-applied",
    }


def test_switches_reach_what_they_are_about(tmp_path: Path) -> None:
    """Faults, scopes, the lifetime of tokens, an operator's login, and Notify's limits."""
    arguments = (
        "--fault",
        "accounts:status:503",
        "--scopes",
        "a,b",
        "--token-seconds",
        "5",
        "--cf-home",
        str(tmp_path),
        "--notify-rate",
        "60",
        "--notify-daily-limit",
        "7",
        "--notify-delivery-seconds",
        "0.5",
        "--notify-lag-seconds",
        "3",
    )
    with running(*arguments) as (_, environment):
        assert requests.get(environment["PAAS_ACCOUNTS_URL"], timeout=5).status_code == 503
        notify = requests.get(environment["SANDBOX_CONTROL_URL"] + "/notify", timeout=5).json()
        uaa = requests.get(environment["CF_API_ADDRESS"], timeout=5).json()["links"]["uaa"]["href"]
        auth = (environment["CF_CLIENT_ID"], environment["CF_CLIENT_SECRET"])
        token = requests.post(f"{uaa}/oauth/token", {"grant_type": "client_credentials"}, auth=auth, timeout=5).json()
    assert (token["expires_in"], token["scope"]) == (5, "a b")
    assert (notify["rate_limit"], notify["daily_limit"]) == (60, 7)
    assert (notify["delivery_seconds"], notify["lag_seconds"]) == (0.5, 3)
    assert (tmp_path / ".cf" / "config.json").exists()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--instances", "-1"), "--instances"),
        (("--colour", "red"), "--colour"),
        (("--fault", "moon:down"), "no system 'moon'"),
        (("--fault", "uaa:status"), "which status"),
    ],
)
def test_a_wrong_switch_gives_one_line_and_status_2(arguments: tuple[str, ...], problem: str) -> None:
    """On standard error, without a traceback."""
    result = run(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert problem in result.stderr
    assert result.stderr.count("\n") == 1


def test_it_says_where_mails_are_read_and_which_other_keys_there_are() -> None:
    """In comments, which a shell skips."""
    with running("--instances", "1") as (_, environment):
        page = requests.get(environment["SANDBOX_CONTROL_URL"] + "/inbox", timeout=5)
    assert page.status_code == 200
    assert all(f"{{{name}}}" in NEXT_STEPS for name in ("inbox", "recipients", "team", "test", "reader_id"))


def test_a_port_in_use_gives_one_line_and_status_2() -> None:
    """The line names the port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("--port", str(port))
    assert (result.returncode, result.stdout) == (2, "")
    assert re.fullmatch(rf"python -m sandbox: port {port} .*\n", result.stderr)


def test_help_teaches_with_an_example() -> None:
    """The command to paste, every switch, and every kind of fault."""
    result = run("--help")
    assert result.returncode == 0
    assert "python -m sandbox --instances 200" in result.stdout
    assert all(
        word in result.stdout
        for word in ("--fault", "--seed", "throttle", "accepted-then-dropped", "foreign-next", "latency")
    )

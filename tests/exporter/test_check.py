"""Settings that are missing or wrong, as a start and `--check` name them: one line, and nobody is asked."""

import socket
from pathlib import Path
from typing import NoReturn

import pytest

from sandbox.server import Sandbox
from tests.exporter.command_lines import Here, refusal, run


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

"""Whose credentials AWS is asked with, and what is said where they cannot be had."""

import hashlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from botocore.utils import ContainerMetadataFetcher

from fleet.aws.client import AwsAccess, elasticache_client
from fleet.aws.elasticache import ElastiCache
from fleet.errors import ConfigurationError, RemoteError
from fleet.patience import Patience, with_patience
from fleet.program.regions import regions
from fleet.surveyor import Surveyor
from fleet.tally import Tally
from sandbox.server import Sandbox
from tests.exporter_process import environment_of, free_port
from tests.region_of import region_settings
from tests.scripted_server import Answer, scripted_server


def aws_config(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str) -> None:
    path = folder / "aws-config"
    path.write_text(text)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))


def regions_file(sandbox: Sandbox, folder: Path, more: str) -> str:
    path = folder / "regions.toml"
    path.write_text(
        f"""
        [[regions]]
        name = "Ireland"
        aws_region = "eu-west-1"
        cf_api_address = "{sandbox.environment["CF_API_ADDRESS"]}"
        aws_endpoint_url_elasticache = "{sandbox.environment["AWS_ENDPOINT_URL_ELASTICACHE"]}"
        {more}
        """
    )
    return str(path)


def test_a_profile_that_is_named_for_a_region_is_meant(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With keys in the environment beside it, the account that they belong to was surveyed, in the other's name."""
    keys = {name: sandbox.environment[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    lines = "\n".join(f"{name.lower()} = {value}" for name, value in keys.items())
    aws_config(monkeypatch, tmp_path, f"[profile reader]\n{lines}\n")
    others = {"AWS_ACCESS_KEY_ID": "AKIASOMEBODYELSE", "AWS_SECRET_ACCESS_KEY": "x", "AWS_SESSION_TOKEN": "y"}
    for name, value in others.items():
        monkeypatch.setenv(name, value)
    settings = region_settings(regions_file=regions_file(sandbox, tmp_path, 'aws_profile = "reader"'))
    (region,) = regions(settings, {**sandbox.environment, **others})
    assert Surveyor(region).survey().replication_groups


def test_keys_that_are_meant_for_a_region_and_a_profile_too_are_refused(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nobody could tell which of the two is in use."""
    aws_config(monkeypatch, tmp_path, "[profile reader]\nregion = eu-west-1\n")
    more = 'aws_profile = "reader"\nsecrets_prefix = "IRELAND_"'
    given = {"IRELAND_AWS_ACCESS_KEY_ID": "a", "IRELAND_AWS_SECRET_ACCESS_KEY": "b"}
    clients = {"IRELAND_CF_CLIENT_ID": "c", "IRELAND_CF_CLIENT_SECRET": "d"}
    settings = region_settings(regions_file=regions_file(sandbox, tmp_path, more))
    with pytest.raises(
        ConfigurationError, match="IRELAND_AWS_ACCESS_KEY_ID is set, and region 'Ireland' has aws_profile"
    ):
        regions(settings, {**given, **clients})


@pytest.mark.parametrize(
    ("config", "environment", "message"),
    [
        ("[default]\ncredential_process = /no/such/program", {}, "AWS configuration: FileNotFoundError"),
        ("[default]\ncredential_process = echo hello", {}, "AWS configuration: JSONDecodeError"),
        ("[default]\ncredential_process = echo []", {}, "AWS configuration: AttributeError"),
        ("[default]\ncredential_process = false", {}, "AWS configuration: Error when retrieving credentials"),
        ("[default]\nregion", {}, "AWS configuration: Unable to parse config file"),
        ("", {"AWS_PROFILE": "nobody"}, "could not be found"),
        ("", {"AWS_METADATA_SERVICE_TIMEOUT": "soon"}, "AWS configuration: ValueError"),
    ],
)
def test_a_configuration_that_botocore_cannot_use_is_said_in_one_line(
    config: str, environment: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever it raises: its own errors are only a part of what comes out of it."""
    aws_config(monkeypatch, tmp_path, config)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=message):
        elasticache_client(AwsAccess("eu-west-1"), Tally())


@pytest.mark.parametrize(
    "config",
    [
        "[default]\ncredential_process = sleep 60",
        (
            "[default]\nrole_arn = arn:aws:iam::123456789012:role/reader\nsource_profile = other\n"
            "[profile other]\ncredential_process = sleep 60"
        ),
    ],
    ids=["of the profile", "of the profile that a role is assumed from"],
)
def test_a_command_for_credentials_that_does_not_end_is_ended(
    config: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    aws_config(monkeypatch, tmp_path, config)
    with (
        with_patience(Patience(call_seconds=0.2)),
        pytest.raises(ConfigurationError, match=r"credential_process did not end within 0\.2 s"),
    ):
        elasticache_client(AwsAccess("eu-west-1"), Tally())


def test_a_token_file_that_is_gone_fails_the_list(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As on Kubernetes, where it is mounted: it is read when the credentials are needed, and again when they end."""
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "gone"))
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/reader")
    elasticache = ElastiCache(elasticache_client(AwsAccess("eu-west-1"), Tally()), Tally())
    with pytest.raises(RemoteError, match="DescribeServiceUpdates: FileNotFoundError"):
        elasticache.service_updates()


def test_certificates_that_are_not_there_fail_the_list(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever removed them while the program ran."""
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "gone.pem"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "key")
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    with scripted_server(Answer()) as server:
        access = AwsAccess("eu-west-1", elasticache_endpoint_url=server.url.replace("http:", "https:"))
        elasticache = ElastiCache(elasticache_client(access, Tally()), Tally())
        with pytest.raises(RemoteError, match=r"DescribeServiceUpdates: .*(gone\.pem|No such file)"):
            elasticache.service_updates()


def test_a_role_that_may_not_be_assumed_is_said_as_that(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is asked for within the first call, and that is not what to allow."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", sandbox.environment["AWS_ENDPOINT_URL_STS"])
    more = 'aws_role_arn = "arn:aws:iam::123456789012:role/reader"'
    settings = region_settings(regions_file=regions_file(sandbox, tmp_path, more))
    (region,) = regions(settings, sandbox.environment)
    sandbox.faults.add("elasticache/AssumeRole:status:403")
    with pytest.raises(RemoteError, match="elasticache: credentials: InternalFailure"):
        Surveyor(region).survey()


def test_an_expired_login_is_one_line(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """AWS's libraries log a traceback for each list that was about to be read."""
    aws_config(
        monkeypatch,
        tmp_path,
        "[profile sso]\nsso_session = us\nsso_account_id = 123456789012\nsso_role_name = reader\n"
        "[sso-session us]\nsso_region = eu-west-1\nsso_start_url = https://us.awsapps.com/start\n",
    )
    cache = tmp_path / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    token = {
        "startUrl": "https://us.awsapps.com/start",
        "region": "eu-west-1",
        "accessToken": "token",
        "expiresAt": "2020-01-01T00:00:00Z",
        "clientId": "client",
        "clientSecret": "secret",
        "registrationExpiresAt": "2090-01-01T00:00:00Z",
        "refreshToken": "refresh",
    }
    (cache / f"{hashlib.sha1(b'us').hexdigest()}.json").write_text(json.dumps(token))
    nobody = f"http://127.0.0.1:{free_port()}"
    environment = {
        **{name: value for name, value in sandbox.environment.items() if not name.startswith("AWS_ACCESS_KEY")},
        "AWS_SECRET_ACCESS_KEY": "",
        "AWS_PROFILE": "sso",
        "AWS_ENDPOINT_URL_SSO_OIDC": nobody,
        "AWS_ENDPOINT_URL_SSO": nobody,
        "AWS_MAX_ATTEMPTS": "1",
    }
    ended = subprocess.run(
        [sys.executable, "-m", "exporter", "--once"],
        env=environment_of(environment),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 3, ended.stderr
    assert "Traceback" not in ended.stderr
    (line,) = ended.stderr.splitlines()
    assert "survey failed" in line
    assert "elasticache: credentials: " in line


def drips(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
    while True:
        handler.wfile.write(b" ")
        time.sleep(0.02)


def drips_in_a_chunk_length(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;")
    while True:
        handler.wfile.write(b"x")
        time.sleep(0.02)


def pours(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        handler.wfile.write(b" " * 2**20)


def test_what_a_command_for_credentials_prints_is_bounded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    aws_config(monkeypatch, tmp_path, "[default]\ncredential_process = yes")
    with pytest.raises(ConfigurationError, match="credential_process printed more than 64 KiB"):
        elasticache_client(AwsAccess("eu-west-1"), Tally())


def test_a_command_for_credentials_may_talk_on_stderr(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    keys = json.dumps({"Version": 1, "AccessKeyId": "id-of-command", "SecretAccessKey": "key"})
    (tmp_path / "printed").write_text(keys)
    command = f"sh -c 'echo working >&2; cat {tmp_path / 'printed'}'"
    aws_config(monkeypatch, tmp_path, f"[default]\ncredential_process = {command}")
    client = elasticache_client(AwsAccess("eu-west-1"), Tally())
    assert client._request_signer._credentials.access_key == "id-of-command"  # type: ignore[attr-defined] # noqa: SLF001 — where botocore keeps them


@contextmanager
def credentials_endpoint(respond: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with suppress(OSError):
                respond(self)

        do_PUT = do_GET  # noqa: N815 — the name that http.server looks for

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — as http.server calls it
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


NO_CREDENTIALS = (
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"),
    *("AWS_EC2_METADATA_DISABLED", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
)


@pytest.mark.parametrize("variable", ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_EC2_METADATA_SERVICE_ENDPOINT"])
@pytest.mark.parametrize(
    ("respond", "what"),
    [
        (drips, "the answer was not whole after 0 s"),
        (drips_in_a_chunk_length, "the answer was not whole after 0 s"),
        (pours, "the answer is larger than 8 MiB"),
    ],
)
def test_an_endpoint_for_credentials_has_an_end(
    variable: str,
    respond: Callable[[BaseHTTPRequestHandler], None],
    what: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """A machine's, or a container's: botocore itself would wait for it, and hold what it sends, without any limit."""
    aws_config(monkeypatch, tmp_path, "")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    for name in NO_CREDENTIALS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(ContainerMetadataFetcher, "SLEEP_TIME", 0)
    with credentials_endpoint(respond) as url, with_patience(Patience(aws_read_seconds=0.3)):
        monkeypatch.setenv(variable, url)
        with pytest.raises(ConfigurationError, match=f"AWS configuration: .*127.0.0.1:[0-9]+: {what}"):
            elasticache_client(AwsAccess("eu-west-1"), Tally(("elasticache",)))

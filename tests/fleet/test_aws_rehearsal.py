"""What `--check` finds in the settings that boto3 reads by itself, without asking anybody."""

from pathlib import Path

import pytest

from fleet.aws.client import AwsAccess, AwsKeys
from fleet.aws.rehearsal import rehearse
from fleet.errors import ConfigurationError
from fleet.program.aws_settings import check_environment

KEYS = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key"}
IRELAND = AwsAccess("eu-west-1")


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An AWS configuration file that is in use, and nothing else."""
    file = tmp_path / "aws-config"
    file.write_text("")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    return file


def rehearsed(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    rehearse(IRELAND)


@pytest.mark.parametrize(
    ("text", "environment", "message"),
    [
        ("[default", KEYS, "Unable to parse config file"),
        ("", {**KEYS, "AWS_DEFAULTS_MODE": "foo"}, "foo"),
        ("", {**KEYS, "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES": "-5"}, "min_compression_size_bytes"),
        ("", {**KEYS, "AWS_REQUEST_CHECKSUM_CALCULATION": "foo"}, "request_checksum_calculation"),
        ("", {**KEYS, "AWS_ACCOUNT_ID_ENDPOINT_MODE": "foo"}, "account_id_endpoint_mode"),
        ("[default]\nca_bundle = /nonexistent.pem", KEYS, "ca_bundle '/nonexistent.pem': No such file"),
        ("[default]\nca_bundle = /dev/null", KEYS, "ca_bundle '/dev/null': it is not an ordinary file"),
        ("", {}, "no AWS credentials found"),
        ("", {"AWS_ACCESS_KEY_ID": "id"}, "Partial credentials"),
        ("", {"AWS_WEB_IDENTITY_TOKEN_FILE": "/nonexistent"}, "/nonexistent"),
        ("[default]\nrole_arn = arn:aws:iam::1:role/a\nweb_identity_token_file = /none", {}, "/none"),
        ("", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://evil.example.com/"}, "Unsupported host"),
    ],
)
def test_what_a_start_would_stumble_over_is_found(
    text: str, environment: dict[str, str], message: str, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_text(text)
    with pytest.raises(ConfigurationError, match=message):
        rehearsed(monkeypatch, environment)


@pytest.mark.parametrize(
    ("text", "environment"),
    [
        ("", KEYS),
        ("[default]\naws_access_key_id = id\naws_secret_access_key = key", {}),
        ("[default]\ncredential_process = touch asked", {}),
        ("[default]\nrole_arn = arn:aws:iam::123456789012:role/a\ncredential_source = Ec2InstanceMetadata", {}),
        ("[default]\nsso_start_url = https://x\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = a", {}),
        ("", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9/"}),
        ("", {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/creds"}),
        ("", {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:9"}),
    ],
)
def test_whoever_would_be_asked_is_not_asked(
    text: str, environment: dict[str, str], config: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """There may be credentials; only a start can tell."""
    monkeypatch.chdir(tmp_path)
    config.write_text(text)
    rehearsed(monkeypatch, environment)
    assert not (tmp_path / "asked").exists()


def test_keys_that_a_region_has_are_enough(config: Path) -> None:
    assert config.exists()
    rehearse(AwsAccess("eu-west-1", AwsKeys("id", "key")))


@pytest.mark.parametrize("variable", ["AWS_MAX_ATTEMPTS", "AWS_METADATA_SERVICE_TIMEOUT"])
@pytest.mark.parametrize("text", ["abc", "-1", "1.5", "nan", "9" * 400, "٣"])
def test_numbers_of_boto3s_are_named(variable: str, text: str) -> None:
    """boto3 would name neither the setting nor the file."""
    with pytest.raises(ConfigurationError, match=f"{variable} '.*': not a whole number"):
        check_environment({variable: text})


def test_plain_http_is_warned_of_wherever_boto3_has_it_from(
    config: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    config.write_text("[default]\nendpoint_url = http://elasticache.example.com:8080")
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    rehearsed(monkeypatch, KEYS)
    (record,) = [record for record in caplog.records if "plain http" in record.message]
    assert record.__dict__["origin"] == "http://elasticache.example.com:8080"

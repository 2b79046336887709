"""Every kind of setting that could only fail later is refused at the start, in one line that says what to write."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from fleet.errors import ConfigurationError
from fleet.program.addresses import checked_address
from fleet.program.network_settings import check_network_settings
from fleet.program.numbers import DecimalNumber, WholeNumber
from fleet.program.regions import regions
from tests.other_user import out_of_reach
from tests.region_of import region_settings

CLIENT = {"CF_CLIENT_ID": "exporter", "CF_CLIENT_SECRET": "hush"}
ONE = {"aws_region": "eu-west-1", "cf_api_address": "https://api.example.org"}


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("https://api.example.org/v3", "CF_API_ADDRESS 'https://api.example.org/v3': it has a path; write it without"),
        ("https://api.example.org?a=b", "CF_API_ADDRESS 'https://api.example.org': it has a query"),
        ("https://api.example.org#a", "it has a query"),
        ("https://api.exa mple.org", "'https://api.exa mple.org': it holds a space"),
        ("https://api.example.org:99999", "'https://api.example.org:99999': its host or port is none"),
        ("https://api.example.org:0", "its host or port is none"),
        ("https://", "its host or port is none"),
        ("https://exämple.org", "it holds a space or a character that no address has"),
        ("https://api.example.org\\", "it holds a space or a character"),
        ("api.example.org", "'api.example.org': it does not begin with https:// or http://; write it with its scheme"),
        ("https://me:hush@api.example.org", "CF_API_ADDRESS: it holds a user name or password"),
        ("hush", "CF_API_ADDRESS: "),
        ("live-11111111-2222-4333-8444-555555555555", "CF_API_ADDRESS: "),
    ],
)
def test_an_address_that_is_none_is_refused(address: str, message: str) -> None:
    """What may be a secret in the wrong place is not shown."""
    with pytest.raises(ConfigurationError) as raised:
        regions(region_settings(**{**ONE, "cf_api_address": address}), CLIENT)
    assert message in str(raised.value)
    assert "hush" not in str(raised.value)
    assert "4333" not in str(raised.value)


def test_plain_http_to_elsewhere_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    """It is what the operator asked for; whoever is on the way can read it."""
    for quiet in ("http://127.0.0.1:9703", "http://localhost", "https://api.example.org"):
        assert checked_address("CF_API_ADDRESS", quiet + "/", "x") == quiet
    assert not caplog.records
    checked_address("CF_API_ADDRESS", "http://api.example.org", "x")
    (record,) = caplog.records
    assert "plain http" in record.message
    assert record.__dict__["origin"] == "http://api.example.org:80"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("name = ' '", "name '': give the region a name"),
        ('name = "a\\u001bb"', "give the region a name that people can read"),
        ("nodes_quota = -5", "Ireland: nodes_quota '-5': write a number from 1 to 1000000, or leave it out"),
        ("nodes_quota = 0", "nodes_quota '0'"),
        ("cache_parameter_groups_quota = 0", "cache_parameter_groups_quota '0'"),
        (f"nodes_quota = {'9' * 400}", "nodes_quota"),
        ("nodes_quota = nan", "Expected `int | null`, got `float`"),
        ("time_zone = 'Europe/Londres'", "Ireland: time_zone 'Europe/Londres': no such time zone"),
        ("time_zone = '../../etc/passwd'", "no such time zone"),
        ("time_zone = 'Europe'", "no such time zone"),
        ("aws_role_arn = 'admin'", "Ireland: aws_role_arn 'admin': not the ARN of a role; write it as arn:aws:iam::"),
        ("aws_role_arn = 'arn:aws:iam::123456789012:user/a'", "not the ARN of a role"),
        ("aws_profile = 'nobodys'", "AWS configuration: REGIONS_FILE '…': Ireland: aws_profile 'nobodys'"),
        ("aws_endpoint_url_elasticache = 'elasticache'", "Ireland: aws_endpoint_url_elasticache: it does not begin"),
        ("aws_region = 'Ireland'", "Ireland: AWS_REGION 'Ireland': no such AWS region"),
        ("cf_service_offerings = ['redis', '']", "Ireland: cf_service_offerings: one of them has no name"),
        ("cf_api_address = 'https://api.example.org/v3'", "it has a path"),
        ("cf_uaa_address = 'uaa'", "CF_UAA_ADDRESS: it does not begin"),
        ("secrets_prefix = 'LON-DON'", "secrets_prefix 'LON-DON': no variable begins so"),
    ],
)
def test_a_region_that_could_only_fail_later_is_refused(line: str, message: str, tmp_path: Path) -> None:
    """The file, the region, the key, its value and what to write."""
    key = line.partition(" ")[0]
    defaults = {"name": "'Ireland'", "aws_region": "'eu-west-1'", "cf_api_address": "'https://api.example.org'"}
    lines = [f"{name} = {value}" for name, value in defaults.items() if name != key]
    file = tmp_path / "regions.toml"
    file.write_text("\n".join(["[[regions]]", *lines, line]))
    with pytest.raises(ConfigurationError) as raised:
        regions(region_settings(regions_file=str(file)), CLIENT)
    said = str(raised.value).replace(str(file), "…")
    assert message in said
    assert said.isprintable()


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("Ireland", "ireland "), "name 'Ireland' is given to two regions"),
        (("Ireland", "EU-WEST-1"), "name 'EU-WEST-1' is the code of another region"),
    ],
)
def test_two_regions_that_could_be_mixed_up_are_refused(names: tuple[str, str], message: str, tmp_path: Path) -> None:
    """A region is chosen by its name in any case, or by its code."""
    file = tmp_path / "regions.toml"
    codes = ("eu-west-1", "eu-west-2")
    tables = zip(names, codes, strict=True)
    file.write_text("\n".join(f'[[regions]]\nname = "{name}"\naws_region = "{code}"' for name, code in tables))
    with pytest.raises(ConfigurationError, match=message):
        regions(region_settings(regions_file=str(file)), CLIENT)


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("REQUESTS_CA_BUNDLE", "/no/such.pem", "REQUESTS_CA_BUNDLE '/no/such.pem': there is no such file or folder"),
        ("CURL_CA_BUNDLE", "/no/such.pem", "CURL_CA_BUNDLE"),
        ("AWS_CA_BUNDLE", "/etc/hostname", "AWS_CA_BUNDLE '/etc/hostname': it holds no certificate in PEM format"),
        ("HTTPS_PROXY", "http://me:hush@proxy:99999", "HTTPS_PROXY: not the address of a proxy"),
        ("http_proxy", "http://[::1", "http_proxy: not the address of a proxy"),
        ("ALL_PROXY", "foo://me:hush@proxy", "ALL_PROXY: not the address of a proxy"),
        ("AWS_ENDPOINT_URL_ELASTICACHE", "elasticache", "AWS_ENDPOINT_URL_ELASTICACHE: it does not begin"),
        ("AWS_ENDPOINT_URL", "https://x:99999", "AWS_ENDPOINT_URL 'https://x:99999': its host or port is none"),
        ("AWS_PROFILE", "nobodys", "AWS configuration: AWS_PROFILE 'nobodys'"),
        ("AWS_ACCESS_KEY_ID", "AKIA€", "AWS_ACCESS_KEY_ID: it holds a character that AWS gives to none"),
        ("AWS_SESSION_TOKEN", "a\nb", "AWS_SESSION_TOKEN: it holds a character"),
    ],
)
def test_what_the_libraries_read_themselves_is_read_at_the_start(variable: str, value: str, message: str) -> None:
    """They would complain in the middle of the first survey, each in its own way."""
    keys = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key"}
    with pytest.raises(ConfigurationError) as raised:
        regions(region_settings(**ONE), {**CLIENT, **keys, variable: value})
    assert str(raised.value).startswith(message)
    assert "hush" not in str(raised.value)


def test_certificates_and_proxies_that_can_be_used_are(tmp_path: Path) -> None:
    """A folder of certificates, and a proxy without a scheme or with a password."""
    check_network_settings({"REQUESTS_CA_BUNDLE": str(tmp_path), "HTTPS_PROXY": "http://me:hush@proxy:3128"})
    check_network_settings({"AWS_CA_BUNDLE": "", "http_proxy": "proxy.example.org:3128"})


def test_certificates_in_a_folder_of_somebody_elses_are_named(tmp_path: Path) -> None:
    with out_of_reach(tmp_path), pytest.raises(ConfigurationError) as raised:
        check_network_settings({"REQUESTS_CA_BUNDLE": str(tmp_path / "ca.pem")})
    assert str(raised.value) == f"REQUESTS_CA_BUNDLE '{tmp_path / 'ca.pem'}': Permission denied"


@click.command()
@click.option("--ratio", type=DecimalNumber(0, 1), envvar="RATIO")
@click.option("--count", type=WholeNumber(1, 1000), envvar="COUNT")
def numbers(ratio: float | None, count: int | None) -> None:
    click.echo(f"{ratio} {count}")


@pytest.mark.parametrize(
    "text", ["nan", "inf", "-inf", "1e300", "1e-3", "0x1", "\u0660.\u0665", "½", "1_0", "", "0,5", "2", "-1"]
)
def test_a_decimal_number_is_finite_and_in_our_digits(text: str) -> None:
    """`nan` lies in every range that click checks."""
    ended = CliRunner().invoke(numbers, ["--ratio", text])
    assert ended.exit_code == 2
    assert "Invalid value for '--ratio'" in ended.output


@pytest.mark.parametrize("text", ["\u0663", "1_0", "1.0", "1e2", "0", "1001", "9" * 400, "nan", "", "³"])
def test_a_whole_number_is_in_our_digits(text: str) -> None:
    """Python's own reading is kinder than an operator's."""
    ended = CliRunner().invoke(numbers, ["--count", text])
    assert ended.exit_code == 2
    assert "Invalid value for '--count'" in ended.output


def test_numbers_are_read() -> None:
    """From flags and from variables."""
    assert CliRunner().invoke(numbers, ["--ratio", ".5", "--count", "7"]).output == "0.5 7\n"
    assert CliRunner().invoke(numbers, env={"RATIO": "1", "COUNT": "+7"}).output == "1.0 7\n"

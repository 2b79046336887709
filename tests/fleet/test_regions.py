"""One region from the environment, or several from a file, and what is refused."""

import json
from pathlib import Path

import pytest

from fleet.aws.client import AwsKeys
from fleet.cloudfoundry.credentials import ClientCredentials
from fleet.cloudfoundry.login import CfLogin
from fleet.errors import ConfigurationError
from fleet.program.regions import regions
from fleet.region import CfAccess
from tests.region_of import region_settings

CLIENT = {"CF_CLIENT_ID": "exporter", "CF_CLIENT_SECRET": "hush"}


def test_one_region_comes_from_the_variables() -> None:
    """Its name is the AWS code, as nobody gave it another."""
    settings = region_settings(
        aws_region="eu-west-2", cf_api_address="https://api.example.org/", cf_service_offerings="redis, valkey ,"
    )
    (region,) = regions(settings, {**CLIENT, "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key"})
    assert (region.name, region.aws.region) == ("eu-west-2", "eu-west-2")
    assert region.cloudfoundry == CfAccess(
        "https://api.example.org", ClientCredentials("exporter", "hush"), ("redis", "valkey")
    )
    assert region.aws.keys == AwsKeys("id", "key")


def test_aws_default_region_and_profiles_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """As boto3 reads them; AWS_REGION, which boto3 does not read, is the command line's."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    (region,) = regions(region_settings(cf_api_address="https://api.example.org"), CLIENT)
    assert region.aws.region == "eu-central-1"


def test_a_file_names_several_regions_with_secrets_of_their_own(tmp_path: Path) -> None:
    """Each region's secrets are found by its prefix; what its table leaves out is the default."""
    file = tmp_path / "regions.toml"
    file.write_text("""
        [[regions]]
        name = "Ireland"
        aws_region = "eu-west-1"
        cf_api_address = "https://api.ireland.example.org"
        aws_role_arn = "arn:aws:iam::123456789012:role/reader"
        secrets_prefix = "IRELAND_"

        [[regions]]
        name = "London"
        aws_region = "eu-west-2"
        cf_api_address = "https://api.london.example.org"
        cf_service_offerings = ["redis", "valkey"]
        replication_group_id = "csb{guid}"
        nodes_quota = 500
        time_zone = "Europe/Dublin"
        """)
    environment = {**CLIENT, "IRELAND_CF_CLIENT_ID": "other", "IRELAND_CF_CLIENT_SECRET": "different"}
    settings = region_settings(regions_file=str(file), replication_group_id="prd-{guid}")
    ireland, london = regions(settings, environment)
    assert (ireland.name, ireland.aws.region, ireland.aws.role_arn) == (
        "Ireland",
        "eu-west-1",
        "arn:aws:iam::123456789012:role/reader",
    )
    assert ireland.cloudfoundry == CfAccess(
        "https://api.ireland.example.org", ClientCredentials("other", "different"), ("redis",)
    )
    assert london.cloudfoundry == CfAccess(
        "https://api.london.example.org", ClientCredentials("exporter", "hush"), ("redis", "valkey")
    )
    assert [region.tenancy.group_ids.template for region in (ireland, london)] == ["prd-{guid}", "csb{guid}"]
    assert (ireland.quotas.nodes, london.quotas.nodes) == (300, 500)
    assert (ireland.time_zone, london.time_zone) == ("Europe/London", "Europe/Dublin")


ONE = {"aws_region": "eu-west-1", "cf_api_address": "https://api.example.org"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({**ONE, "aws_region": None}, "AWS_REGION is not set: set it to"),
        ({**ONE, "aws_region": "eu-west-9"}, "AWS_REGION 'eu-west-9': no such AWS region; did you mean eu-"),
        ({**ONE, "aws_region": "Ireland"}, "AWS_REGION 'Ireland': no such AWS region; write its code"),
        ({**ONE, "cf_api_address": None}, "CF_API_ADDRESS is not set: set it to"),
        ({**ONE, "cf_api_address": "api.example.org"}, "write it with its scheme"),
        ({**ONE, "cf_api_address": "ftp://api.example.org"}, "write it with its scheme"),
        ({**ONE, "cf_api_address": "https://me:hush@api.example.org"}, "it holds a user name or password"),
        ({**ONE, "cf_service_offerings": " , "}, "CF_SERVICE_OFFERINGS ' , ': name at least one"),
        ({**ONE, "replication_group_id": "prd-"}, "REPLICATION_GROUP_ID 'prd-': put exactly one of"),
        ({**ONE, "tenant_tags": "owner"}, "TENANT_TAGS 'owner': 'owner' is not one of guid, org"),
        ({"regions_file": "/nowhere.toml"}, "REGIONS_FILE '/nowhere.toml': No such file"),
    ],
)
def test_a_wrong_setting_is_refused_with_what_to_write(settings: dict[str, str], message: str) -> None:
    """The message names the setting, its value and the next step."""
    with pytest.raises(ConfigurationError, match=message) as refusal:
        regions(region_settings(**settings), CLIENT)
    assert "hush" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("regions = []", "it names no region"),
        ("[[regions]]\nname = 'a'", "missing required field `aws_region`"),
        ("[[regions]]\nname = 'a'\naws_region = 'eu-west-1'\ncolour = 'red'", "unknown field `colour`"),
        ("not toml", "REGIONS_FILE"),
        (
            "[[regions]]\nname='a'\naws_region='eu-west-1'\nreplication_group_id='{guid}'",
            "a: REPLICATION_GROUP_ID '{guid}': AWS allows letters, digits",
        ),
        (
            "[[regions]]\nname='a'\naws_region='eu-west-1'\ntenant_tags={space='namespace'}",
            "a: TENANT_TAGS: 'space' needs 'org'",
        ),
        (
            "[[regions]]\nname='a'\naws_region='eu-west-1'\n[[regions]]\nname='b'\naws_region='eu-west-1'",
            "given to two",
        ),
        (
            "[[regions]]\nname='a'\naws_region='eu-west-1'\nsecrets_prefix='A_'",
            "A_CF_CLIENT_ID and A_CF_CLIENT_SECRET are",
        ),
    ],
)
def test_a_wrong_file_is_refused(text: str, message: str, tmp_path: Path) -> None:
    """Two regions with one AWS code could not be told apart in the metrics."""
    file = tmp_path / "regions.toml"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match=message):
        regions(region_settings(regions_file=str(file)), CLIENT)


def logged_in(home: Path, **config: str) -> dict[str, str]:
    (home / ".cf").mkdir()
    (home / ".cf" / "config.json").write_text(json.dumps(config))
    return {"CF_HOME": str(home)}


def test_where_tags_say_who_the_tenants_are_cloud_foundry_needs_no_settings() -> None:
    """Neither an address nor a client, and no login is looked for."""
    (region,) = regions(region_settings(aws_region="eu-west-1", tenant_tags="org=owner"), {"HOME": "/nowhere"})
    assert region.cloudfoundry is None
    assert region.tenancy.words.org == "owner"


def test_cloud_foundry_beside_tags_that_replace_it_is_refused() -> None:
    """It would be asked for nothing, while its operator believes otherwise."""
    message = (
        "CF_API_ADDRESS 'https://api.example.org': TENANT_TAGS takes tenants from the tag 'owner', and Cloud Foundry is"
        " not asked; unset one of the two"
    )
    with pytest.raises(ConfigurationError) as refusal:
        regions(region_settings(**ONE, tenant_tags="org=owner"), CLIENT)
    assert str(refusal.value) == message


def test_each_region_has_a_platform_of_its_own(tmp_path: Path) -> None:
    """A table replaces the variable as a whole; an empty one takes it away."""
    file = tmp_path / "regions.toml"
    table = '[[regions]]\nname = "{0}"\naws_region = "{0}"\n{1}\n'
    address = 'cf_api_address = "https://api.example.org"\n'
    file.write_text(
        table.format("eu-west-1", "")
        + table.format("eu-west-2", f"{address}tenant_tags = {{}}")
        + table.format("eu-west-3", f'{address}tenant_tags = {{guid = "Instance GUID"}}')
        + table.format("eu-north-1", 'tenant_tags = {org = "team", address = "mail"}')
    )
    found = regions(region_settings(regions_file=str(file), tenant_tags="org=owner"), CLIENT)
    assert [region.cloudfoundry is None for region in found] == [True, False, False, True]
    assert [region.tenancy.words.org for region in found] == ["owner", "organisation", "organisation", "team"]
    assert [region.tenancy.address_tag for region in found] == ["", "", "", "mail"]


def test_without_a_client_the_cf_login_says_which_api(tmp_path: Path) -> None:
    """Fields that only the cf CLI needs are ignored."""
    environment = logged_in(tmp_path, Target="https://api.example.org", AccessToken="bearer x", ColorEnabled="yes")
    (region,) = regions(region_settings(aws_region="eu-west-1"), environment)
    assert region.cloudfoundry is not None
    assert isinstance(region.cloudfoundry.credentials, CfLogin)
    assert region.cloudfoundry.api_address == "https://api.example.org"


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"Target": "https://api.other.example", "RefreshToken": "r"}, "cf is logged in to https://api.other.example"),
        ({"Target": "https://api.example.org"}, "nobody is logged in; set CF_CLIENT_ID"),
    ],
)
def test_a_login_that_does_not_fit_is_refused(config: dict[str, str], message: str, tmp_path: Path) -> None:
    """The operator's token is never sent to an API that it was not meant for."""
    with pytest.raises(ConfigurationError, match=message):
        regions(region_settings(**ONE), logged_in(tmp_path, **config))


def test_no_credentials_at_all_are_refused(tmp_path: Path) -> None:
    """Both ways are named."""
    with pytest.raises(ConfigurationError, match="set CF_CLIENT_ID and CF_CLIENT_SECRET, or run cf login"):
        regions(region_settings(**ONE), {"CF_HOME": str(tmp_path)})


def test_a_user_without_a_home_folder_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a container's users are that have a number and no name: the look for their login was a traceback."""
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    with pytest.raises(ConfigurationError, match="this user has no home folder; set CF_CLIENT_ID"):
        regions(region_settings(**ONE), {})


def test_secrets_are_not_shown_by_what_holds_them() -> None:
    """These values end up in tracebacks and logs."""
    holders = (
        ClientCredentials("id", "hush"),
        AwsKeys("id", "hush", "hush"),
        CfLogin("t", "hush", "hush", "cf", "hush"),
    )
    for holder in holders:
        assert "hush" not in repr(holder)

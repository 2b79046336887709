"""Which region is meant; where two settings disagree, nobody is told anything."""

from pathlib import Path

import pytest

from fleet.errors import ConfigurationError
from notifier.region_choice import region_choice
from tests.region_of import region_settings

FILE = """
[[regions]]
name = "Ireland"
aws_region = "eu-west-1"
cf_api_address = "https://api.one.example.org"

[[regions]]
name = "Tokyo"
aws_region = "ap-northeast-1"
cf_api_address = "https://api.two.example.org"
time_zone = "Asia/Tokyo"
"""


@pytest.fixture
def regions_file(tmp_path: Path) -> str:
    path = tmp_path / "regions.toml"
    path.write_text(FILE)
    return str(path)


@pytest.mark.parametrize(
    ("name", "aws_region", "expected"),
    [
        ("Ireland", None, ("Ireland", "eu-west-1")),
        ("london", None, ("London", "eu-west-2")),
        ("eu-west-1", None, ("Ireland", "eu-west-1")),
        ("Ireland", "eu-west-1", ("Ireland", "eu-west-1")),
        (None, "eu-west-2", ("London", "eu-west-2")),
        (None, "us-east-1", ("us-east-1", "us-east-1")),
    ],
)
def test_the_two_known_regions(name: str | None, aws_region: str | None, expected: tuple[str, str]) -> None:
    choice = region_choice(name, region_settings(aws_region=aws_region), None)
    assert (choice.name, choice.aws_region) == expected
    assert choice.time_zone.key == "Europe/London"


def test_the_others_are_in_a_file(regions_file: str) -> None:
    """With the time zone of their people, unless the command line has another."""
    choice = region_choice("tokyo", region_settings(regions_file=regions_file), None)
    assert (choice.name, choice.aws_region, choice.time_zone.key) == ("Tokyo", "ap-northeast-1", "Asia/Tokyo")
    assert (
        region_choice("Tokyo", region_settings(regions_file=regions_file), "Europe/Paris").time_zone.key
        == "Europe/Paris"
    )
    by_code = region_choice(None, region_settings(regions_file=regions_file, aws_region="eu-west-1"), None)
    assert by_code.name == "Ireland"


@pytest.mark.parametrize(
    ("name", "settings", "problem"),
    [
        (None, {}, "choose one of REGIONS_FILE: Ireland, Tokyo"),
        ("London", {}, "not in REGIONS_FILE, which has Ireland, Tokyo"),
        ("Tokyo", {"aws_region": "eu-west-1"}, "AWS_REGION is 'eu-west-1': the wrong tenants would be told"),
        (None, {"aws_region": "eu-west-2"}, "AWS_REGION 'eu-west-2': not in REGIONS_FILE"),
        ("Tokyo", {"cf_api_address": "https://api.one.example.org/"}, "gives 'Tokyo' another one"),
    ],
)
def test_what_disagrees_is_refused(name: str | None, settings: dict[str, str], problem: str, regions_file: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        region_choice(name, region_settings(regions_file=regions_file, **settings), None)

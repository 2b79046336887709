"""Where the tags of groups are asked for: at AWS, unless ElastiCache is asked at an address that is not AWS's."""

import pytest

from fleet.aws.client import AwsAccess, AwsKeys, credentialed_session
from fleet.aws.endpoints import endpoint_beside
from tests.loopback_only import AWS_NOWHERE

TAGGING = "resourcegroupstaggingapi"


@pytest.fixture(autouse=True)
def _usual_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is asked there."""
    for name in AWS_NOWHERE:
        monkeypatch.delenv(name)


def beside(elasticache_url: str | None, region: str = "eu-west-1") -> str | None:
    session = credentialed_session(AwsAccess(region, AwsKeys("id", "key")))
    return endpoint_beside(session, TAGGING, elasticache_url)


@pytest.mark.parametrize(
    ("region", "elasticache_url"),
    [
        ("eu-west-1", None),
        ("eu-west-1", "https://elasticache.eu-west-1.amazonaws.com"),
        ("eu-west-1", "https://vpce-1-2.elasticache.eu-west-1.vpce.amazonaws.com"),
        ("eu-west-1", "https://elasticache.eu-west-1.api.aws"),
        ("cn-north-1", "https://elasticache.cn-north-1.amazonaws.com.cn"),
        ("cn-north-1", "https://elasticache.cn-north-1.api.amazonwebservices.com.cn"),
        ("us-iso-east-1", "https://elasticache.us-iso-east-1.c2s.ic.gov"),
        ("us-iso-east-1", "https://elasticache.us-iso-east-1.api.aws.ic.gov"),
        ("eusc-de-east-1", "https://elasticache.eusc-de-east-1.amazonaws.eu"),
    ],
)
@pytest.mark.parametrize("dual_stack", ["false", "true"])
def test_aws_is_asked_at_aws(
    region: str, elasticache_url: str | None, dual_stack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each partition has two domains, and which of them is asked is decided for each service."""
    monkeypatch.setenv("AWS_USE_DUALSTACK_ENDPOINT", dual_stack)
    assert beside(elasticache_url, region) is None


@pytest.mark.parametrize(
    "elasticache_url",
    ["http://127.0.0.1:4566", "http://localstack:4566", "https://aws.example.com", "https://notamazonaws.com"],
)
def test_a_stand_in_is_asked_for_everything(elasticache_url: str) -> None:
    assert beside(elasticache_url) == elasticache_url


def test_an_address_of_its_own_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API", "http://127.0.0.1:1")
    assert beside("http://127.0.0.1:4566") is None

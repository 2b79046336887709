"""Where another AWS service is asked than ElastiCache: beside it, if ElastiCache is asked at an address of its own."""

from urllib.parse import urlsplit

import botocore.session
from botocore.client import BaseClient
from botocore.config import Config

from fleet.aws.service import ELASTICACHE


def endpoint_beside(session: botocore.session.Session, service: str, elasticache_url: str | None) -> str | None:
    """
    None for the endpoint that the usual AWS chain gives.

    Where ElastiCache is asked at an address that is not AWS's own, such as a stand-in's, the service is asked there
    too, unless it has an address of its own.
    """
    given, usual = _address(session.create_client(service)), _address(_unconfigured(session, service))
    elasticache = elasticache_url or _address(session.create_client(ELASTICACHE.client_name))
    is_awss = _domain(elasticache) == _domain(usual)
    return None if given != usual or is_awss else elasticache


def _unconfigured(session: botocore.session.Session, service: str) -> BaseClient:
    config = Config(ignore_configured_endpoint_urls=True)  # type: ignore[call-arg] # the stubs do not know it
    client: BaseClient = session.create_client(service, config=config)
    return client


def _address(client: BaseClient) -> str:
    return str(client.meta.endpoint_url)


def _domain(url: str) -> str:
    """Such as `amazonaws.com`: AWS's services and the endpoints within a VPC have it in common."""
    return ".".join((urlsplit(url).hostname or "").split(".")[-2:])

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
    return None if given != usual or _is_awss_own(elasticache, session) else elasticache


def _unconfigured(session: botocore.session.Session, service: str) -> BaseClient:
    config = Config(ignore_configured_endpoint_urls=True)  # type: ignore[call-arg] # the stubs do not know it
    client: BaseClient = session.create_client(service, config=config)
    return client


def _address(client: BaseClient) -> str:
    return str(client.meta.endpoint_url)


def _is_awss_own(url: str, session: botocore.session.Session) -> bool:
    """AWS has two domains in each partition, such as `amazonaws.com` and `api.aws`, also for endpoints within a VPC."""
    partitions = session.get_component("data_loader").load_data("partitions")["partitions"]
    domains = {each["outputs"][key] for each in partitions for key in ("dnsSuffix", "dualStackDnsSuffix")}
    return (urlsplit(url).hostname or "").endswith(tuple(f".{domain}" for domain in domains))

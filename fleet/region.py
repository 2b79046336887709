"""One region as the surveyor needs it: where AWS and Cloud Foundry are, and with which credentials."""

from dataclasses import dataclass

from fleet.aws.client import AwsAccess
from fleet.cloudfoundry.login import CfLogin
from fleet.cloudfoundry.uaa import ClientCredentials

DEFAULT_QUOTA = 300


@dataclass(frozen=True, slots=True)
class Quotas:
    """What the AWS account may have in a region: AWS's own defaults, unless AWS raised them."""

    nodes: int = DEFAULT_QUOTA
    cache_parameter_groups: int = DEFAULT_QUOTA


@dataclass(frozen=True, slots=True)
class Region:
    """One AWS region and the Cloud Foundry whose tenants it serves."""

    name: str
    """For people, such as `Ireland`; the AWS code where nobody gave it a name."""
    aws: AwsAccess
    cf_api_address: str
    """Without a trailing slash."""
    cf_credentials: ClientCredentials | CfLogin
    cf_service_offerings: tuple[str, ...]
    quotas: Quotas
    cf_service_brokers: tuple[str, ...] = ()
    """Whose offerings these are; empty where it may be any broker."""

"""One region as the surveyor needs it: where AWS and Cloud Foundry are, and the credentials for them."""

from dataclasses import dataclass, replace

from fleet.aws.client import AwsAccess
from fleet.cloudfoundry.credentials import ClientCredentials
from fleet.cloudfoundry.login import CfLogin
from fleet.tenants.tenancy import Tenancy

DEFAULT_QUOTA = 300
DEFAULT_TIME_ZONE = "Europe/London"


@dataclass(frozen=True, slots=True)
class Quotas:
    """How much the AWS account may have in a region. These are AWS's defaults, which AWS raises on request."""

    nodes: int = DEFAULT_QUOTA
    cache_parameter_groups: int = DEFAULT_QUOTA


@dataclass(frozen=True, slots=True)
class CfAccess:
    """How to reach a region's Cloud Foundry, and what to look for there."""

    api_address: str
    """Without a trailing slash."""
    credentials: ClientCredentials | CfLogin
    service_offerings: tuple[str, ...]
    service_brokers: tuple[str, ...] = ()
    """The brokers that these offerings belong to; empty for any broker."""


@dataclass(frozen=True, slots=True)
class Region:
    """One AWS region, and whose its replication groups are."""

    name: str
    """The name that people use, such as `Ireland`; the AWS code if nobody gave the region a name."""
    aws: AwsAccess
    cloudfoundry: CfAccess | None
    """None where it is not asked."""
    quotas: Quotas
    tenancy: Tenancy = Tenancy()  # noqa: RUF009 — a value that never changes
    time_zone: str = DEFAULT_TIME_ZONE
    """Of the region's tenants, by its name in the IANA database."""
    aws_apply_role_arn: str | None = None
    """A role that may apply updates; None where the credentials that read may do that too."""

    @property
    def acting_aws(self) -> AwsAccess:
        """How updates are started and stopped: the role is assumed with the credentials that the region has."""
        return self.aws if self.aws_apply_role_arn is None else replace(self.aws, role_arn=self.aws_apply_role_arn)

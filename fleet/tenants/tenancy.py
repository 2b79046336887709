"""How a region's settings say whose a replication group is. Only this room and `fleet.gathering` look inside."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from fleet.errors import ConfigurationError
from fleet.tenants.group_id import GroupIds
from fleet.tenants.tags import NO_TAGS, SETTING, TenantTags

Access = TypeVar("Access")


@dataclass(frozen=True, slots=True)
class Words:
    """What the platform calls the two levels above an instance. JSON and metrics have names of their own."""

    org: str = "organisation"
    space: str = "space"
    """Empty where the platform has no such level."""
    org_heading: str = "Org"
    space_heading: str = "Space"
    """Of columns, and never empty."""
    levels: str = "org and space"
    no_instances: str = "Cloud Foundry has none of the configured service offerings"
    """Why there may be no instance."""
    unclaimed_because: str = "They belong to somebody else, or to an offering that is not configured"
    """Why no tenant may claim a group."""

    @property
    def org_in_short(self) -> str:
        """`org`, as Cloud Foundry's operators say, or the tag key."""
        return "org" if self == Words() else self.org


@dataclass(frozen=True, slots=True)
class Tenancy:
    """
    Tenants are Cloud Foundry's, or what the groups' tags say.

    A group is found by its id, by a tag with the guid of the instance, or is itself the instance.
    """

    group_ids: GroupIds = GroupIds()  # noqa: RUF009 — a value that never changes
    tags: TenantTags = NO_TAGS

    @property
    def words(self) -> Words:
        org, space = self.tags.org, self.tags.space
        if not org:
            return Words()
        levels = f"{org} and {space}" if space else org
        nobodys = f"They have no tag '{org}', or an empty one"
        return Words(org, space, org, space or "Space", levels, f"no replication group has the tag '{org}'", nobodys)

    @property
    def address_tag(self) -> str:
        """The key of the tag that says whom to tell; empty where none does."""
        return self.tags.address

    def orgs_from(self, cf_api_address: str) -> str:
        """Where orgs come from, in words that stay the same as long as they come from there."""
        return f"tag '{self.tags.org}'" if self.tags.org else cf_api_address

    def unless_from_tags(self, cf_api_address: str, access: Callable[[], Access]) -> Access | None:
        """The access to Cloud Foundry; None where it is not asked. Raises ConfigurationError if that is not clear."""
        if not self.tags.org:
            return access()
        if address := cf_api_address.strip():
            raise ConfigurationError(
                f"CF_API_ADDRESS '{address}': {SETTING} takes tenants from the tag '{self.tags.org}', and Cloud Foundry"
                " is not asked; unset one of the two"
            )
        return None

    def if_of_cloudfoundry(self, access: Callable[[], Access]) -> Access | None:
        """Access to what knows Cloud Foundry's users; None where tenants have nothing to do with these."""
        return None if self.tags.org else access()


def refuse_accounts_of_nobody(tenancies: Iterable[Tenancy], url: str | None) -> None:
    """Raises ConfigurationError for PaaS Accounts where nobody is a user of Cloud Foundry, in none of all regions."""
    if url and url.strip() and all(tenancy.tags.org for tenancy in tenancies):
        raise ConfigurationError(
            "PAAS_ACCOUNTS_URL: it knows Cloud Foundry's users only; use an address tag or ADDRESS_BOOK"
        )

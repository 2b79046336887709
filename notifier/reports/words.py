"""Counts things in words, and calls the two levels above an instance by the platform's words."""

from fleet.inventory import ServiceInstance
from fleet.tenants.tenancy import Words


def counted(count: int, singular: str, plural: str | None = None) -> str:
    """Such as `1 org` and `2 orgs`."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def org_word(words: Words) -> str:
    """`org`, as Cloud Foundry's operators say, or the tag key."""
    return words.org_in_short


def within_org(instance: ServiceInstance) -> str:
    """Such as `space/cache`, or `cache` where there is no space."""
    return "/".join([*filter(None, [instance.space_name]), instance.name])

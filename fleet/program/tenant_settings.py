"""The options that say whose a replication group is, and the value that they make."""

import cloup

from fleet.program.region_entries import RegionEntry, RegionSettings
from fleet.tenants.group_id import DEFAULT, group_ids
from fleet.tenants.tags import NO_TAGS, tenant_tags, tenant_tags_of_table
from fleet.tenants.tenancy import Tenancy

group_id_option = cloup.option(
    "--replication-group-id",
    envvar="REPLICATION_GROUP_ID",
    default=DEFAULT,
    show_default=True,
    show_envvar=True,
    metavar="TEMPLATE",
    help="How the broker names a replication group, with {guid} or {fnv1a} for the instance's guid or its hash.",
)

tags_option = cloup.option(
    "--tenant-tags",
    envvar="TENANT_TAGS",
    show_envvar=True,
    metavar="WORD=KEY,...",
    help="Tag keys of replication groups: guid=KEY names Cloud Foundry's instance; org=KEY (and space, name, address)"
    " says who the tenant is, without Cloud Foundry.",
)


def tenancy_of(entry: RegionEntry, settings: RegionSettings) -> Tenancy:
    """The region's own settings or, where it has none, those of all regions. Raises ConfigurationError."""
    template = settings.replication_group_id if entry.replication_group_id is None else entry.replication_group_id
    if entry.tenant_tags is not None:
        return Tenancy(group_ids(template), tenant_tags_of_table(entry.tenant_tags, ""))
    return Tenancy(group_ids(template), tenant_tags(settings.tenant_tags) if settings.tenant_tags else NO_TAGS)

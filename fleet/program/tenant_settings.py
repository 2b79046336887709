"""The options that say whose a replication group is, and the value that they make."""

import cloup

from fleet.program.region_entries import RegionEntry, RegionSettings
from fleet.tenants.group_id import DEFAULT, group_ids
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


def tenancy_of(entry: RegionEntry, settings: RegionSettings) -> Tenancy:
    """The region's own settings or, where it has none, those of all regions. Raises ConfigurationError."""
    template = settings.replication_group_id if entry.replication_group_id is None else entry.replication_group_id
    return Tenancy(group_ids(template))

"""The options of both programs that say which regions to survey."""

import click
import cloup

from fleet.program.grouping import grouped
from fleet.program.numbers import WholeNumber
from fleet.program.region_entries import DEFAULT_SERVICE_OFFERINGS, MOST_QUOTA, RegionSettings
from fleet.program.tenant_settings import group_id_option, tags_option
from fleet.region import DEFAULT_QUOTA, Quotas

CONNECTIONS = "Connections"

_aws_region_option = cloup.option(
    "--aws-region",
    envvar=["AWS_REGION", "AWS_DEFAULT_REGION"],
    show_envvar=True,
    metavar="CODE",
    help="The code of the AWS region to survey, such as eu-west-1.",
)
_regions_file_option = cloup.option(
    "--regions-file",
    envvar="REGIONS_FILE",
    type=click.Path(),
    show_envvar=True,
    metavar="FILE",
    help="Survey several regions: a TOML file with a [[regions]] table for each, instead of the options above.",
)

region_options = grouped(
    "region_settings",
    RegionSettings,
    _aws_region_option,
    cloup.option(
        "--cf-api-address",
        envvar="CF_API_ADDRESS",
        show_envvar=True,
        metavar="URL",
        help="The address of the Cloud Foundry API, which also says where its UAA is.",
    ),
    cloup.option(
        "--cf-uaa-address",
        envvar="CF_UAA_ADDRESS",
        show_envvar=True,
        metavar="URL",
        help="The address of the UAA, if it is outside of the API's domain.",
    ),
    cloup.option(
        "--cf-service-offerings",
        envvar="CF_SERVICE_OFFERINGS",
        default=DEFAULT_SERVICE_OFFERINGS,
        show_default=True,
        show_envvar=True,
        metavar="NAMES",
        help="The service offerings whose instances run on ElastiCache, separated by commas.",
    ),
    cloup.option(
        "--cf-service-brokers",
        envvar="CF_SERVICE_BROKERS",
        show_envvar=True,
        metavar="NAMES",
        help="Only these brokers' instances, separated by commas, if other brokers have an offering of the same name.",
    ),
    group_id_option,
    tags_option,
    _regions_file_option,
    heading=CONNECTIONS,
)
"""The command gets `region_settings`, a RegionSettings."""

region_code_options = grouped(
    "region_settings", RegionSettings, _aws_region_option, _regions_file_option, heading=CONNECTIONS
)
"""Like `region_options`, for commands that ask neither AWS nor Cloud Foundry."""

region_words_options = grouped(
    "region_settings", RegionSettings, _aws_region_option, tags_option, _regions_file_option, heading=CONNECTIONS
)
"""Like `region_code_options`, for commands that call tenants what the platform calls them."""

quota_options = grouped(
    "quotas",
    Quotas,
    cloup.option(
        "--nodes-quota",
        "nodes",
        envvar="NODES_QUOTA",
        type=WholeNumber(1, MOST_QUOTA),
        default=DEFAULT_QUOTA,
        show_default=True,
        show_envvar=True,
        metavar="COUNT",
        help="How many cache nodes the AWS account may have in the region; published for the alert.",
    ),
    cloup.option(
        "--cache-parameter-groups-quota",
        "cache_parameter_groups",
        envvar="CACHE_PARAMETER_GROUPS_QUOTA",
        type=WholeNumber(1, MOST_QUOTA),
        default=DEFAULT_QUOTA,
        show_default=True,
        show_envvar=True,
        metavar="COUNT",
        help="How many cache parameter groups the AWS account may have in the region; published for the alert.",
    ),
    heading="Quotas",
)
"""The command gets `quotas`, for every region whose table in REGIONS_FILE has none of its own."""

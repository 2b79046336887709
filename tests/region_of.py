"""The region that a sandbox stands in for, as the command line would have configured it."""

from collections.abc import Mapping

from fleet.regions import Region, RegionSettings, regions
from sandbox.server import Sandbox


def region_of(sandbox: Sandbox, environment: Mapping[str, str] | None = None) -> Region:
    variables = {**sandbox.environment, **(environment or {})}
    settings = region_settings(aws_region=variables["AWS_REGION"], cf_api_address=variables["CF_API_ADDRESS"])
    (region,) = regions(settings, variables)
    return region


def region_settings(**changes: object) -> RegionSettings:
    facts: dict[str, object] = {
        "aws_region": None,
        "cf_api_address": None,
        "cf_service_offerings": "redis",
        "nodes_quota": 300,
        "cache_parameter_groups_quota": 300,
        "regions_file": None,
    }
    return RegionSettings(**(facts | changes))  # type: ignore[arg-type] # fields by name

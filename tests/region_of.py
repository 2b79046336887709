"""The region that a sandbox stands in for, as the command line would have configured it."""

from collections.abc import Mapping

from fleet.program.regions import RegionSettings, regions
from fleet.region import Region
from sandbox.server import Sandbox


def region_of(
    sandbox: Sandbox, environment: Mapping[str, str] | None = None, settings: Mapping[str, str] | None = None
) -> Region:
    """`settings` are fields of RegionSettings."""
    variables = {**sandbox.environment, **(environment or {})}
    addresses = {"aws_region": variables["AWS_REGION"], "cf_api_address": variables["CF_API_ADDRESS"]}
    (region,) = regions(region_settings(**addresses, **(settings or {})), variables)
    return region


def region_settings(**changes: object) -> RegionSettings:
    return RegionSettings(**changes)  # type: ignore[arg-type] # fields by name

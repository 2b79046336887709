"""The region that a sandbox stands in for, as the command line would have configured it."""

from collections.abc import Mapping
from dataclasses import fields

from fleet.program.regions import RegionSettings, regions
from fleet.region import Region
from sandbox.server import Sandbox


def region_of(
    sandbox: Sandbox, environment: Mapping[str, str] | None = None, settings: Mapping[str, str] | None = None
) -> Region:
    """`settings` are fields of RegionSettings."""
    variables = {**sandbox.environment, **(environment or {})}
    given = {
        field.name: variables[field.name.upper()] for field in fields(RegionSettings) if field.name.upper() in variables
    }
    (region,) = regions(region_settings(**{**given, **(settings or {})}), variables)
    return region


def region_settings(**changes: object) -> RegionSettings:
    return RegionSettings(**changes)  # type: ignore[arg-type] # fields by name

"""The command line options that say which regions to look at: the same in both programs."""

import functools
import os
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import click

from fleet.regions import DEFAULT_SERVICE_OFFERINGS, RegionSettings, regions


def region_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options, and hands the command one argument instead, `regions`: a tuple of Region."""

    @click.option(
        "--aws-region",
        envvar=["AWS_REGION", "AWS_DEFAULT_REGION"],
        show_envvar=True,
        metavar="CODE",
        help="AWS region to survey, such as eu-west-1.",
    )
    @click.option(
        "--cf-api-address",
        envvar="CF_API_ADDRESS",
        show_envvar=True,
        metavar="URL",
        help="Cloud Foundry API; its UAA is found from there.",
    )
    @click.option(
        "--cf-service-offerings",
        envvar="CF_SERVICE_OFFERINGS",
        default=DEFAULT_SERVICE_OFFERINGS,
        show_default=True,
        show_envvar=True,
        metavar="NAMES",
        help="Service offerings whose instances run on ElastiCache, comma-separated.",
    )
    @click.option(
        "--nodes-quota",
        envvar="NODES_QUOTA",
        type=click.IntRange(min=1),
        default=300,
        show_default=True,
        show_envvar=True,
        metavar="COUNT",
        help="Cache nodes that the AWS account may have in the region; published for the alert.",
    )
    @click.option(
        "--cache-parameter-groups-quota",
        envvar="CACHE_PARAMETER_GROUPS_QUOTA",
        type=click.IntRange(min=1),
        default=300,
        show_default=True,
        show_envvar=True,
        metavar="COUNT",
        help="Cache parameter groups that the AWS account may have in the region; published for the alert.",
    )
    @click.option(
        "--regions-file",
        envvar="REGIONS_FILE",
        show_envvar=True,
        metavar="FILE",
        help="TOML file with a [[regions]] table for each of several regions, instead of the options above.",
    )
    @functools.wraps(command)
    def with_regions(*args: object, **kwargs: Any) -> Any:  # noqa: ANN401 — click's values, the command's answer
        settings = RegionSettings(**{field.name: kwargs.pop(field.name) for field in fields(RegionSettings)})
        return command(*args, regions=regions(settings, os.environ), **kwargs)

    return with_regions

"""The command line options that say which regions to look at: the same in both programs."""

import functools
import os
from collections.abc import Callable
from typing import Any

import click

from fleet.regions import DEFAULT_SERVICE_OFFERINGS, regions


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
        "--regions-file",
        envvar="REGIONS_FILE",
        show_envvar=True,
        metavar="FILE",
        help="TOML file with a [[regions]] table for each of several regions, instead of the two options above.",
    )
    @functools.wraps(command)
    def with_regions(
        *args: object,
        aws_region: str | None,
        cf_api_address: str | None,
        cf_service_offerings: str,
        regions_file: str | None,
        **kwargs: object,
    ) -> Any:  # noqa: ANN401 — whatever the command returns
        found = regions(
            os.environ,
            regions_file=regions_file,
            aws_region=aws_region,
            cf_api_address=cf_api_address,
            cf_service_offerings=cf_service_offerings,
        )
        return command(*args, regions=found, **kwargs)

    return with_regions

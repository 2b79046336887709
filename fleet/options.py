"""The command line options that say which regions to look at: the same in both programs."""

import functools
import os
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import click

from fleet.regions import DEFAULT_SERVICE_OFFERINGS, RegionSettings, regions

DEFAULT_QUOTA = 300

_WHERE = (
    click.option(
        "--aws-region",
        envvar=["AWS_REGION", "AWS_DEFAULT_REGION"],
        show_envvar=True,
        metavar="CODE",
        help="AWS region to survey, such as eu-west-1.",
    ),
    click.option(
        "--cf-api-address",
        envvar="CF_API_ADDRESS",
        show_envvar=True,
        metavar="URL",
        help="Cloud Foundry API; its UAA is found from there.",
    ),
    click.option(
        "--cf-service-offerings",
        envvar="CF_SERVICE_OFFERINGS",
        default=DEFAULT_SERVICE_OFFERINGS,
        show_default=True,
        show_envvar=True,
        metavar="NAMES",
        help="Service offerings whose instances run on ElastiCache, comma-separated.",
    ),
)
_QUOTAS = (
    click.option(
        "--nodes-quota",
        envvar="NODES_QUOTA",
        type=click.IntRange(min=1),
        default=DEFAULT_QUOTA,
        show_default=True,
        show_envvar=True,
        metavar="COUNT",
        help="Cache nodes that the AWS account may have in the region; published for the alert.",
    ),
    click.option(
        "--cache-parameter-groups-quota",
        envvar="CACHE_PARAMETER_GROUPS_QUOTA",
        type=click.IntRange(min=1),
        default=DEFAULT_QUOTA,
        show_default=True,
        show_envvar=True,
        metavar="COUNT",
        help="Cache parameter groups that the AWS account may have in the region; published for the alert.",
    ),
)
_FILE = click.option(
    "--regions-file",
    envvar="REGIONS_FILE",
    type=click.Path(),
    show_envvar=True,
    metavar="FILE",
    help="TOML file with a [[regions]] table for each of several regions, instead of the options above.",
)


def region_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options, and hands the command one argument instead, `regions`: a tuple of Region."""

    @functools.wraps(command)
    def with_regions(*args: object, **kwargs: Any) -> Any:  # noqa: ANN401 — click's values, the command's answer
        return command(*args, regions=regions(_settings(kwargs), os.environ), **kwargs)

    return _with_options(with_regions, *_WHERE, *_QUOTAS, _FILE)


def region_settings_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """
    Adds the options, and hands the command one argument instead, `region_settings`.

    For commands that choose among the regions themselves, and for which quotas mean nothing.
    """

    @functools.wraps(command)
    def with_settings(*args: object, **kwargs: Any) -> Any:  # noqa: ANN401 — click's values, the command's answer
        return command(*args, region_settings=_settings(kwargs), **kwargs)

    return _with_options(with_settings, *_WHERE, _FILE)


def _settings(values: dict[str, Any]) -> RegionSettings:
    """Takes out of click's values what belongs together."""
    return RegionSettings(**{f.name: values.pop(f.name, DEFAULT_QUOTA) for f in fields(RegionSettings)})


def _with_options(command: Callable[..., Any], *options: Callable[..., Any]) -> Callable[..., Any]:
    """In the order in which help lists them."""
    for option in reversed(options):
        command = option(command)
    return command

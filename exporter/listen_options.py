"""The options that say where to listen, for the exporter and for the health check that asks there."""

from collections.abc import Callable
from typing import Any

import click

from fleet.program.numbers import WholeNumber

Command = Callable[..., Any]


def listen_options(command: Command) -> Command:
    """Adds `listen_address`, which is empty for every interface, and `port`."""
    address = click.option(
        "--listen-address",
        envvar="LISTEN_ADDRESS",
        default="",
        show_default="every interface",
        show_envvar=True,
        metavar="IP",
        help="The address of the interface to listen on.",
    )
    port = click.option(
        "--port",
        envvar="PORT",
        type=WholeNumber(0, 65535),
        default=8080,
        show_default=True,
        show_envvar=True,
        help="The port to listen on; 0 takes a free one, which the log names.",
    )
    return address(port(command))

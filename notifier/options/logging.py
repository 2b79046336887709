"""Options that say how much is logged, and in which form."""

import functools
import logging
import sys
from typing import Any

import click

from fleet.logs import LogFormat, configure_logging
from notifier.options.grouping import Command


def logging_options(command: Command) -> Command:
    """Adds the options, and configures logging before the command runs."""

    @click.option(
        "--log-level",
        envvar="LOG_LEVEL",
        type=click.Choice(["debug", "info", "warning", "error"], case_sensitive=False),
        default="warning",
        show_default=True,
        show_envvar=True,
        help="Of this program's own events.",
    )
    @click.option(
        "--log-format",
        envvar="LOG_FORMAT",
        type=click.Choice(["text", "json"], case_sensitive=False),
        show_default="text on a terminal, json elsewhere",
        show_envvar=True,
        help="One event a line on stderr.",
    )
    @functools.wraps(command)
    def with_logging(*args: object, log_level: str, log_format: LogFormat | None, **kwargs: Any) -> Any:  # noqa: ANN401 — as above
        configure_logging(log_level, log_format, sys.stderr)
        # It warns of each request that fails; here each is dealt with, and told in the end if it has to be.
        logging.getLogger("notifications_python_client").setLevel(logging.ERROR)
        return command(*args, **kwargs)

    return with_logging

"""The command line options that say how much is logged, and in which form: the same in both programs."""

import functools
import sys
from collections.abc import Callable
from typing import Any

import click

from fleet.logs import LogFormat, configure_logging

Command = Callable[..., Any]


def log_options(default_level: str) -> Callable[[Command], Command]:
    """Adds the options, and configures logging before the command runs, which gets neither of them."""

    def with_options(command: Command) -> Command:
        @click.option(
            "--log-level",
            envvar="LOG_LEVEL",
            type=click.Choice(["debug", "info", "warning", "error"], case_sensitive=False),
            default=default_level,
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
        def with_logging(*args: object, log_level: str, log_format: LogFormat | None, **kwargs: Any) -> Any:  # noqa: ANN401 — click's values, the command's answer
            configure_logging(log_level, log_format, sys.stderr)
            return command(*args, **kwargs)

        return with_logging

    return with_options

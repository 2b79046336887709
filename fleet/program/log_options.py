"""The options of both programs that say how much is logged, and in which format."""

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click
import cloup

from fleet.program.grouping import Command, grouped
from fleet.program.logs import LogFormat, configure_logging


@dataclass(frozen=True)
class _LogSettings:
    log_level: str
    log_format: LogFormat | None


def log_options(default_level: str) -> Callable[[Command], Command]:
    """Adds the options, and configures logging before the command runs. The command does not get their values."""

    def with_options(command: Command) -> Command:
        @functools.wraps(command)
        def with_logging(*args: object, log_settings: _LogSettings, **kwargs: Any) -> Any:  # noqa: ANN401 — click's values, the command's answer
            configure_logging(log_settings.log_level, log_settings.log_format, sys.stderr)
            return command(*args, **kwargs)

        return grouped(
            "log_settings",
            _LogSettings,
            cloup.option(
                "--log-level",
                envvar="LOG_LEVEL",
                type=click.Choice(["debug", "info", "warning", "error"], case_sensitive=False),
                default=default_level,
                show_default=True,
                show_envvar=True,
                help="Show events of this level and above.",
            ),
            cloup.option(
                "--log-format",
                envvar="LOG_FORMAT",
                type=click.Choice(["text", "json"], case_sensitive=False),
                show_default="text on a terminal, json elsewhere",
                show_envvar=True,
                help="How to write events, one per line, to stderr.",
            ),
            heading="Logging",
        )(with_logging)

    return with_options

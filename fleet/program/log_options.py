"""The options of both programs that say how much is logged, and in which format."""

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click
import cloup
from click.core import ParameterSource

from fleet.program.grouping import Command, grouped
from fleet.program.logs import LogFormat, configure_logging
from fleet.program.quiet import quiet

_LEVELS = ("debug", "info", "warning", "error")
_QUIET_LEVEL = "warning"
"""The lowest level that is logged with --quiet."""


@dataclass(frozen=True)
class _LogSettings:
    log_level: str
    log_format: LogFormat | None
    is_quiet: bool

    @property
    def level(self) -> str:
        """Raises click.UsageError if the command line asks for more and for less at once."""
        level = self.log_level.lower()
        if not self.is_quiet or _LEVELS.index(level) >= _LEVELS.index(_QUIET_LEVEL):
            return level
        if click.get_current_context().get_parameter_source("log_level") is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--quiet and --log-level {level} contradict each other; leave one of them out")
        return _QUIET_LEVEL


def log_options(default_level: str) -> Callable[[Command], Command]:
    """Adds the options, and configures logging before the command runs. The command does not get their values."""

    def with_options(command: Command) -> Command:
        @functools.wraps(command)
        def with_logging(*args: object, log_settings: _LogSettings, **kwargs: Any) -> Any:  # noqa: ANN401 — click's values, the command's answer
            configure_logging(log_settings.level, log_settings.log_format, sys.stderr)
            with quiet(wanted=log_settings.is_quiet):
                return command(*args, **kwargs)

        return grouped(
            "log_settings",
            _LogSettings,
            cloup.option(
                "--log-level",
                envvar="LOG_LEVEL",
                type=click.Choice(_LEVELS, case_sensitive=False),
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
            cloup.option(
                "-q",
                "--quiet",
                "is_quiet",
                is_flag=True,
                help="Show no progress, no hints and no event below warning. Results, questions, warnings and errors"
                " are shown as ever.",
            ),
            heading="Logging",
        )(with_logging)

    return with_options

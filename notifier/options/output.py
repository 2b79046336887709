"""
Options that say what a command prints: its result on stdout, its log on stderr.

By default less is logged than by the exporter, since commands use stderr themselves.
"""

import functools
import logging
from typing import Any

import click
import cloup

from fleet.program.grouping import Command
from fleet.program.log_options import log_options

format_option = cloup.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print the result on stdout: text for people, json for programs.",
)


def logging_options(command: Command) -> Command:
    """Adds the options, and configures logging before the command runs."""

    @log_options(default_level="warning")
    @functools.wraps(command)
    def with_logging(*args: object, **kwargs: Any) -> Any:  # noqa: ANN401 — as in fleet.program.log_options
        # Notify's client warns about each failed request; we handle each, and report those that matter at the end.
        logging.getLogger("notifications_python_client").setLevel(logging.ERROR)
        return command(*args, **kwargs)

    return with_logging

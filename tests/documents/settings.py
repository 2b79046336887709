"""The environment variables that the programs read as settings: those of their options."""

from collections.abc import Iterator
from importlib import import_module

import click

from exporter.command_line import exporter
from notifier.__main__ import COMMANDS


def options(command: click.Command) -> Iterator[click.Option]:
    """Of the command and of its subcommands, those that a variable can set."""
    if isinstance(command, click.Group):
        for subcommand in command.commands.values():
            yield from options(subcommand)
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.envvar:
            yield parameter


def variable(option: click.Option) -> str:
    """Its first: AWS_DEFAULT_REGION is named in the row of AWS_REGION."""
    envvar = option.envvar
    assert envvar is not None
    return envvar if isinstance(envvar, str) else envvar[0]


EXPORTERS = {variable(option): option for option in options(exporter)}
NOTIFIERS = {
    variable(option): option
    for name in COMMANDS
    for option in options(import_module(f"notifier.commands.{name}").command)
}
EXPORTERS_SECRETS = frozenset(
    {"CF_CLIENT_ID", "CF_CLIENT_SECRET", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
)
"""They have no option."""

"""Options that a command has and that another option makes meaningless: refused, so that nobody believes in them."""

import click
from click.core import ParameterSource

from fleet.errors import ConfigurationError


def refuse_unused(because: str, *flags: str) -> None:
    """
    Raises ConfigurationError where one of the flags stands on the command line.

    What only the environment says is left alone: it is there for other commands too.
    """
    context = click.get_current_context()
    for parameter in context.command.params:
        flag = next((name for name in parameter.opts if name in flags), None)
        if flag and context.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE:
            raise ConfigurationError(f"{flag}: it would change nothing {because}; leave it out")

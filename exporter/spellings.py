"""Flags that have two spellings: our own, and that of Prometheus's other exporters."""

import click
from click.core import ParameterSource


def refuse_both(spelling: str, *others: str) -> None:
    """Raises click.UsageError if one of the others is on the command line too. Variables give way to any flag."""
    context = click.get_current_context()
    for parameter in context.command.params:
        flag = next((name for name in parameter.opts if name in others), None)
        if flag and context.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{spelling} and {flag} say the same in two ways; leave one of them out")

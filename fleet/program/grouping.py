"""How a group of options reaches a command as one value, and stands under one heading of its help."""

import functools
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import click
import cloup
from click.core import ParameterSource

from fleet.errors import ConfigurationError

Command = Callable[..., Any]

HEADINGS = ("Window", "Whom", "Mail", "Connections", "Quotas", "Logging")
"""In the order of every command's help; options without a heading come last."""


class GroupedCommand(cloup.Command):
    """A command whose help lists the options under HEADINGS, in whatever order the groups were added."""

    def __init__(self, *args: Any, params: list[click.Parameter] | None = None, **kwargs: Any) -> None:  # noqa: ANN401 — cloup's
        super().__init__(*args, params=sorted(params or (), key=_place), **kwargs)


def grouped(
    argument: str, kind: type, *options: Callable[[Command], Command], heading: str
) -> Callable[[Command], Command]:
    """
    Adds the options, and hands the command their values as one `kind`: a dataclass with a field for each of them.

    A field without an option keeps its default. Help lists the options, made with `cloup.option`, under `heading`.
    """

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def with_group(*args: object, **kwargs: Any) -> Any:  # noqa: ANN401 — click's values, the command's answer
            given = {field.name: kwargs.pop(field.name) for field in fields(kind) if field.name in kwargs}
            group = kind(**given)
            return command(*args, **{argument: group}, **kwargs)

        return under_heading(heading, *options)(with_group)

    return decorate


def under_heading(heading: str, *options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Adds the options under a heading of the help, beside those that stand there already."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
            command.__click_params__[-1].group = _heading(heading)  # type: ignore[attr-defined] # where click keeps them
        return command

    return decorate


def refuse_unused(because: str, *flags: str) -> None:
    """
    For options that another option makes meaningless: nobody is left believing in them.

    Raises ConfigurationError where one of the flags stands on the command line. What only the environment says is left
    alone: it is there for other commands too.
    """
    context = click.get_current_context()
    for parameter in context.command.params:
        flag = next((name for name in parameter.opts if name in flags), None)
        if flag and context.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE:
            raise ConfigurationError(f"{flag}: it would change nothing {because}; leave it out")


def _place(parameter: click.Parameter) -> int:
    group = getattr(parameter, "group", None)
    return HEADINGS.index(group.title) if group is not None else len(HEADINGS)


@functools.cache
def _heading(title: str) -> cloup.OptionGroup:
    """One for each title: cloup tells headings apart by identity."""
    return cloup.OptionGroup(title)

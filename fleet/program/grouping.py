"""Gives a command a group of options as one value, under one heading of its help."""

import functools
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import click
import cloup
from click.core import ParameterSource

from fleet.errors import ConfigurationError

Command = Callable[..., Any]

HEADINGS = ("Window", "Whom", "Applying", "Mail", "Connections", "Quotas", "Logging")
"""Their order in every command's help. Options without a heading come last."""
_ARGUMENTS = "fleet.program.grouping.arguments"


class GroupedCommand(cloup.Command):
    """A command whose help lists its options in the order of HEADINGS, not in the order in which they were added."""

    def __init__(self, *args: Any, params: list[click.Parameter] | None = None, **kwargs: Any) -> None:  # noqa: ANN401 — cloup's
        super().__init__(*args, params=sorted(params or (), key=_place), **kwargs)

    def make_context(self, info_name: str | None, args: list[str], *more: Any, **extra: Any) -> click.Context:  # noqa: ANN401 — click's
        given = tuple(args)
        context = super().make_context(info_name, args, *more, **extra)
        context.meta[_ARGUMENTS] = given
        return context


def given_arguments() -> tuple[str, ...]:
    """Those of the command line that is being carried out, as they were given."""
    return tuple(click.get_current_context().meta.get(_ARGUMENTS, ()))


def grouped(
    argument: str, kind: type, *options: Callable[[Command], Command], heading: str
) -> Callable[[Command], Command]:
    """
    Adds the options, and gives the command their values as one `kind`, a dataclass with a field for each option.

    Fields without an option keep their default. Help lists the options under `heading`; make them with `cloup.option`.
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
    """Adds the options under a heading of the help, which may have other options already."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
            command.__click_params__[-1].group = _heading(heading)  # type: ignore[attr-defined] # where click keeps them
        return command

    return decorate


def refuse_unused(because: str, *flags: str) -> None:
    """
    Raises ConfigurationError if a flag is given on the command line that would have no effect.

    Variables in the environment are ignored, because they are meant for other commands too.
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
    """The same object for each title, because cloup compares headings by identity."""
    return cloup.OptionGroup(title)

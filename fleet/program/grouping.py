"""How a group of options reaches a command as one value, and stands under one heading of its help."""

import functools
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import cloup

Command = Callable[..., Any]


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

        grouped_command: Command = cloup.option_group(heading, *options)(with_group)
        return grouped_command

    return decorate

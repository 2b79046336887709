"""How a group of options reaches a command as one value."""

import functools
from collections.abc import Callable
from dataclasses import fields
from typing import Any

Command = Callable[..., Any]


def grouped(argument: str, kind: type, *options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Adds the options, and hands the command their values as one `kind`, whose fields are named as they are."""

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def with_group(*args: object, **kwargs: Any) -> Any:  # noqa: ANN401 — click's values, the command's answer
            group = kind(**{field.name: kwargs.pop(field.name) for field in fields(kind)})
            return command(*args, **{argument: group}, **kwargs)

        decorated: Command = with_group
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return decorate

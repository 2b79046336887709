"""Numbers on command lines and in variables: finite, within a range, and written with the digits 0 to 9."""

import re
from typing import Any

import click

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?([0-9]{1,18}(\.[0-9]{0,18})?|\.[0-9]{1,18})")


class WholeNumber(click.IntRange):
    """Refuses `1_000` and `٣`, which Python would read as 1000 and 3, but operators might not."""

    name = "whole number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401 — as click has it
        if isinstance(value, str) and not _WHOLE.fullmatch(value.strip()):
            self.fail(f"{value!a} is not a whole number; write it in the digits 0 to 9.", param, ctx)
        number: int = super().convert(value, param, ctx)
        return number


class DecimalNumber(click.FloatRange):
    """Refuses `nan`, which passes every check of a range, and `inf` and `1e300`, which make no sense here."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401 — as click has it
        if isinstance(value, str) and not _DECIMAL.fullmatch(value.strip()):
            self.fail(f"{value!a} is not a number; write it as 0.5 or 300.", param, ctx)
        number: float = super().convert(value, param, ctx)
        return number

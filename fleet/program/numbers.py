"""Numbers on command lines and in variables: finite, in range, and written in the digits 0 to 9."""

import re
from typing import Any

import click

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?([0-9]{1,18}(\.[0-9]{0,18})?|\.[0-9]{1,18})")


class WholeNumber(click.IntRange):
    """Python would take `1_000`, and `٣` for 3; an operator who reads the log would not."""

    name = "whole number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401 — as click has it
        if isinstance(value, str) and not _WHOLE.fullmatch(value.strip()):
            self.fail(f"{value!a} is not a whole number; write it in the digits 0 to 9.", param, ctx)
        number: int = super().convert(value, param, ctx)
        return number


class DecimalNumber(click.FloatRange):
    """Neither `nan`, which is in every range, nor `inf`, nor `1e300`, which is out of what any of ours means."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401 — as click has it
        if isinstance(value, str) and not _DECIMAL.fullmatch(value.strip()):
            self.fail(f"{value!a} is not a number; write it as 0.5 or 300.", param, ctx)
        number: float = super().convert(value, param, ctx)
        return number

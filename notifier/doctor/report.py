"""Prints the checks: a table or, on a narrow terminal, wrapped lines; or JSON. Pure."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from fleet.printable import one_line
from fleet.program.text import json_text, text_of_lines
from notifier.doctor.checks import Placed, State

_WORDS = {State.OK: "ok", State.WARNING: "WARNING", State.FAILED: "FAILED", State.NOT_SET: "not set"}
_INDENT = " " * (max(map(len, _WORDS.values())) + 2)
_LEAST_WIDTH = 40


def checks_text(checks: Sequence[Placed], width: int | None = None) -> str:
    """`width` is the terminal's; None if stdout is none, so that each check stays one line."""
    table = list(_table(checks))
    if width is not None and any(len(line) > width for line in table):
        lines = [line for placed in checks for line in _wrapped(placed, max(width, _LEAST_WIDTH))]
    else:
        lines = table
    return text_of_lines([*lines, "", _summary(checks)])


def checks_json(checks: Sequence[Placed]) -> str:
    rows = [
        {
            "system": placed.system,
            "region": placed.region,
            "check": placed.check.check,
            "state": placed.check.state.value,
            "detail": placed.check.detail,
            "remedy": placed.check.remedy,
        }
        for placed in checks
    ]
    counts = Counter(placed.check.state for placed in checks)
    return json_text({"version": 1, "summary": {state.value: counts[state] for state in State}, "checks": rows})


def _table(checks: Sequence[Placed]) -> Iterator[str]:
    rows = [(_WORDS[p.check.state], _where(p), p.check.check, _said(p)) for p in checks]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    for *cells, said in rows:
        yield "  ".join([*(cell.ljust(size) for cell, size in zip(cells, widths, strict=True)), said])


def _wrapped(placed: Placed, width: int) -> Iterator[str]:
    head = f"{_WORDS[placed.check.state]:<{len(_INDENT)}}{_where(placed)}: {placed.check.check}: "
    yield from _lines(head + one_line(placed.check.detail), width, "", _INDENT)
    if placed.check.remedy is not None:
        yield from _lines(one_line(placed.check.remedy), width, f"{_INDENT}→ ", f"{_INDENT}  ")


def _lines(text: str, width: int, first: str, others: str) -> list[str]:
    """Words longer than a line, such as addresses, are not broken: they could not be copied."""
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=others, break_long_words=False, break_on_hyphens=False
    )


def _where(placed: Placed) -> str:
    return f"{placed.system} {placed.region}" if placed.region else placed.system


def _said(placed: Placed) -> str:
    detail = one_line(placed.check.detail)
    return detail if placed.check.remedy is None else f"{detail} → {one_line(placed.check.remedy)}"


def _summary(checks: Sequence[Placed]) -> str:
    counts = Counter(placed.check.state for placed in checks)
    return f"{len(checks)} checks: {', '.join(f'{counts[state]} {_WORDS[state].lower()}' for state in State)}"

"""
The gate for text that leaves: for a terminal, for a program, for a spreadsheet. Pure.

Tenants choose names, and remote systems choose error messages. What would move a cursor, reorder or hide the words
around it, or run as a formula is shown as the characters that it is made of.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence

from fleet.printable import visible

# Full-width signs count too, and so does what stands after a semicolon: a spreadsheet may take that for a new cell.
_FORMULA = re.compile(r"(^|;)(\s*)(?=[=+\-@\uff0b\uff0d\uff1d\uff20])")


def printable(text: str) -> str:
    """As `visible`, but lines and tabs stay what they are."""
    return re.sub(r"[^\n\t]+", lambda match: visible(match[0]), text)


def text_of_lines(lines: Iterable[str]) -> str:
    """Each of them stays one line, whatever it says."""
    return "".join(f"{visible(line)}\n" for line in lines)


def json_text(document: object) -> str:
    """In printable ASCII, so that it is the same document in every encoding; who reads it gets the text as it was."""
    return json.dumps(document, indent=2) + "\n"


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """
    With a header. A cell that a spreadsheet would compute begins with an apostrophe, which means text there.

    A cell that is None is empty.
    """
    lines = io.StringIO()
    writer = csv.DictWriter(lines, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({column: _cell(value) for column, value in row.items()} for row in rows)
    return lines.getvalue()


def _cell(value: object) -> str:
    return "" if value is None else _FORMULA.sub(r"\1\2'", visible(str(value)))

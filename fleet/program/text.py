"""
Makes text safe for a terminal, a program or a spreadsheet. Pure.

Tenants choose names, and remote systems choose error messages. Characters that would move the cursor, reorder or hide
the words around them are written as codes, and formulas are written as text.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence

from fleet.printable import visible

# Full-width signs count too. A spreadsheet may begin a new cell after a semicolon, so that counts as a beginning too.
_FORMULA = re.compile(r"(^|;)(\s*)(?=[=+\-@\uff0b\uff0d\uff1d\uff20])")

_HARMLESS = re.compile(r"[0-9A-Za-z][ -:<-~]*", re.ASCII)
"""Most cells; printable ASCII without a semicolon needs no further look."""


def printable(text: str) -> str:
    """Like `visible`, but keeps line breaks and tabs."""
    return re.sub(r"[^\n\t]+", lambda match: visible(match[0]), text)


def text_of_lines(lines: Iterable[str]) -> str:
    """Writes each on one line, even if it holds line breaks."""
    return "".join(f"{visible(line)}\n" for line in lines)


def json_text(document: object) -> str:
    """JSON in printable ASCII, which is the same in every encoding. Whoever parses it gets the original text."""
    return json.dumps(document, indent=2) + "\n"


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """
    CSV with a header. A cell that a spreadsheet would compute gets an apostrophe, which marks it as text.

    None becomes an empty cell.
    """
    lines = io.StringIO()
    writer = csv.DictWriter(lines, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({column: _cell(value) for column, value in row.items()} for row in rows)
    return lines.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = str(value)
    if _HARMLESS.fullmatch(text):
        return text
    return _FORMULA.sub(r"\1\2'", visible(text))

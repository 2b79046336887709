"""
The gate for text that leaves: for a terminal, for a program, for a spreadsheet. Pure.

Tenants choose names, and remote systems choose error messages. What would move a cursor, reorder or hide the words
around it, or run as a formula is shown as the characters that it is made of.
"""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

# These count as letters, marks or symbols, and show nothing: fillers, joiners, selectors of variants (but for the two
# that choose between a picture and a sign), the blank Braille pattern.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0d\uffa0\U000e0100-\U000e01ef]")
# Full-width signs count too, and so does what stands after a semicolon: a spreadsheet may take that for a new cell.
_FORMULA = re.compile(r"(^|;)(\s*)(?=[=+\-@\uff0b\uff0d\uff1d\uff20])")


def visible(text: str) -> str:
    r"""On one line, with each character that could not be seen as its code, such as `\x1b` or `\u202e`."""
    if text.isprintable() and not _BLANK.search(text):
        return text
    return "".join(character if _is_seen(character) else _code(character) for character in text)


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


def _is_seen(character: str) -> bool:
    return (character.isprintable() or unicodedata.category(character) == "Zs") and not _BLANK.match(character)


def _code(character: str) -> str:
    return character.encode("unicode_escape").decode()

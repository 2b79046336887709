"""The gate for text that leaves."""

import csv
import io

import pytest

from fleet.printable import visible
from fleet.program.text import csv_text, json_text, printable, text_of_lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("brave-buses", "brave-buses"),
        ("café ☕ 🚀 ❤️", "café ☕ 🚀 ❤️"),
        ("no-break\u00a0space", "no-break\u00a0space"),
        ("\x1b]52;c;aGk=\x07", "\\x1b]52;c;aGk=\\x07"),
        ("\x9b31m\x7f\0", "\\x9b31m\\x7f\\x00"),
        ("a\r\nb\tc\u2028d\x85e", "a\\r\\nb\\tc\\u2028d\\x85e"),
        ("\u202egnp.exe\u2066", "\\u202egnp.exe\\u2066"),
        ("pay\u200bpal\u200d\ufeff\u2800\u3164\ufe00", "pay\\u200bpal\\u200d\\ufeff\\u2800\\u3164\\ufe00"),
        ("\ud800\ue000\U000e0041", "\\ud800\\ue000\\U000e0041"),
    ],
)
def test_what_cannot_be_seen_is_shown_as_its_code(text: str, shown: str) -> None:
    """And what can be seen stays; twice through the gate is as once."""
    assert visible(text) == shown
    assert visible(shown) == shown


def test_lines_stay_lines() -> None:
    assert text_of_lines(["a\nb", "c"]) == "a\\nb\nc\n"
    assert printable("a\x1b\n\tb\r") == "a\\x1b\n\tb\\r"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("cache", "cache"),
        ("2026-06-16", "2026-06-16"),
        ("=1+1", "'=1+1"),
        ("+44 20", "'+44 20"),
        ("-x", "'-x"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\uff1d1", "'\uff1d1"),
        (" =1", " '=1"),
        ("\t=1", "\\t=1"),
        ("\r=1", "\\r=1"),
        ("a;=1", "a;'=1"),
        ("a=1", "a=1"),
        (-1, "'-1"),
        (None, ""),
    ],
)
def test_a_cell_that_would_be_computed_becomes_text(value: object, cell: str) -> None:
    """Signs of full width and cells after a semicolon count too: some spreadsheets take them so."""
    rows = list(csv.reader(io.StringIO(csv_text(["column"], [{"column": value}]))))
    assert rows[1:] == ([[cell]] if cell else [[""]])


def test_json_is_the_same_document_in_every_encoding() -> None:
    assert json_text({"name": "é\x7f\u202e🚀"}) == '{\n  "name": "\\u00e9\\u007f\\u202e\\ud83d\\ude80"\n}\n'

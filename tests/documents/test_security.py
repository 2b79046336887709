"""SECURITY.md names tests that are there, for every threat."""

import re

import pytest

from tests.documents.documents import ROOT, quoted, rows

THREATS = rows("SECURITY.md", "Threats")


@pytest.mark.parametrize("row", THREATS, ids=lambda row: f"{row[0]}: {row[1]}"[:60])
def test_every_defence_is_shown_by_tests(row: list[str]) -> None:
    """A defence that nothing shows is a hope."""
    tests = quoted(row[3])
    assert tests
    for test in tests:
        assert re.search(r"^def test_", (ROOT / test).read_text(), re.MULTILINE), test


def test_the_kinds_of_threats_are_all_there() -> None:
    """Who and what an operator would ask about first."""
    named = " ".join(row[0] for row in THREATS)
    for kind in ("tenant", "network", "port", "user of the machine", "lies", "crash", "clock", "supply chain"):
        assert kind in named

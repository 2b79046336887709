"""docs/troubleshooting.md quotes messages as the programs say them."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.documents.documents import ROOT, quoted, rows

SAID_BY_OTHERS = {
    "AccessDenied",
    "SignatureDoesNotMatch",
    "InvalidClientTokenId",
    "ExpiredToken",
    "Throttling",
    "HTTP 401",
    "certificate verify failed",
}
"""AWS's, UAA's and OpenSSL's words: not in our code."""

HEADINGS = ("It does not start (exit status 2)", "It runs, and surveys fail", "The notifier")


def template(node: ast.expr) -> str | None:
    """A text with `…` for each value that is put into it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)  # type: ignore[misc] # str
    return None


def templates() -> Iterator[str]:
    for room in ("fleet", "ledger", "exporter", "notifier"):
        for file in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.expr) and (text := template(node)):
                    yield text


TEMPLATES = tuple(templates())
MESSAGES = [
    message
    for heading in HEADINGS
    for row in rows("docs/troubleshooting.md", heading)
    for message in quoted(row[0])
    if message not in SAID_BY_OTHERS
]


@pytest.mark.parametrize("message", MESSAGES)
def test_the_programs_say_so(message: str) -> None:
    """Its words, in their order, stand in one text of the code."""
    pattern = re.compile(".*".join(re.escape(part.strip()) for part in message.split("…")), re.DOTALL)
    assert any(pattern.search(text) for text in TEMPLATES), f"no program says '{message}'"

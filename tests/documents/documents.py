"""What people read of the project, and the tables in it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = tuple(sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]))


def text_of(name: str) -> str:
    return (ROOT / name).read_text()


def rows(document: str, heading: str) -> list[list[str]]:
    """The cells of the tables below the heading and before the next one of any level, without the tables' heads."""
    section = re.split(rf"^#+ {re.escape(heading)}$", text_of(document), maxsplit=1, flags=re.MULTILINE)[1]
    lines = re.split(r"^#+ ", section, maxsplit=1, flags=re.MULTILINE)[0].splitlines()
    found = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith("| ") and not line.startswith("| ---") and not following.startswith("| ---"):
            found.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))])
    assert found, f"{document}: no table below '{heading}'"
    return found


def quoted(cell: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`([^`]+)`", cell)

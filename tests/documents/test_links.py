"""Every relative link in a document leads to a file, and to a heading in it."""

import re
from pathlib import Path

import pytest

from tests.documents.documents import DOCUMENTS, ROOT


def slugs(file: Path) -> list[str]:
    """Of its headings, as the field's hosts make them; what looks like one in a code block is none."""
    text = re.sub(r"^```.*?^```", "", file.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_somewhere(document: Path) -> None:
    """Files and headings alike."""
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
        if "://" in target:
            continue
        path, _, heading = target.partition("#")
        file = (document.parent / path) if path else document
        assert file.exists(), f"{document.name}: {target}"
        if heading:
            assert heading in slugs(file), f"{document.name}: {target}"


def test_every_document_can_be_reached_from_the_readme() -> None:
    """A page that nothing links to is read by nobody."""
    reached: set[Path] = set()
    to_read = [ROOT / "README.md"]
    while to_read:
        document = to_read.pop()
        if document in reached:
            continue
        reached.add(document)
        targets = re.findall(r"\]\(([^)\s#]+\.md)[^)]*\)", document.read_text())
        to_read += [(document.parent / target).resolve() for target in targets if "://" not in target]
    assert set(DOCUMENTS) <= reached

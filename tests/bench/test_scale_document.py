"""What docs/scale.md quotes is what the programs print, and what it configures is what they read."""

import re
from pathlib import Path

import pytest

from bench.simulation.__main__ import TABLES, Table
from fleet.program.regions import entries_of_file

DOCUMENT = (Path(__file__).parents[2] / "docs" / "scale.md").read_text()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_the_document_quotes_what_the_simulation_prints(table: Table) -> None:
    """Whoever changes the programs or the simulation finds out which sentences to read again."""
    assert table() in DOCUMENT


def test_the_regions_files_are_read(tmp_path: Path) -> None:
    """One for each exporter; the same region in two accounts needs two of them."""
    files = re.findall(r"```toml\n(.+?)```", DOCUMENT, re.DOTALL)
    names = []
    for text in files:
        path = tmp_path / "regions.toml"
        path.write_text(text)
        names.append([(entry.aws_region, entry.aws_role_arn) for entry in entries_of_file(path)])
    first, second = names
    assert {region for region, _ in first} & {region for region, _ in second}
    assert not {role for _, role in first} & {role for _, role in second}

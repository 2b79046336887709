"""docs/reliability.md says what the tests beside it hold, and nothing else."""

from tests.faults.kinds import KINDS
from tests.faults.platform import SYSTEMS
from tests.faults.reliability_document import DOCUMENT, NAMES, document
from tests.faults.table import RUNS, TABLE


def test_the_document_is_written_from_the_table() -> None:
    """Run `python -m tests.faults.reliability_document` after a change of the table."""
    assert DOCUMENT.read_text() == document()


def test_every_row_is_run_by_some_program() -> None:
    run = {row.id for rows in RUNS.values() for row in rows}
    variants = {row.id for row in TABLE if row.system == "sts"}  # its answers are read as ElastiCache's are
    assert {row.id for row in TABLE} - run - variants == set()


def test_every_kind_strikes_every_system_that_can_have_it() -> None:
    """Lists belong to some systems only."""
    kinds = {system: {row.kind for row in TABLE if row.system == system} for system in SYSTEMS}
    of_lists = {"endless pages", "repeated page", "shorter than its total"}
    for system, found in kinds.items():
        assert set(KINDS) - found <= of_lists | {"unknown word"}, system
    assert set(NAMES) == set(SYSTEMS)

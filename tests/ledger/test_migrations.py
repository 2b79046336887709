"""A ledger of any version is brought to the newest, which is the same however it came to be."""

import itertools
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from ledger.check import problems
from ledger.errors import LedgerError
from ledger.ledger import Ledger
from ledger.location import ledger_engine
from ledger.migrations import MIGRATIONS, migrate
from ledger.schema import metadata
from tests.ledger.structure import structure
from tests.ledger.version_dumps import VERSIONS, load

NEWEST = len(MIGRATIONS)


@pytest.fixture
def engine(ledger_url: str) -> Iterator[sa.Engine]:
    made = ledger_engine(ledger_url)
    yield made
    made.dispose()


def a_further_step(connection: sa.Connection) -> None:
    connection.execute(sa.text("ALTER TABLE mails ADD COLUMN colour TEXT"))


def test_the_newest_version_is_the_schema_that_the_code_reads(engine: sa.Engine) -> None:
    migrate(engine)
    migrated = structure(engine)
    with engine.begin() as connection:
        metadata.drop_all(connection)
        metadata.create_all(connection)
    assert migrated == structure(engine)


@pytest.mark.parametrize("version", VERSIONS)
def test_each_version_is_still_made_as_it_was_released(version: int, engine: sa.Engine, ledger_url: str) -> None:
    """The dump is by the program of its day; a step that somebody edited later would make something else."""
    load(version, ledger_url)
    released = structure(engine)
    with engine.begin() as connection:
        for table in released:
            connection.execute(sa.text(f"DROP TABLE {table}"))
    migrate(engine, MIGRATIONS[:version])
    assert structure(engine) == released


@pytest.mark.parametrize("version", VERSIONS)
def test_a_ledger_that_is_brought_forward_is_like_a_fresh_one(version: int, engine: sa.Engine, ledger_url: str) -> None:
    load(version, ledger_url)
    with engine.begin() as connection:
        mails_before = list(connection.execute(sa.text("SELECT id, reference, state FROM mails ORDER BY id")))
    with Ledger(ledger_url):
        brought_forward = structure(engine)
    with engine.begin() as connection:
        assert list(connection.execute(sa.text("SELECT id, reference, state FROM mails ORDER BY id"))) == mails_before
        for table in brought_forward:
            connection.execute(sa.text(f"DROP TABLE {table}"))
    migrate(engine)
    assert structure(engine) == brought_forward


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_contradicts_itself_after_being_brought_forward(version: int, ledger_url: str) -> None:
    """References too are what today's program makes of window, region, org and address: nobody is told twice."""
    load(version, ledger_url)
    with Ledger(ledger_url) as ledger:
        assert {problem.partition(": ")[2] for problem in problems(ledger)} == {
            "its run ended before the outcome was known; run email again"
        }


def test_a_further_version_is_reached_from_a_fresh_ledger_and_from_each_older_one(ledger_url: str) -> None:
    """A step that would add what version 1 makes already could not."""
    engine = ledger_engine(ledger_url)
    migrate(engine, (*MIGRATIONS, a_further_step))
    migrate(engine, (*MIGRATIONS, a_further_step))
    with engine.begin() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM mails WHERE colour IS NULL")) == 0
    engine.dispose()
    refusal = f"version {NEWEST + 1}, and this program knows versions up to {NEWEST}"
    with pytest.raises(LedgerError, match=refusal), Ledger(ledger_url):
        pass


def test_a_failed_migration_changes_nothing(engine: sa.Engine, ledger_url: str) -> None:
    load(VERSIONS[0], ledger_url)
    before = structure(engine)

    def breaking(_: sa.Connection) -> None:
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError):
        migrate(engine, (*MIGRATIONS, a_further_step, breaking))
    assert structure(engine) == before


def test_an_sqlite_file_is_copied_before_it_changes(sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    load(1, sqlite_url)
    engine = ledger_engine(sqlite_url)

    def emptying(connection: sa.Connection) -> None:
        connection.execute(sa.text("DELETE FROM mails"))

    migrate(engine, (*MIGRATIONS, emptying))
    engine.dispose()
    copy = path.with_name("ledger.sqlite3.version-1.backup")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM mails").fetchone() == (11,)


def test_there_is_a_dump_of_every_version_but_the_newest() -> None:
    """Whoever adds a version keeps a ledger of the one before it."""
    assert VERSIONS[: NEWEST - 1] == list(itertools.islice(itertools.count(1), NEWEST - 1))

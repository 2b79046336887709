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
from ledger.database import Database
from ledger.errors import LedgerError
from ledger.ledger import Ledger
from ledger.location import database
from ledger.migrations import MIGRATIONS, migrate
from ledger.schema import metadata
from ledger.versions.amendments import amend
from tests.ledger.structure import structure
from tests.ledger.version_dumps import VERSIONS, load

NEWEST = len(MIGRATIONS)


@pytest.fixture
def opened(ledger_url: str) -> Iterator[Database]:
    made = database(ledger_url)
    yield made
    made.close()


def a_further_step(connection: sa.Connection) -> None:
    connection.execute(sa.text("ALTER TABLE mails ADD COLUMN colour TEXT"))


def test_the_newest_version_is_the_schema_that_the_code_reads(opened: Database) -> None:
    migrate(opened)
    migrated = structure(opened.engine)
    with opened.engine.begin() as connection:
        metadata.drop_all(connection)
        metadata.create_all(connection)
    assert migrated == structure(opened.engine)


@pytest.mark.parametrize("version", VERSIONS)
def test_each_version_is_still_made_as_it_was_released(version: int, opened: Database, ledger_url: str) -> None:
    """The dump is by the program of its day; a step that somebody edited later would make something else."""
    load(version, ledger_url)
    if version == NEWEST:
        with opened.engine.begin() as connection:
            amend(connection)
    released = structure(opened.engine)
    with opened.engine.begin() as connection:
        for table in released:
            connection.execute(sa.text(f"DROP TABLE {table}"))
    migrate(opened, MIGRATIONS[:version])
    assert structure(opened.engine) == released


@pytest.mark.parametrize("version", VERSIONS)
def test_a_ledger_that_is_brought_forward_is_like_a_fresh_one(version: int, opened: Database, ledger_url: str) -> None:
    load(version, ledger_url)
    with opened.engine.begin() as connection:
        mails_before = list(connection.execute(sa.text("SELECT id, reference, state FROM mails ORDER BY id")))
    with Ledger(ledger_url):
        brought_forward = structure(opened.engine)
    with opened.engine.begin() as connection:
        assert list(connection.execute(sa.text("SELECT id, reference, state FROM mails ORDER BY id"))) == mails_before
        for table in brought_forward:
            connection.execute(sa.text(f"DROP TABLE {table}"))
    migrate(opened)
    assert structure(opened.engine) == brought_forward


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
    opened = database(ledger_url)
    migrate(opened, (*MIGRATIONS, a_further_step))
    migrate(opened, (*MIGRATIONS, a_further_step))
    with opened.engine.begin() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM mails WHERE colour IS NULL")) == 0
    opened.close()
    refusal = f"version {NEWEST + 1}, and this program knows versions up to {NEWEST}"
    with pytest.raises(LedgerError, match=refusal), Ledger(ledger_url):
        pass


def test_a_failed_migration_changes_nothing(opened: Database, ledger_url: str) -> None:
    load(VERSIONS[0], ledger_url)
    before = structure(opened.engine)

    def breaking(_: sa.Connection) -> None:
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError):
        migrate(opened, (*MIGRATIONS, a_further_step, breaking))
    assert structure(opened.engine) == before


def test_an_sqlite_file_is_copied_before_it_changes(sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    load(1, sqlite_url)
    opened = database(sqlite_url)

    def emptying(connection: sa.Connection) -> None:
        connection.execute(sa.text("DELETE FROM mails"))

    migrate(opened, (*MIGRATIONS, emptying))
    opened.close()
    copy = path.with_name("ledger.sqlite3.version-1.backup")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM mails").fetchone() == (11,)


def test_there_is_a_dump_of_every_version_but_the_newest() -> None:
    """Whoever adds a version keeps a ledger of the one before it."""
    assert VERSIONS[: NEWEST - 1] == list(itertools.islice(itertools.count(1), NEWEST - 1))

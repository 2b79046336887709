"""A program that only looks: it changes nothing, waits for nobody for long, and says in words what is wrong."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from fleet.errors import RemoteError
from ledger.errors import LedgerError
from ledger.ledger import Ledger
from ledger.ledger_reader import LedgerReader
from tests.exporter_process import free_port
from tests.ledger.version_dumps import load


def file_of(sqlite_url: str) -> Path:
    return Path(sqlite_url.removeprefix("sqlite:///"))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.fixture
def filled(ledger_url: str) -> str:
    """The address of a ledger of the newest version, with eleven mails."""
    load(1, ledger_url)
    with Ledger(ledger_url):
        pass
    return ledger_url


@contextmanager
def changed(ledger_url: str, *statements: str) -> Iterator[None]:
    """By another program, which has not committed yet."""
    engine = sa.create_engine(ledger_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
        yield
    engine.dispose()


def test_it_reads_what_the_ledger_says(filled: str) -> None:
    assert len(LedgerReader(filled).records()) == 11


def test_it_reads_what_a_run_that_is_under_way_has_recorded(filled: str) -> None:
    with Ledger(filled) as ledger, ledger.run("email", "ada"):
        before = LedgerReader(filled).records()
        with ledger.transaction() as connection:
            connection.execute(sa.text("DELETE FROM mails WHERE id = 1"))
        assert len(LedgerReader(filled).records()) == len(before) - 1


def test_it_cannot_write(filled: str) -> None:
    with pytest.raises((LedgerError, RemoteError)), LedgerReader(filled).transaction() as connection:
        connection.execute(sa.text("DELETE FROM mails"))
    assert len(LedgerReader(filled).records()) == 11


def test_a_file_and_what_is_beside_it_stay_as_they_are(sqlite_url: str) -> None:
    """Also what a killed run left: changes that are only in the log."""
    load(1, sqlite_url)
    with Ledger(sqlite_url):
        pass
    folder = file_of(sqlite_url).parent
    before = contents(folder)
    assert "ledger.sqlite3-wal" not in before
    LedgerReader(sqlite_url).records()
    assert contents(folder) == before

    killed = (
        "import os, sys\nimport sqlalchemy as sa\nfrom ledger.ledger import Ledger\n"
        "with Ledger(sys.argv[1]) as ledger:\n"
        "    with ledger.transaction() as connection:\n"
        "        connection.execute(sa.text('DELETE FROM mails WHERE id = 1'))\n"
        "    os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", killed, sqlite_url], check=True)
    left = contents(folder)
    assert left["ledger.sqlite3-wal"]
    assert len(LedgerReader(sqlite_url).records()) == 10
    after = contents(folder)
    del left["ledger.sqlite3-shm"], after["ledger.sqlite3-shm"]  # SQLite's own notes of who reads what
    assert after == left


def test_a_disk_that_may_not_be_written_is_enough(sqlite_url: str) -> None:
    load(1, sqlite_url)
    with Ledger(sqlite_url):
        pass
    folder = str(file_of(sqlite_url).parent)
    counting = (
        "import sys\nfrom ledger.ledger_reader import LedgerReader\nprint(len(LedgerReader(sys.argv[1]).records()))"
    )
    command = ["bwrap", "--dev-bind", "/", "/", "--ro-bind", folder, folder, sys.executable, "-c", counting, sqlite_url]
    assert subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout == "11\n"


def test_a_file_that_is_not_there_is_not_made(sqlite_url: str) -> None:
    """And is read as soon as it is."""
    reader = LedgerReader(sqlite_url)
    with pytest.raises(LedgerError, match="it cannot be opened; check that it is there"):
        reader.records()
    assert not file_of(sqlite_url).parent.exists()
    with Ledger(sqlite_url):
        pass
    assert reader.records() == []


def test_a_server_that_is_not_there_is_a_remote_failure() -> None:
    with pytest.raises(RemoteError) as error:
        LedgerReader(f"postgresql://ada:s3cret@127.0.0.1:{free_port()}/ledger").records()
    assert "s3cret" not in str(error.value)


def test_an_empty_database_is_no_ledger(ledger_url: str) -> None:
    if ledger_url.startswith("sqlite"):
        file_of(ledger_url).parent.mkdir(mode=0o700)
        file_of(ledger_url).touch()
    with pytest.raises((LedgerError, RemoteError), match=r"it is not whole|does not exist"):
        LedgerReader(ledger_url).records()
    if not ledger_url.startswith("sqlite"):
        with psycopg.connect(ledger_url) as connection:
            assert connection.execute(b"SELECT * FROM pg_tables WHERE schemaname = 'public'").fetchall() == []


def test_an_older_ledger_is_not_brought_forward(ledger_url: str) -> None:
    load(1, ledger_url)
    for _ in range(2):
        with pytest.raises(LedgerError, match="the ledger has version 1, and this program reads version 3"):
            LedgerReader(ledger_url).records()


def test_a_newer_ledger_is_refused(filled: str) -> None:
    with Ledger(filled) as ledger, ledger.transaction() as connection:
        connection.execute(sa.text("UPDATE schema_version SET version = 99"))
    with pytest.raises(LedgerError, match="the ledger has version 99"):
        LedgerReader(filled).records()


def test_a_locked_file_is_not_waited_for_long(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.sqlite_file._BUSY_MILLISECONDS_READING", 50)
    load(1, sqlite_url)
    with Ledger(sqlite_url):
        pass
    with closing(sqlite3.connect(file_of(sqlite_url), isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("DELETE FROM told")
        other.execute("INSERT INTO issues (repository, window_day, number) VALUES ('a/b', '2026-06-16', 1)")
        other.execute("COMMIT")
        with pytest.raises(LedgerError, match="another program keeps it locked"):
            LedgerReader(sqlite_url).records()


def test_a_locked_table_is_not_waited_for_long(postgresql: str) -> None:
    name = f"locked_{os.getpid()}"
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    url = postgresql.removesuffix("/postgres") + f"/{name}"
    load(1, url)
    with Ledger(url):
        pass
    with changed(url, "LOCK TABLE mails IN ACCESS EXCLUSIVE MODE"), pytest.raises(RemoteError, match="lock timeout"):
        LedgerReader(url).records()


def test_what_may_have_been_read_by_halves_is_not_given_out(sqlite_url: str) -> None:
    """Somebody wrote, and took the log with them, while it was read as a file that nobody writes."""
    load(1, sqlite_url)
    with Ledger(sqlite_url):
        pass
    reader = LedgerReader(sqlite_url)
    with (
        pytest.raises(LedgerError, match="it changed while it was read; read it again"),
        reader.transaction(),
        Ledger(sqlite_url) as ledger,
        ledger.run("email", "ada"),
    ):
        pass
    assert len(reader.records()) == 11

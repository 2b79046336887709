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


def everything(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    """All files with what they hold, when they were changed, and which ones they are."""
    found = {path.name: (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino) for path in folder.iterdir()}
    return {**found, ".": (b"", folder.stat().st_mtime_ns, 0)}


LEAVES = """
import os, sqlite3, sys
ledger = sqlite3.connect(sys.argv[1], isolation_level=None)
ledger.execute(f"PRAGMA journal_mode = {sys.argv[2]}")
ledger.execute("PRAGMA cache_size = 1")  # so that changes reach the file before they are committed
ledger.execute("BEGIN")
ledger.execute("DELETE FROM mails WHERE id = 1")
if sys.argv[3] == "committed":
    ledger.execute("COMMIT")
else:
    ledger.execute("CREATE TABLE more AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)"
                   " SELECT randomblob(4000) FROM n")
    ledger.execute("UPDATE mails SET org_name = 'half'")
os._exit(0)
"""


@pytest.mark.parametrize(
    ("mode", "state", "without", "mails"),
    [
        ("wal", "committed", (), 10),
        ("wal", "half", (), 11),
        ("wal", "committed", ("-shm",), 10),
        ("delete", "committed", (), 10),
        ("delete", "half", (), 11),
        ("persist", "committed", (), 10),
        ("truncate", "half", (), 11),
    ],
)
def test_what_a_killed_writer_left_is_read_and_stays_as_it_is(
    mode: str, state: str, without: tuple[str, ...], mails: int, sqlite_url: str
) -> None:
    """What was committed counts and nothing else; who repairs it is who writes next."""
    load(1, sqlite_url)
    with Ledger(sqlite_url):
        pass
    path = file_of(sqlite_url)
    subprocess.run([sys.executable, "-c", LEAVES, str(path), mode, state], check=True)
    for suffix in without:
        path.with_name(path.name + suffix).unlink()
    before = everything(path.parent)
    if mode == "wal" or state == "half":
        assert len([name for name in before if name.startswith(path.name)]) > 1, before.keys()
    for _ in range(2):
        with LedgerReader(sqlite_url).transaction() as connection:
            found = connection.execute(sa.text("SELECT org_name FROM mails")).scalars().all()
        assert len(found) == mails
        assert "half" not in found
        assert everything(path.parent) == before
    with Ledger(sqlite_url) as ledger:
        assert len(ledger.records()) == mails


def test_a_writer_that_lives_is_read_and_its_files_stay_as_they_are(sqlite_url: str) -> None:
    load(1, sqlite_url)
    with Ledger(sqlite_url):
        pass
    path = file_of(sqlite_url)
    writes = (
        "import sqlite3, sys\n"
        "ledger = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "ledger.execute('DELETE FROM mails WHERE id = 1')\n"
        "print('ready', flush=True)\n"
        "sys.stdin.read()\n"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", writes, str(path)], **pipes, text=True) as writer:  # type: ignore[call-overload] # each is a pipe
        assert writer.stdout.readline() == "ready\n"
        before = everything(path.parent)
        assert f"{path.name}-shm" in before
        assert len(LedgerReader(sqlite_url).records()) == 10
        assert everything(path.parent) == before
        writer.stdin.close()


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
        with pytest.raises(LedgerError, match="the ledger has version 1, and this program reads version 2"):
            LedgerReader(ledger_url).records()


def test_a_newer_ledger_is_refused(filled: str) -> None:
    with Ledger(filled) as ledger, ledger.transaction() as connection:
        connection.execute(sa.text("UPDATE schema_version SET version = 99"))
    with pytest.raises(LedgerError, match="the ledger has version 99"):
        LedgerReader(filled).records()


def test_a_locked_file_is_not_waited_for_long(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.sqlite_reading._BUSY_MILLISECONDS", 50)
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

"""A ledger's file that goes away, or becomes another one, while mails leave: nobody is told twice because of it."""

import os
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger.errors import LedgerError
from ledger.ledger import Ledger
from ledger.sqlite_file import SqliteFile
from sandbox.server import Options, Sandbox
from tests.notifier_program import WINDOW, Ended, Program, crowded, mails_by_org_and_address, program, sends
from tests.other_user import out_of_reach

PEOPLE, ORGS = 60, 20
EVERYBODY = Counter({(f"org-{n % ORGS:04}", f"person.{n}@example.org"): 1 for n in range(PEOPLE)})


@pytest.fixture
def crowd() -> Iterator[Sandbox]:
    with Sandbox(Options(instances=80)) as sandbox:
        sandbox.world.change(crowded(PEOPLE, ORGS))
        sandbox.faults.add("notify/v2/notifications/email:latency:0.3")
        yield sandbox


@pytest.fixture
def notifier(crowd: Sandbox, sqlite_url: str) -> Program:
    return program(crowd, sqlite_url)


@pytest.fixture
def path(sqlite_url: str) -> Path:
    return Path(sqlite_url.removeprefix("sqlite:///"))


def deleted(path: Path) -> None:
    path.unlink()


def deleted_with_its_log(path: Path) -> None:
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)


def replaced_by_an_empty_one(path: Path) -> None:
    path.with_name("new").touch(0o600)
    path.with_name("new").rename(path)


def ended_after(
    happened: Callable[[Path], None], path: Path, crowd: Sandbox, notifier: Program, mails_count: int = 12
) -> Ended:
    """A run to whose ledger something happened when so many mails had left."""
    process = notifier.start("email", "--yes", *WINDOW)
    deadline = time.monotonic() + 60
    while sends(crowd) < mails_count and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    happened(path)
    out, err = process.communicate(timeout=100)
    return Ended(process.returncode, out, err)


@pytest.mark.parametrize("happened", [deleted, deleted_with_its_log, replaced_by_an_empty_one])
def test_a_run_stops_and_saves_what_it_held(
    happened: Callable[[Path], None], path: Path, crowd: Sandbox, notifier: Program
) -> None:
    """The next one refuses to begin with another ledger; with the one that was put back everybody is told once."""
    ended = ended_after(happened, path, crowd, notifier)
    assert ended.status == 3, ended.err
    word = "replaced" if happened is replaced_by_an_empty_one else "deleted"
    assert f"it was {word} while this run used it; what it held is saved: put it back with `mv '" in ended.err
    assert "Traceback" not in ended.err
    assert 0 < len(crowd.notify.mails) < PEOPLE
    sent_until_then = len(crowd.notify.mails)

    again = notifier.email()
    assert again.status == 2
    assert "an earlier run found it deleted or replaced, and saved what it held" in again.err
    assert len(crowd.notify.mails) == sent_until_then

    path.with_name("ledger.sqlite3.rescued").replace(path)
    assert notifier.email().status == 0
    assert mails_by_org_and_address(crowd) == EVERYBODY
    assert not path.with_name("ledger.sqlite3.rescued").exists()


def test_half_of_a_rescue_is_not_left_to_be_put_back(
    sqlite_url: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the disk fills up: whoever put it back would have an empty ledger."""

    def fails(_: SqliteFile, copy: Path) -> None:
        copy.touch()
        raise sqlite3.OperationalError("database or disk is full")

    with Ledger(sqlite_url) as ledger, ledger.run("email", "ada"):
        monkeypatch.setattr(SqliteFile, "_copy_to", fails)
        deleted_with_its_log(path)
        with pytest.raises(LedgerError, match=r"could not be saved \(database or disk is full\): restore a backup"):
            ledger.records()
    assert [file.name for file in path.parent.iterdir() if file.is_file()] == []


def test_a_run_stops_where_the_folder_is_closed_to_it(sqlite_url: str, path: Path) -> None:
    with Ledger(sqlite_url) as ledger, ledger.run("email", "ada"):
        ledger.records()
        with out_of_reach(path.parent), pytest.raises(LedgerError) as raised:
            ledger.records()
        assert "it was put out of reach (Permission denied) while this run used it; what it held" in str(raised.value)
        ledger.records()


def test_a_run_stops_where_the_whole_folder_is_gone(path: Path, crowd: Sandbox, notifier: Program) -> None:
    """Nothing can be saved there; that is said too."""
    ended = ended_after(lambda path: shutil.rmtree(path.parent), path, crowd, notifier)
    assert ended.status == 3, ended.err
    assert "it was deleted while this run used it; what it held could not be saved" in ended.err
    assert "an empty ledger in its place would know nothing of mails sent or updates begun" in ended.err
    assert len(crowd.notify.mails) < PEOPLE


def test_a_run_stops_where_an_older_copy_is_written_over_the_file(
    path: Path, crowd: Sandbox, notifier: Program
) -> None:
    """It is the same file still, with other contents."""

    def put_back(path: Path) -> None:
        with closing(sqlite3.connect(path)) as ledger:
            ledger.executescript("DELETE FROM mails; DELETE FROM runs;")

    ended = ended_after(put_back, path, crowd, notifier)
    assert ended.status == 3, ended.err
    assert "its contents were replaced while this run used it" in ended.err
    assert len(crowd.notify.mails) < PEOPLE


def test_a_file_that_is_damaged_meanwhile_is_not_to_be_moved_away(
    path: Path, crowd: Sandbox, notifier: Program
) -> None:
    """Whoever followed such an advice would tell everybody again."""

    def damage(path: Path) -> None:
        with closing(sqlite3.connect(path)) as ledger:  # so that what is read next comes from the file
            ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with path.open("r+b") as file:
            file.write(os.urandom(path.stat().st_size))

    ended = ended_after(damage, path, crowd, notifier)
    assert ended.status == 3, ended.err
    for said in (ended.err, notifier.email().err):
        assert "restore a backup" in said
        assert "an empty ledger in its place would know nothing of mails sent or updates begun" in said
        assert "move it away" not in said

"""A ledger's file is nobody else's: not to read, to lock, or to put something else in the place of."""

import fcntl
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from ledger.errors import LedgerError
from ledger.ledger import Ledger
from ledger.ledger_reader import LedgerReader
from tests.ledger.version_dumps import load
from tests.notifier_here import Here


@pytest.fixture
def path(sqlite_url: str) -> Path:
    """In a private folder."""
    made = Path(sqlite_url.removeprefix("sqlite:///"))
    made.parent.mkdir(mode=0o700)
    return made


def refusal(here: Here) -> str:
    """Of the one line in which it is refused."""
    ended = here.run("ledger", "check")
    assert ended.status == 2
    (line,) = ended.err.splitlines()
    return line


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o703])
def test_a_folder_that_everybody_may_write_into_is_refused(mode: int, path: Path, here: Here) -> None:
    path.parent.chmod(mode)
    assert f"everybody may write into its folder {path.parent}; chmod o-w" in refusal(here)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal", ".runs", ".rescued"])
def test_a_symbolic_link_is_refused_and_its_target_left_alone(suffix: str, path: Path, here: Here) -> None:
    victim = path.parent.parent / "victim"
    victim.write_text("precious")
    victim.chmod(0o644)
    path.with_name(path.name + suffix).symlink_to(victim)
    assert "it is a symbolic link" in refusal(here)
    assert (victim.read_text(), stat.S_IMODE(victim.stat().st_mode)) == ("precious", 0o644)


def test_a_symbolic_link_in_the_place_of_the_copy_is_not_followed(path: Path, here: Here, sqlite_url: str) -> None:
    """Where a migration would keep the earlier version; nothing is changed then."""
    load(1, sqlite_url)
    victim = path.parent / "victim"
    victim.write_text("precious")
    path.with_name("ledger.sqlite3.version-1.backup").symlink_to(victim)
    assert "version-1.backup: Too many levels of symbolic links" in refusal(here)
    assert victim.read_text() == "precious"
    with closing(sqlite3.connect(path)) as ledger:
        assert ledger.execute("SELECT version FROM schema_version").fetchall() == [(1,)]


@pytest.mark.parametrize("folder", ["a?b", "a#b", "a%41b", "a\nb", "a\x1b[1mb"])
def test_a_path_that_could_be_taken_for_another_is_refused(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: Here
) -> None:
    """Also where it comes from the user's home, and by whoever only reads."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / folder))
    here.set({"LEDGER_URL": None})
    assert "could be taken for another one" in refusal(here)
    with pytest.raises(LedgerError, match="could be taken for another one"):
        LedgerReader(None)
    assert list(tmp_path.iterdir()) == []


def test_spaces_and_letters_of_any_language_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: Here
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "état [1] *"))
    here.set({"LEDGER_URL": None})
    assert here.run("ledger", "check").status == 0
    assert (tmp_path / "état [1] *" / "elasticache-updates" / "ledger.sqlite3").exists()


@pytest.mark.parametrize("kind", ["folder", "fifo"])
def test_what_is_no_file_is_refused(kind: str, path: Path, here: Here) -> None:
    """A FIFO would be waited for until somebody writes into it."""
    if kind == "folder":
        path.mkdir()
        assert "Is a directory" in refusal(here)
    else:
        os.mkfifo(path)
        assert "it is not a file" in refusal(here)


def test_a_file_that_others_could_read_is_made_private(path: Path, sqlite_url: str) -> None:
    path.touch(0o644)
    with Ledger(sqlite_url):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_a_file_of_somebody_else_s_is_refused(
    path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, here: Here
) -> None:
    """Root may use it: it may do so anyway, and services often begin as root."""
    path.touch()
    os.chown(path, 65534, 65534)
    with Ledger(sqlite_url):
        pass
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "it belongs to somebody else (user 65534)" in refusal(here)


def test_somebody_else_s_lock_is_not_waited_for_for_ever(
    path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock that our first run is about to take."""
    monkeypatch.setattr("ledger.liveness._LONGEST_WAIT_SECONDS", 0.2)
    locks = path.with_name("ledger.sqlite3.runs")
    locks.mkdir(mode=0o700)
    with (locks / "1.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with (
            Ledger(sqlite_url) as ledger,
            pytest.raises(LedgerError, match=r"another program keeps .*/1.lock locked"),
            ledger.run("email", "ada"),
        ):
            pass
    with Ledger(sqlite_url) as ledger, ledger.run("email", "ada") as run:
        assert ledger.is_alive(run.id)


def test_a_folder_of_locks_that_everybody_may_write_into_is_refused(path: Path, sqlite_url: str) -> None:
    path.with_name("ledger.sqlite3.runs").mkdir()
    path.with_name("ledger.sqlite3.runs").chmod(0o777)
    with (
        Ledger(sqlite_url) as ledger,
        pytest.raises(LedgerError, match=r"everybody may write into its folder .*\.runs"),
        ledger.run("email", "ada"),
    ):
        pass


@pytest.mark.parametrize("kind", ["folder", "link"])
def test_a_lock_that_is_none_is_refused_in_words(kind: str, path: Path, sqlite_url: str) -> None:
    lock = path.with_name("ledger.sqlite3.runs") / "1.lock"
    lock.parent.mkdir(mode=0o700)
    if kind == "folder":
        lock.mkdir()
    else:
        lock.symlink_to("/dev/null")
    with (
        Ledger(sqlite_url) as ledger,
        pytest.raises(LedgerError, match=r"1.lock.* (cannot be locked|is not a file)"),
        ledger.run("email", "ada"),
    ):
        pass

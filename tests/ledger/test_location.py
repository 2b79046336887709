"""Where the ledger is, and what is said of one that cannot be used."""

import os
import resource
import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from fleet.errors import ConfigurationError
from ledger.ledger import Ledger
from sandbox.server import Sandbox
from tests.exporter_process import free_port
from tests.notifier_here import Here
from tests.notifier_program import program


def test_the_default_is_private_and_in_the_state_folder(
    sandbox: Sandbox, here: Here, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    here.set({**sandbox.environment, "LEDGER_URL": None})
    here.email()
    path = tmp_path / "state" / "elasticache-updates" / "ledger.sqlite3"
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir() if file.is_file()} == {0o600}
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_locked_ledger_stops_before_the_first_mail(
    sandbox: Sandbox, here: Here, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.sqlite_file._BUSY_MILLISECONDS", 50)
    with Ledger(sqlite_url):
        pass
    here.set(sandbox.environment)
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        ended = here.email()
    assert ended.status == 2
    assert "another program keeps it locked" in ended.err
    assert len(sandbox.notify.mails) == 0


def test_a_ledger_that_is_none_stops_before_the_first_mail(sandbox: Sandbox, here: Here, sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    path.parent.mkdir()
    path.write_text("Dear diary, " * 100)
    here.set(sandbox.environment)
    ended = here.email()
    assert ended.status == 2
    assert "it is not a ledger of this program" in ended.err
    assert len(sandbox.notify.mails) == 0


def test_a_full_disk_stops_before_the_first_mail(sandbox: Sandbox, here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 1_000_000

    monkeypatch.setattr("ledger.sqlite_file.shutil.disk_usage", lambda _: Usage)
    here.set(sandbox.environment)
    ended = here.email()
    assert ended.status == 2
    assert "the disk has only 1000 kB left; make room" in ended.err
    assert len(sandbox.notify.mails) == 0


def test_a_file_that_may_not_grow_stops_before_the_first_mail(sandbox: Sandbox, sqlite_url: str) -> None:
    """As on a disk that is full, or a quota that is used up: the kernel refuses the write."""
    limited = replace(
        program(sandbox, sqlite_url), preexec=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    )
    ended = limited.email()
    assert ended.status == 2
    assert "ledger" in ended.err.splitlines()[-1]
    assert "Traceback" not in ended.err
    assert len(sandbox.notify.mails) == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_read_only_folder_stops_before_the_first_mail(sandbox: Sandbox, here: Here, sqlite_url: str) -> None:
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    folder.mkdir(mode=0o500)
    here.set(sandbox.environment)
    ended = here.email()
    assert ended.status == 2
    assert "Permission denied; make it writable, or set LEDGER_URL" in ended.err


def test_a_server_that_is_not_there_is_a_remote_failure(sandbox: Sandbox, here: Here) -> None:
    """Exit status 3, and the password stays hidden."""
    here.set({**sandbox.environment, "LEDGER_URL": f"postgresql://ada:s3cret@127.0.0.1:{free_port()}/ledger"})
    ended = here.email()
    assert ended.status == 3
    assert "ledger: postgresql+psycopg://ada:***@127.0.0.1" in ended.err
    assert "s3cret" not in ended.err + ended.out
    assert len(sandbox.notify.mails) == 0


def test_a_ledger_url_is_not_shown_where_it_may_hold_a_password() -> None:
    with pytest.raises(ConfigurationError) as error:
        Ledger("mysql://ada:s3cret@host/x")
    assert "s3cret" not in str(error.value)

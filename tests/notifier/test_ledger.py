"""What the ledger promises, on both databases."""

import os
import resource
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet.errors import ConfigurationError, RemoteError
from ledger.check import problems
from ledger.errors import LedgerError
from ledger.ledger import Ledger
from ledger.location import ledger_engine
from ledger.mail_record import Intent, MailKey, State
from ledger.maintenance_key import MaintenanceKey
from ledger.migrations import MIGRATIONS, migrate
from ledger.run import Claimed, NotClaimed, Run
from sandbox.server import Sandbox
from tests.exporter_process import free_port
from tests.notifier_here import Here
from tests.notifier_program import program

KEY = MailKey("2026-06-16T08:00Z/2026-06-16T10:00Z", "eu-west-1", "org-guid", "ada@example.org")
INTENT = Intent(KEY, "brave-buses", ("guid-1", "guid-2"), "0" * 64)


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    with Ledger(ledger_url, lambda: datetime(2026, 6, 1, 12, tzinfo=UTC)) as opened:
        yield opened


@pytest.fixture
def run(ledger: Ledger) -> Iterator[Run]:
    with ledger.run("email", "fingerprint") as began:
        yield began


def test_the_intent_is_there_before_the_outcome(ledger: Ledger, run: Run) -> None:
    assert run.claim(INTENT) == Claimed()
    (record,) = ledger.records()
    assert (record.key, record.state, record.attempts) == (KEY, State.SENDING, 1)
    assert record.instance_guids == ("guid-1", "guid-2")
    assert run.record_sent(KEY, "notification-1")
    (record,) = ledger.records(MaintenanceKey(KEY.window_key, KEY.aws_region))
    assert (record.state, record.notification_id) == (State.SENT, "notification-1")
    assert ledger.records(MaintenanceKey("another window", KEY.aws_region)) == []


def test_one_of_two_runs_gets_a_mail(ledger: Ledger, run: Run) -> None:
    """The other learns who has it, and cannot change it while its owner is alive."""
    with ledger.run("email", "fingerprint") as other:
        assert run.claim(INTENT) == Claimed()
        answer = other.claim(INTENT)
        assert isinstance(answer, NotClaimed)
        assert answer.record.run_id == run.id
        assert not other.take_over(answer.record)
        assert not other.record_sent(KEY, "stolen")
        assert not other.release(KEY)


def test_a_dead_run_s_mail_is_taken_over_once(ledger: Ledger, run: Run) -> None:
    with ledger.run("email", "fingerprint") as dying:
        dying.claim(INTENT)
    record = ledger.record(KEY)
    with ledger.run("email", "fingerprint") as third:
        assert run.take_over(record)
        assert not third.take_over(record)
    assert ledger.record(KEY).attempted_at == record.attempted_at


def test_what_was_not_sent_or_refused_may_be_claimed_again(ledger: Ledger, run: Run) -> None:
    run.claim(INTENT)
    run.release(KEY)
    assert run.claim(INTENT) == Claimed()
    run.record_refused(KEY, "HTTP 400")
    assert ledger.record(KEY).problem == "HTTP 400"
    assert run.claim(INTENT) == Claimed()
    run.record_sent(KEY, "notification-1")
    assert isinstance(run.claim(INTENT), NotClaimed)
    assert ledger.record(KEY).attempts == 3


def test_what_is_abandoned_belongs_to_nobody(ledger: Ledger, run: Run) -> None:
    """Its outcome is still unknown, but another run need not wait for this one to end."""
    run.claim(INTENT)
    run.abandon(KEY)
    with ledger.run("email", "fingerprint") as other:
        assert other.take_over(ledger.record(KEY))


def test_names_of_any_kind_are_kept(ledger: Ledger, run: Run) -> None:
    name = "caf\u00e9 \U0001f680 \"quoted\" 'and' %s \\n"
    run.claim(Intent(KEY, name, (), "0"))
    assert ledger.record(KEY).org_name == name


def test_a_check_finds_what_cannot_be(ledger: Ledger) -> None:
    """A mail of a dead run, a reference of another key, a mail that was sent without a trace."""
    with ledger.run("email", "fingerprint") as began:
        began.claim(INTENT)
    assert problems(ledger) == [f"{KEY.reference}: its run ended before the outcome was known; run email again"]
    with ledger.transaction() as connection:
        connection.execute(sa.text("UPDATE mails SET state = 'sent', reference = 'invented'"))
    assert problems(ledger) == [
        "invented: not the reference of its window, region, org and address",
        "invented: sent, but without a notification id",
        "invented: sent, but not known when",
    ]


def test_a_ledger_is_brought_forward_and_never_back(ledger_url: str) -> None:
    """All steps that are missing, in order; a later version is refused."""
    with Ledger(ledger_url) as ledger, ledger.run("email", "fingerprint") as began:
        began.claim(INTENT)
    engine = ledger_engine(ledger_url)

    def second(connection: sa.Connection) -> None:
        connection.execute(sa.text("ALTER TABLE mails ADD COLUMN colour TEXT"))

    migrate(engine, (*MIGRATIONS, second))
    migrate(engine, (*MIGRATIONS, second))
    with engine.begin() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM mails WHERE colour IS NULL")) == 1
    engine.dispose()
    with pytest.raises(LedgerError, match="version 2, and this program knows versions up to 1"), Ledger(ledger_url):
        pass


def test_a_failed_migration_changes_nothing(ledger_url: str) -> None:
    engine = ledger_engine(ledger_url)
    migrate(engine)

    def breaking(connection: sa.Connection) -> None:
        connection.execute(sa.text("ALTER TABLE mails ADD COLUMN colour TEXT"))
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError):
        migrate(engine, (*MIGRATIONS, breaking))
    assert "colour" not in {column["name"] for column in sa.inspect(engine).get_columns("mails")}
    engine.dispose()


def test_an_sqlite_file_is_copied_before_it_changes(sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with Ledger(sqlite_url) as ledger, ledger.run("email", "fingerprint") as began:
        began.claim(INTENT)
    engine = ledger_engine(sqlite_url)

    def emptying(connection: sa.Connection) -> None:
        connection.execute(sa.text("DELETE FROM mails"))

    migrate(engine, (*MIGRATIONS, emptying))
    engine.dispose()
    copy = path.with_name("ledger.sqlite3.version-1.backup")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT address FROM mails").fetchall() == [("ada@example.org",)]


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
    monkeypatch.setattr("ledger.location._BUSY_MILLISECONDS", 50)
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

    monkeypatch.setattr("ledger.ledger.shutil.disk_usage", lambda _: Usage)
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


def test_errors_of_the_database_hold_no_addresses(ledger: Ledger) -> None:
    """SQLAlchemy's own would print the parameters of the statement."""
    with ledger.transaction() as connection:
        connection.execute(sa.text("DROP TABLE mails"))
    with pytest.raises((LedgerError, RemoteError)) as error, ledger.run("email", "fingerprint") as began:
        began.claim(INTENT)
    assert "ada@example.org" not in str(error.value)

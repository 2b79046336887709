"""What the ledger promises, on both databases."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from fleet.errors import RemoteError
from ledger.check import problems
from ledger.errors import LedgerError
from ledger.ledger import Ledger
from ledger.mail_claims import Claimed, MailClaims, NotClaimed
from ledger.mail_record import Intent, Kind, MailKey, State
from ledger.maintenance_key import MaintenanceKey
from ledger.run import AlreadyHeldError
from ledger.schema import runs, windows

KEY = MailKey("2026-06-16T08:00Z/2026-06-16T10:00Z", "eu-west-1", "org-guid", "ada@example.org")
INTENT = Intent(KEY, "brave-buses", ("guid-1", "guid-2"), "0" * 64)


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    with Ledger(ledger_url, lambda: datetime(2026, 6, 1, 12, tzinfo=UTC)) as opened:
        yield opened


@contextmanager
def claiming(ledger: Ledger) -> Iterator[MailClaims]:
    """A run that sends mails."""
    with ledger.run("email", "ada") as run:
        yield MailClaims(ledger, run, "fingerprint")


@pytest.fixture
def claims(ledger: Ledger) -> Iterator[MailClaims]:
    with claiming(ledger) as began:
        yield began


def test_the_intent_is_there_before_the_outcome(ledger: Ledger, claims: MailClaims) -> None:
    assert claims.claim(INTENT) == Claimed()
    (record,) = ledger.records()
    assert (record.key, record.state, record.attempts) == (KEY, State.SENDING, 1)
    assert record.instance_guids == ("guid-1", "guid-2")
    assert claims.record_sent(KEY, "notification-1")
    (record,) = ledger.records(MaintenanceKey(KEY.window_key, KEY.aws_region))
    assert (record.state, record.notification_id) == (State.SENT, "notification-1")
    assert ledger.records(MaintenanceKey("another window", KEY.aws_region)) == []


def test_one_of_two_runs_gets_a_mail(ledger: Ledger, claims: MailClaims) -> None:
    """The other learns who has it, and cannot change it while its owner is alive."""
    with claiming(ledger) as other:
        assert claims.claim(INTENT) == Claimed()
        answer = other.claim(INTENT)
        assert isinstance(answer, NotClaimed)
        assert answer.record.run_id == 1
        assert not other.take_over(answer.record)
        assert not other.record_sent(KEY, "stolen")
        assert not other.release(KEY)


def test_a_dead_run_s_mail_is_taken_over_once(ledger: Ledger, claims: MailClaims) -> None:
    with claiming(ledger) as dying:
        dying.claim(INTENT)
    record = ledger.record(KEY)
    with claiming(ledger) as third:
        assert claims.take_over(record)
        assert not third.take_over(record)
    assert ledger.record(KEY).attempted_at == record.attempted_at


def test_what_was_not_sent_or_refused_may_be_claimed_again(ledger: Ledger, claims: MailClaims) -> None:
    claims.claim(INTENT)
    claims.release(KEY)
    assert claims.claim(INTENT) == Claimed()
    claims.record_refused(KEY, "HTTP 400")
    assert ledger.record(KEY).problem == "HTTP 400"
    assert claims.claim(INTENT) == Claimed()
    claims.record_sent(KEY, "notification-1")
    assert isinstance(claims.claim(INTENT), NotClaimed)
    assert ledger.record(KEY).attempts == 3


def test_what_is_abandoned_belongs_to_nobody(ledger: Ledger, claims: MailClaims) -> None:
    """Its outcome is still unknown, but another run need not wait for this one to end."""
    claims.claim(INTENT)
    claims.abandon(KEY)
    with claiming(ledger) as other:
        assert other.take_over(ledger.record(KEY))


def test_the_kinds_stand_beside_one_another(ledger: Ledger, claims: MailClaims) -> None:
    """Each for itself, with a reference of its own."""
    keys = [replace(KEY, kind=kind) for kind in (Kind.ANNOUNCEMENT, Kind.MOVED, Kind.CANCELLED)]
    assert [claims.claim(replace(INTENT, key=key)) for key in keys] == [Claimed()] * 3
    assert len({key.reference for key in keys}) == 3
    assert {record.key for record in ledger.records()} == set(keys)


def test_announcements_and_corrections_are_counted_together(ledger: Ledger, claims: MailClaims) -> None:
    """So that of two runs that think differently of the next mail only one sends it."""
    announcement, correction = (replace(KEY, revision=1, kind=k) for k in (Kind.ANNOUNCEMENT, Kind.CORRECTION))
    assert announcement.reference == correction.reference
    assert claims.claim(replace(INTENT, key=announcement)) == Claimed()
    assert isinstance(claims.claim(replace(INTENT, key=correction)), NotClaimed)
    claims.release(announcement)
    assert claims.claim(replace(INTENT, key=correction)) == Claimed()
    assert [record.key for record in ledger.records()] == [correction]


def test_a_run_says_whose_it_is(ledger: Ledger) -> None:
    with ledger.run("email", "ada"):
        pass
    (row,) = ledger.rows(runs)
    assert (row["command"], row["operator"], row["host"]) == ("email", "ada", socket.gethostname())
    assert row["ended_at"] is not None


def test_a_window_is_known_by_whoever_was_first(ledger: Ledger) -> None:
    window = MaintenanceKey(KEY.window_key, KEY.aws_region)
    ledger.record_window(window, "Europe/London", "email", "ada")
    ledger.record_window(window, "Europe/Paris", "email", "grace")
    (row,) = ledger.rows(windows)
    assert (row["time_zone"], row["operator"], row["state"]) == ("Europe/London", "ada", "known")


def test_one_run_at_a_time_holds_what_only_one_may(ledger: Ledger) -> None:
    """Others learn whose it is; runs that hold nothing, or something else, are not in the way."""
    with ledger.run("apply", "ada", holds="apply eu-west-1") as first:
        with pytest.raises(AlreadyHeldError) as refused, ledger.run("apply", "grace", holds="apply eu-west-1"):
            pass
        assert refused.value.run == first
        assert f"apply eu-west-1: run 1 of ada on {socket.gethostname()} is at it since 01 June at 12:00" in str(
            refused.value
        )
        with ledger.run("apply", "grace", holds="apply eu-west-2"), ledger.run("email", "grace"):
            pass
    with ledger.run("apply", "grace", holds="apply eu-west-1"):
        pass
    assert len(ledger.rows(runs)) == 4, "the refused one left nothing behind"


@pytest.mark.usefixtures("ledger")
def test_of_many_that_begin_at_once_one_holds_it(ledger_url: str) -> None:
    meet = threading.Barrier(4)

    def attempt(_: int) -> bool:
        with Ledger(ledger_url) as own:
            meet.wait()
            try:
                with own.run("apply", "ada", holds="apply eu-west-1"):
                    meet.wait()
            except AlreadyHeldError:
                meet.wait()
                return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt, range(4))) == [False, False, False, True]


def test_what_a_killed_run_held_is_free(ledger: Ledger, ledger_url: str) -> None:
    code = (
        "import sys\nfrom ledger.ledger import Ledger\n"
        "with Ledger(sys.argv[1]) as ledger, ledger.run('apply', 'ada', holds='apply eu-west-1'):\n"
        "    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, ledger_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "held\n"
        with pytest.raises(AlreadyHeldError), ledger.run("apply", "grace", holds="apply eu-west-1"):
            pass
        killed.kill()
    deadline = time.monotonic() + 20
    while ledger.is_alive(1) and time.monotonic() < deadline:  # PostgreSQL takes a moment to see it
        pass
    with ledger.run("apply", "grace", holds="apply eu-west-1"):
        pass


def test_a_ledger_that_was_put_back_in_time_stops_a_run(ledger: Ledger, claims: MailClaims) -> None:
    """What it would be told now is lost already: all that was recorded since."""
    assert claims.claim(INTENT) == Claimed()
    with ledger.transaction() as connection:
        connection.execute(sa.delete(runs))
    with pytest.raises(LedgerError, match="its contents were replaced while this run used it"):
        claims.record_sent(KEY, "notification-1")


def test_names_of_any_kind_are_kept(ledger: Ledger, claims: MailClaims) -> None:
    name = "caf\u00e9 \U0001f680 \"quoted\" 'and' %s \\n"
    claims.claim(Intent(KEY, name, (), "0"))
    assert ledger.record(KEY).org_name == name


def test_a_check_finds_what_cannot_be(ledger: Ledger) -> None:
    """A mail of a dead run, a reference of another key, a mail that was sent without a trace."""
    with claiming(ledger) as began:
        began.claim(INTENT)
    assert problems(ledger) == [f"{KEY.reference}: its run ended before the outcome was known; run email again"]
    with ledger.transaction() as connection:
        connection.execute(sa.text("UPDATE mails SET state = 'sent', reference = 'invented'"))
    assert problems(ledger) == [
        "invented: not the reference of its window, region, org and address",
        "invented: sent, but without a notification id",
        "invented: sent, but not known when",
    ]


def test_errors_of_the_database_hold_no_addresses(ledger: Ledger) -> None:
    """SQLAlchemy's own would print the parameters of the statement."""
    with ledger.transaction() as connection:
        connection.execute(sa.text("DROP TABLE mails"))
    with pytest.raises((LedgerError, RemoteError)) as error, claiming(ledger) as began:
        began.claim(INTENT)
    assert "ada@example.org" not in str(error.value)

"""What the ledger promises, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from fleet.errors import RemoteError
from ledger.check import problems
from ledger.errors import LedgerError
from ledger.ledger import Ledger
from ledger.mail_record import Intent, MailKey, State
from ledger.maintenance_key import MaintenanceKey
from ledger.run import Claimed, NotClaimed, Run

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


def test_errors_of_the_database_hold_no_addresses(ledger: Ledger) -> None:
    """SQLAlchemy's own would print the parameters of the statement."""
    with ledger.transaction() as connection:
        connection.execute(sa.text("DROP TABLE mails"))
    with pytest.raises((LedgerError, RemoteError)) as error, ledger.run("email", "fingerprint") as began:
        began.claim(INTENT)
    assert "ada@example.org" not in str(error.value)

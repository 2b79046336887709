"""Updates that a window began, on both databases: nothing begins twice, and each outcome is kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ledger.check import problems
from ledger.errors import LedgerError
from ledger.ledger import Ledger
from ledger.maintenance_key import MaintenanceKey
from ledger.run import AlreadyHeldError
from ledger.update_record import UpdateIntent, UpdateRecord, UpdateState
from ledger.updates import Overrides, WindowUpdates, region_hold, update_records

WINDOW = MaintenanceKey("2026-06-16T08:00Z/2026-06-16T10:00Z", "eu-west-1")
NOW = datetime(2026, 6, 16, 8, tzinfo=UTC)
INTENT = UpdateIntent("cf-a", "redis-1", "guid-1")
KEY = ("cf-a", "redis-1")


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    with Ledger(ledger_url, lambda: NOW) as opened:
        yield opened


@contextmanager
def applying(ledger: Ledger, overrides: Overrides | None = None) -> Iterator[WindowUpdates]:
    with ledger.run("apply", "ada", holds=region_hold("eu-west-1")) as run:
        yield WindowUpdates(ledger, run, WINDOW, overrides or Overrides())


def only_record(ledger: Ledger) -> UpdateRecord:
    [record] = update_records(ledger, WINDOW)
    return record


def test_the_intent_is_there_before_the_outcome(ledger: Ledger) -> None:
    with applying(ledger, Overrides(include_untold_reason="urgent")) as book:
        assert book.begin([INTENT]) == {KEY}
        assert only_record(ledger) == UpdateRecord(
            "cf-a", "redis-1", "guid-1", UpdateState.STARTING, book.run_id, 1, NOW, include_untold_reason="urgent"
        )
        book.mark(KEY, UpdateState.STARTED, "waiting-to-start", None)
        assert only_record(ledger).ended_at is None
        book.mark(KEY, UpdateState.COMPLETE, "complete", 3)
    record = only_record(ledger)
    assert (record.state, record.ended_at, record.aws_says, record.nodes_updated) == ("complete", NOW, "complete", 3)
    assert update_records(ledger, replace(WINDOW, aws_region="eu-west-2")) == []
    assert problems(ledger) == []


@pytest.mark.parametrize(
    ("state", "may_begin"),
    [
        (UpdateState.STARTING, True),
        (UpdateState.STARTED, False),
        (UpdateState.REFUSED, True),
        (UpdateState.COMPLETE, False),
        (UpdateState.FAILED, True),  # where the operator names it: the plan decides
        (UpdateState.STOPPED, True),
    ],
)
def test_what_has_begun_does_not_begin_again(ledger: Ledger, state: UpdateState, *, may_begin: bool) -> None:
    """Whatever a plan says that was made from what the ledger knew before."""
    with applying(ledger) as book:
        book.begin([INTENT])
        book.mark(KEY, state, "as AWS says", 1)
    with applying(ledger) as book:
        assert (KEY in book.begin([INTENT])) is may_begin
        record = only_record(ledger)
        assert (record.attempts, record.run_id == book.run_id) == ((2, True) if may_begin else (1, False))
        assert (record.aws_says is None) is may_begin


def test_one_run_at_a_time_holds_a_region(ledger: Ledger) -> None:
    with applying(ledger), pytest.raises(AlreadyHeldError), applying(ledger):
        pass


def test_what_was_never_begun_has_no_outcome(ledger: Ledger) -> None:
    with applying(ledger) as book, pytest.raises(LedgerError, match="does not know that redis-1 was begun on cf-a"):
        book.mark(KEY, UpdateState.COMPLETE, "complete", 1)

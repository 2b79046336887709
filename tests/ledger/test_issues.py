"""The issue of a window's day, on both databases: its intent, its number, and one writer at a time."""

from collections.abc import Iterator
from datetime import date

import pytest

from ledger.check import problems
from ledger.issues import NOT_KNOWN, IssueRecord, forget_intent, issue_hold, issue_record, record_issue
from ledger.ledger import Ledger
from ledger.run import AlreadyHeldError

DAY = date(2026, 6, 16)
REPOSITORY = "Team/Platform"


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    with Ledger(ledger_url) as opened:
        yield opened


def test_the_number_takes_the_place_of_the_intent(ledger: Ledger) -> None:
    assert issue_record(ledger, REPOSITORY, DAY) is None
    record_issue(ledger, REPOSITORY, DAY, NOT_KNOWN)
    intent = issue_record(ledger, REPOSITORY, DAY)
    assert intent is not None
    assert not intent.is_known
    record_issue(ledger, REPOSITORY, DAY, 7)
    assert issue_record(ledger, REPOSITORY, DAY) == IssueRecord("Team/Platform", DAY, 7)


def test_a_day_has_an_issue_in_each_repository_however_it_is_written(ledger: Ledger) -> None:
    """GitHub takes Team/Platform and team/platform for the same."""
    record_issue(ledger, REPOSITORY, DAY, 7)
    record_issue(ledger, "team/other", DAY, 8)
    record_issue(ledger, "TEAM/platform", date(2026, 6, 17), 9)
    found = [issue_record(ledger, *of) for of in ((REPOSITORY.lower(), DAY), ("team/other", DAY))]
    assert [record.number for record in found if record] == [7, 8]


def test_one_run_at_a_time_writes_into_it(ledger: Ledger) -> None:
    """Of both regions: they share the issue."""
    with ledger.run("checklist", "ada", holds=issue_hold(REPOSITORY, DAY)):
        with (
            pytest.raises(AlreadyHeldError),
            ledger.run("checklist", "bo", holds=issue_hold(REPOSITORY.lower(), DAY)),
        ):
            pytest.fail("it began")
        with ledger.run("checklist", "bo", holds=issue_hold(REPOSITORY, date(2026, 6, 17))):
            pass


def test_an_outcome_that_is_not_known_is_a_problem(ledger: Ledger) -> None:
    record_issue(ledger, REPOSITORY, DAY, NOT_KNOWN)
    [said] = problems(ledger)
    assert "run checklist --post again" in said
    record_issue(ledger, REPOSITORY, DAY, 7)
    assert problems(ledger) == []


def test_an_intent_can_be_forgotten_and_a_number_cannot(ledger: Ledger) -> None:
    record_issue(ledger, REPOSITORY, DAY, NOT_KNOWN)
    forget_intent(ledger, REPOSITORY, DAY)
    assert issue_record(ledger, REPOSITORY, DAY) is None
    record_issue(ledger, REPOSITORY, DAY, 7)
    forget_intent(ledger, REPOSITORY, DAY)
    assert issue_record(ledger, REPOSITORY, DAY) is not None

"""`apply` × faults of AWS and Cloud Foundry: before anything starts, at the call that starts it, and while it follows."""

from datetime import timedelta

import pytest

from notifier.apply.arguments import ApplyArguments
from tests.faults.faulty_server import Conversation
from tests.faults.notifier_struck import faulty, said
from tests.faults.own_faults import Row
from tests.faults.platform import Platform, operation_of
from tests.faults.table import LEAVE_OPEN_KINDS, RUNS
from tests.notifier_here import Here
from tests.notifier_program import WINDOW

APPLY = ("apply", "--yes", "--outside-window", "it is urgent", *WINDOW)
AT_AWS = [row for row in RUNS["apply"] if row.system == "elasticache"]
STARTS = [(row, False) for row in AT_AWS] + [(row, True) for row in AT_AWS if row.kind in LEAVE_OPEN_KINDS]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks more often than any operator may ask it to, and waits less long for listings that lag behind."""
    monkeypatch.setattr(ApplyArguments, "interval", timedelta(seconds=0.05))
    for module in ("task", "listed"):
        monkeypatch.setattr(f"notifier.apply.{module}.LONGEST_LAG", timedelta(seconds=2))


@pytest.mark.parametrize("row", RUNS["apply"], ids=lambda row: row.id)
def test_nothing_is_started_without_a_survey(row: Row, told_notifier: Here, platform: Platform) -> None:
    with faulty(platform, row, told_notifier):
        ended = told_notifier.run(*APPLY)
    assert (ended.status, ended.out) == (3, "")
    assert said(ended.err, "apply", row.system)
    assert platform.updates.applied == 0
    assert told_notifier.run(*APPLY).status == 0
    assert platform.updates.applied == 1


@pytest.mark.parametrize(("row", "is_done"), STARTS, ids=lambda value: getattr(value, "name", str(value)))
def test_an_update_is_started_once(row: Row, is_done: bool, told_notifier: Here, platform: Platform) -> None:  # noqa: FBT001 — a parameter
    """Where AWS has started it and did not say so, its listing does."""

    def is_start(conversation: Conversation) -> bool:
        return operation_of(conversation.heard) == "BatchApplyUpdateAction"

    with faulty(platform, row, told_notifier, is_start, is_carried_out=is_done):
        ended = told_notifier.run(*APPLY)
    assert "Traceback" not in ended.err
    assert ended.status == (0 if is_done else 1), ended.out + ended.err
    assert platform.updates.applied == is_done
    again = told_notifier.run(*APPLY)
    assert again.status == 0, again.out + again.err
    assert platform.updates.applied == 1


@pytest.mark.parametrize("row", AT_AWS, ids=lambda row: row.id)
def test_what_is_under_way_is_named_where_it_cannot_be_followed(
    row: Row, told_notifier: Here, platform: Platform
) -> None:
    """And followed to its end by the next run."""

    def is_listing_afterwards(conversation: Conversation) -> bool:
        return operation_of(conversation.heard) == "DescribeUpdateActions" and platform.updates.applied > 0

    with faulty(platform, row, told_notifier, is_listing_afterwards):
        ended = told_notifier.run(*APPLY)
    assert "Traceback" not in ended.err
    assert ended.status == 3, ended.out + ended.err
    assert "under way (1)" in ended.out
    assert "elasticache: DescribeUpdateActions: " in ended.err
    again = told_notifier.run(*APPLY)
    assert again.status == 0, again.out + again.err
    assert "complete (1)" in again.out
    assert platform.updates.applied == 1

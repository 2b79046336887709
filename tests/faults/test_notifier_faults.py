"""The notifier × every fault of every system that it asks: one line and exit 3 or 1, nothing lost, and a re-run goes on."""

from datetime import timedelta

import pytest

from tests.faults.notifier_struck import faulty, said
from tests.faults.own_faults import Row
from tests.faults.platform import Platform
from tests.faults.table import RUNS
from tests.notifier_here import Here
from tests.notifier_program import WINDOW, WINDOW_DATE


@pytest.mark.parametrize("row", RUNS["print"], ids=lambda row: row.id)
def test_print_says_in_one_line_what_it_could_not_ask(row: Row, notifier: Here, platform: Platform) -> None:
    """And prints nothing that somebody could take for the whole answer."""
    with faulty(platform, row, notifier):
        ended = notifier.run("print", *WINDOW, "--format", "json")
    if row.survives:
        assert ended.status == 0
        return
    assert (ended.status, ended.out) == (3, "")
    assert said(ended.err, "print", row.system)


@pytest.mark.parametrize("row", [row for row in RUNS["email"] if row.system != "notify"], ids=lambda row: row.id)
def test_email_tells_nobody_where_it_could_not_ask(row: Row, notifier: Here, platform: Platform) -> None:
    with faulty(platform, row, notifier):
        ended = notifier.email()
    assert ended.status == (0 if row.survives else 3)
    assert len(platform.inbox.accepted) == (2 if row.survives else 0)


@pytest.mark.parametrize("row", [row for row in RUNS["email"] if row.system == "notify"], ids=lambda row: row.id)
def test_email_loses_no_mail(row: Row, notifier: Here, platform: Platform) -> None:
    """It says what is missing, and the same command again sends that, and only that."""
    with faulty(platform, row, notifier, "POST"):
        ended = notifier.email()
    assert "Traceback" not in ended.err
    assert ended.status in (1, 3)
    assert sum(" notify: " in line for line in ended.err.splitlines()) == (ended.status == 3)
    again = notifier.email("--resend-failed") if row.kind == "400" else notifier.email()
    assert again.status == 0, again.err
    assert list(platform.inbox.accepted.values()) == [1, 1]


@pytest.mark.parametrize("row", RUNS["status"], ids=lambda row: row.id)
def test_status_says_what_it_could_not_learn(row: Row, told_notifier: Here, platform: Platform) -> None:
    with faulty(platform, row, told_notifier):
        ended = told_notifier.run("status", *WINDOW)
    assert "Traceback" not in ended.err
    assert ended.status in (1, 3)
    assert told_notifier.run("status", *WINDOW).status == 0


@pytest.mark.parametrize("row", [row for row in RUNS["cancel"] if row.system == "notify"], ids=lambda row: row.id)
def test_cancel_loses_no_mail(row: Row, told_notifier: Here, platform: Platform) -> None:
    before = set(platform.inbox.accepted)
    with faulty(platform, row, told_notifier, "POST"):
        ended = told_notifier.run("cancel", "--yes", *WINDOW)
    assert "Traceback" not in ended.err
    assert ended.status in (1, 3)
    again = told_notifier.run("cancel", "--yes", *WINDOW)
    assert again.status == 0, again.err
    cancelled = [count for reference, count in platform.inbox.accepted.items() if reference not in before]
    assert cancelled == [1, 1]


LATER = (WINDOW_DATE + timedelta(days=30)).isoformat()
RECORDING = {
    "told": ("told", "brave-buses", "--how", "by telephone", *WINDOW),
    "defer add": ("defer", "add", "cache-0", "--until", LATER, "--reason", "an election", "--region", "Ireland"),
}
ROWS = [(command, row) for command in RECORDING for row in RUNS[command]]


@pytest.mark.parametrize(("command", "row"), ROWS, ids=[f"{command}: {row.id}" for command, row in ROWS])
def test_nothing_is_recorded_where_nobody_could_be_asked(
    command: str, row: Row, notifier: Here, platform: Platform
) -> None:
    """And the same command records it later, once."""
    with faulty(platform, row, notifier):
        ended = notifier.run(*RECORDING[command])
    assert (ended.status, ended.out) == (3, "")
    assert said(ended.err, command.partition(" ")[0], row.system)
    again = notifier.run(*RECORDING[command])
    assert again.status == 0, again.err
    exported = notifier.run("ledger", "export").document
    assert len(exported["told" if command == "told" else "deferrals"]) == 1


@pytest.mark.parametrize("row", RUNS["checklist"], ids=lambda row: row.id)
def test_a_checklist_without_a_survey_says_what_the_ledger_knows(
    row: Row, told_notifier: Here, platform: Platform
) -> None:
    """With --post too, and then leaves the issue as it was."""
    with faulty(platform, row, told_notifier):
        ended = told_notifier.run("checklist", "--post", "--format", "json", *WINDOW)
    assert ended.status == 3
    assert row.system in ("sts", *str(ended.document["survey_problem"]).partition(":")[:1])
    assert [step["state"] for step in ended.document["steps"] if step["name"] == "chosen"] == ["done"]
    assert platform.tracker.issues == {}
    again = told_notifier.run("checklist", "--post", *WINDOW)
    assert (again.status, len(platform.tracker.issues)) == (0, 1)

"""`schedule` on a status page that does otherwise what is not documented."""

from collections.abc import Iterator

import pytest

from ledger.ledger import Ledger
from ledger.schema import incidents as incidents_table
from notifier.announce.announcement import SILENT
from tests.notifier.announce.odd_page import OddPage, odd_page
from tests.notifier.status_page import Ticking
from tests.notifier_here import Here
from tests.notifier_program import WINDOW

SCHEDULE = ("schedule", *WINDOW, "--format", "json")
THEIRS = {"name": "theirs", "status": "scheduled", "scheduled_for": "2031-01-01T00:00:00Z", "body": "x"}


@pytest.fixture
def page(here: Here, monkeypatch: pytest.MonkeyPatch) -> Iterator[OddPage]:
    """With three incidents of others."""
    time = Ticking()
    monkeypatch.setattr("notifier.options.statuspage.clock", time.clock)
    monkeypatch.setattr("notifier.options.statuspage.pause", time.pause)
    with odd_page() as found:
        for _ in range(3):
            found.create(dict(THEIRS))
        here.set({"STATUSPAGE_API_KEY": "key-1", "STATUSPAGE_PAGE_ID": "p", "STATUSPAGE_BASE_URL": found.url})
        yield found
    assert all(body.get(name) is False for body in found.bodies for name in SILENT)


def test_it_is_created_left_alone_edited_put_right_and_completed(here: Here, page: OddPage) -> None:
    assert here.run(*SCHEDULE).document["done"] == "created"
    assert here.run(*SCHEDULE).document["done"] == "unchanged"
    assert len(page.bodies) == 1
    page.update(4, {"name": "edited", "scheduled_for": "2031-01-01T00:00:00Z", "body": "we begin late"})
    ended = here.run(*SCHEDULE)
    assert (ended.document["done"], ended.document["left_as_edited"]) == ("updated", ["name", "body"])
    assert sorted(set(page.bodies[-1]) & {"name", "body", "scheduled_for", "scheduled_until"}) == [
        "scheduled_for",
        "scheduled_until",
    ]
    assert page.incidents[4]["name"] == "edited"
    assert here.run(*SCHEDULE[:-2], "--complete").status == 0
    assert page.incidents[4]["status"] == "completed"
    assert len(page.incidents) == 4


@pytest.mark.parametrize("status", ["scheduled", "in_progress", "verifying", "completed"])
def test_a_lost_row_is_made_again_from_its_name_and_times_where_lists_show_no_mark(
    here: Here, page: OddPage, status: str
) -> None:
    assert here.run(*SCHEDULE).document["done"] == "created"
    page.update(4, {"status": status})
    with Ledger(f"sqlite:///{here.folder}/ledger/ledger.sqlite3") as ledger, ledger.transaction() as connection:
        connection.execute(incidents_table.delete())
    ended = here.run(*SCHEDULE)
    assert ended.status == 0, ended.err
    assert ended.document["incident"]["id"] == "4"
    assert len(page.incidents) == 4


def test_it_is_cancelled(here: Here, page: OddPage) -> None:
    here.run(*SCHEDULE)
    assert here.run("schedule", *WINDOW, "--cancel").status == 0
    assert sorted(page.incidents) == [1, 2, 3]


@pytest.mark.parametrize("is_deleted_by_us", [True, False])
def test_one_that_a_list_shows_after_it_was_deleted_is_not_taken_for_there(
    here: Here, page: OddPage, *, is_deleted_by_us: bool
) -> None:
    """Whether the list shows its mark or only its name and times: what counts is what the page says of its id."""
    here.run(*SCHEDULE)
    shown = dict(page.incidents[4])
    page.late = [shown, {**shown, "metadata": None, "id": 77}]
    if is_deleted_by_us:
        assert here.run("schedule", *WINDOW, "--cancel").status == 0
    else:
        del page.incidents[4]
        ended = here.run(*SCHEDULE)
        assert (ended.status, "deleted on the status page" in ended.err) == (1, True)
        assert here.run("schedule", *WINDOW, "--cancel").status == 0
    page.create(dict(THEIRS))  # it gets the number that has become free
    page.incidents[4]["name"] = "theirs too"
    page.late = [{**row, "id": 78} for row in page.late]
    ended = here.run(*SCHEDULE)
    assert (ended.document["done"], ended.document["incident"]["id"]) == ("created", "5")


def test_a_double_whose_mark_only_its_own_document_shows_is_named(here: Here, page: OddPage) -> None:
    here.run(*SCHEDULE)
    page.create(page.bodies[0])
    ended = here.run(*SCHEDULE)
    assert (ended.status, "delete 5 on the status page" in ended.err) == (1, True)

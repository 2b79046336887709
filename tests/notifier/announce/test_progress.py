"""What `apply --status-page` calls: the incident moves on silently and only forward, and nothing is ever raised."""

from collections.abc import Iterator

import pytest

from ledger.incidents import WindowIncident
from ledger.ledger import Ledger
from notifier.announce.announcement import Announcement
from notifier.announce.progress import StatusPage
from notifier.announce.statuspage import StatuspageSettings, Timing
from notifier.maintenance import Maintenance
from sandbox.server import Sandbox
from sandbox.statuspage.page import Habits
from tests.notifier.announce.windows import WINDOW
from tests.notifier.status_page import Ticking, bodies, only_incident, require_silence

MAINTENANCE = Maintenance("Ireland", "eu-west-1", WINDOW)


@pytest.fixture
def ledger(sqlite_url: str) -> Iterator[Ledger]:
    with Ledger(sqlite_url) as opened:
        yield opened


@pytest.fixture
def page(sandbox: Sandbox, ledger: Ledger) -> Iterator[StatusPage]:
    """Of a window whose incident the ledger knows."""
    sandbox.statuspage.change(requests=100_000)
    fields = {**Announcement(MAINTENANCE, ("r7d1sireland1",)).fields, "scheduled_auto_in_progress": False}
    made = sandbox.statuspage.page.create(fields, Habits(notifies=False))
    with ledger.run("schedule", "ada") as run:
        WindowIncident(ledger, run, MAINTENANCE.key).know(made.id, {})
    yield status_page(sandbox, ledger)
    require_silence(sandbox)


def status_page(sandbox: Sandbox, ledger: Ledger, key: str | None = None) -> StatusPage:
    time, environment = Ticking(), sandbox.environment
    settings = StatuspageSettings(
        key or environment["STATUSPAGE_API_KEY"], environment["STATUSPAGE_PAGE_ID"], environment["STATUSPAGE_BASE_URL"]
    )
    return StatusPage(settings, ledger, MAINTENANCE, Timing(time.clock, time.pause))


def statuses(sandbox: Sandbox) -> list[str]:
    return [update.status for update in reversed(only_incident(sandbox).updates)]


def test_it_moves_on_step_by_step_and_each_step_once(page: StatusPage, sandbox: Sandbox) -> None:
    incident = only_incident(sandbox)
    assert page.in_progress() == [f"status page: incident {incident.id} moved to in_progress, silently"]
    assert sandbox.statuspage.page.components["r7d1sireland1"].status == "under_maintenance"
    assert page.in_progress() == []
    assert page.verifying() == [f"status page: incident {incident.id} moved to verifying, silently"]
    assert page.completed() == [f"status page: incident {incident.id} moved to completed, silently"]
    assert page.completed() == page.verifying() == page.in_progress() == []
    assert statuses(sandbox) == ["scheduled", "in_progress", "verifying", "completed"]
    assert sandbox.statuspage.page.components["r7d1sireland1"].status == "operational"
    assert [body["component_ids"] for body in bodies(sandbox)] == 3 * [["r7d1sireland1"]]


@pytest.mark.parametrize("status", ["in_progress", "verifying", "completed"])
def test_what_the_page_or_a_person_did_already_is_not_done_again(
    page: StatusPage, sandbox: Sandbox, status: str
) -> None:
    sandbox.statuspage.page.edit(only_incident(sandbox).id, {"status": status})
    assert page.in_progress() == []
    assert bodies(sandbox) == []


@pytest.mark.parametrize("fault", ["accepted-then-dropped", "accepted-then-status:500", "status:502", "down"])
def test_a_lost_answer_moves_it_once(page: StatusPage, sandbox: Sandbox, fault: str) -> None:
    sandbox.faults.add(f"statuspage/PATCH incidents/{{id}}:{fault},next=1")
    page.in_progress()
    page.in_progress()
    assert statuses(sandbox) == ["scheduled", "in_progress"]


@pytest.mark.parametrize("fault", ["status:503", "html", "down", "garbled", "empty", "throttle", "status:403"])
def test_whatever_the_page_answers_is_one_line_and_never_raised(page: StatusPage, sandbox: Sandbox, fault: str) -> None:
    sandbox.faults.add(f"statuspage:{fault}")
    for move in (page.in_progress, page.verifying, page.completed):
        (line,) = move()
        assert line.startswith("status page: not moved to ")
        assert line.isprintable()
    assert statuses(sandbox) == ["scheduled"]


def test_without_a_key_or_an_incident_it_says_so(sandbox: Sandbox, ledger: Ledger) -> None:
    assert StatusPage(None, ledger, MAINTENANCE).verifying() == [
        "status page: STATUSPAGE_API_KEY is not set; move the incident to verifying by hand"
    ]
    (line,) = status_page(sandbox, ledger).in_progress()
    assert line.endswith("`schedule` makes one")


def test_a_wrong_key_or_a_deleted_incident_is_said(page: StatusPage, sandbox: Sandbox, ledger: Ledger) -> None:
    (line,) = status_page(sandbox, ledger, "wrong").in_progress()
    assert "HTTP 401" in line
    sandbox.statuspage.page.delete(only_incident(sandbox).id)
    (line,) = page.completed()
    assert "was deleted there" in line

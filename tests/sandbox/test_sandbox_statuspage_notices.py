"""What a status page does by itself, whom it would tell, and what people change on it by hand."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from sandbox import Sandbox
from sandbox.statuspage.page import Habits

Start = Callable[..., Sandbox]
NOISY = Habits()
SILENT = {
    "deliver_notifications": False,
    "scheduled_remind_prior": False,
    "auto_transition_deliver_notifications_at_start": False,
    "auto_transition_deliver_notifications_at_end": False,
    "auto_tweet_at_beginning": False,
    "auto_tweet_on_completion": False,
    "auto_tweet_on_creation": False,
    "auto_tweet_one_hour_before": False,
}
AUTOMATIC = {"scheduled_auto_in_progress": True, "scheduled_auto_completed": True}
STATES = {"auto_transition_to_maintenance_state": True, "auto_transition_to_operational_state": True}
REDIS = "r7d1sireland1"


@pytest.fixture
def mine(start: Start) -> Sandbox:
    return start(instances=1)


@pytest.fixture
def window(mine: Sandbox) -> dict[str, Any]:
    """From in two hours on, for two hours."""
    begins = datetime.fromtimestamp(mine.clock.now(), UTC) + timedelta(hours=2)
    return {
        "name": "Redis",
        "scheduled_for": begins.isoformat(),
        "scheduled_until": (begins + timedelta(hours=2)).isoformat(),
    }


def kinds(sandbox: Sandbox) -> list[str]:
    return [notice.kind for notice in sandbox.statuspage.page.notices]


def test_what_is_not_switched_off_notifies(mine: Sandbox, window: dict[str, Any]) -> None:
    """At creation, an hour before, at the beginning and at the end, each also as a tweet."""
    mine.statuspage.page.create({**window, **AUTOMATIC}, NOISY)
    assert kinds(mine) == ["created", "tweet"]
    mine.clock.advance(3700)
    assert kinds(mine)[2:] == ["reminder", "tweet"]
    mine.clock.advance(2 * 3600)
    assert kinds(mine)[4:] == ["started", "tweet"]
    mine.clock.advance(2 * 3600)
    assert kinds(mine)[6:] == ["completed", "tweet"]


def test_a_maintenance_with_every_switch_off_is_silent_to_its_end(mine: Sandbox, window: dict[str, Any]) -> None:
    """Also where it moves by itself."""
    page = mine.statuspage.page
    incident = page.create({**window, **SILENT, **AUTOMATIC, **STATES}, NOISY)
    page.update(incident.id, {"body": "Soon", "deliver_notifications": False})
    mine.clock.advance(24 * 3600)
    assert page.incidents[incident.id].status == "completed"
    assert page.notices == []


@pytest.mark.parametrize("change", [{"status": "in_progress"}, {"name": "Redis and Valkey"}, {"body": "Soon"}])
def test_every_change_notifies_anew(mine: Sandbox, window: dict[str, Any], change: dict[str, str]) -> None:
    """Unless it says each time that it should not."""
    page = mine.statuspage.page
    incident = page.create({**window, **SILENT}, NOISY)
    page.update(incident.id, {**change, "deliver_notifications": False})
    assert page.notices == []
    page.update(incident.id, change)
    assert [(notice.kind, notice.by) for notice in page.notices] == [("updated", "api")]


def test_a_page_may_leave_switches_off(mine: Sandbox, window: dict[str, Any]) -> None:
    """Which of the two real ones do is not documented; only `deliver_notifications` is."""
    mine.statuspage.page.create({**window, **AUTOMATIC}, Habits(notifies=False))
    mine.clock.advance(24 * 3600)
    assert kinds(mine) == ["created"]


def test_it_moves_by_itself_at_its_own_times(mine: Sandbox, window: dict[str, Any]) -> None:
    """However late somebody looks; components follow."""
    page = mine.statuspage.page
    incident = page.create({**window, **AUTOMATIC, **STATES, "component_ids": [REDIS]}, NOISY)
    mine.clock.advance(3 * 3600)
    assert page.incidents[incident.id].status == "in_progress"
    assert page.components[REDIS].status == "under_maintenance"
    mine.clock.advance(24 * 3600)
    moved = page.incidents[incident.id]
    assert [(update.status, update.created_at) for update in moved.updates[:2]] == [
        ("completed", moved.scheduled_until),
        ("in_progress", moved.scheduled_for),
    ]
    assert page.components[REDIS].status == "operational"


def test_it_stays_as_it_is_where_nothing_moves_it(mine: Sandbox, window: dict[str, Any]) -> None:
    """Both switches are off unless they are given."""
    incident = mine.statuspage.page.create(window, NOISY)
    mine.clock.advance(24 * 3600)
    assert mine.statuspage.page.incidents[incident.id].status == "scheduled"


def test_moving_it_by_the_api_moves_components_too(mine: Sandbox, window: dict[str, Any]) -> None:
    """A second update of the status that it has already is one more update, and moves nothing."""
    page = mine.statuspage.page
    incident = page.create({**window, **STATES, **SILENT, "component_ids": [REDIS]}, NOISY)
    page.update(incident.id, {"status": "in_progress", "deliver_notifications": False})
    assert page.components[REDIS].status == "under_maintenance"
    twice = page.update(incident.id, {"status": "in_progress", "deliver_notifications": False})
    assert [update.status for update in twice.updates] == ["in_progress", "in_progress", "scheduled"]
    page.update(incident.id, {"status": "completed", "deliver_notifications": False})
    assert page.components[REDIS].status == "operational"


def test_components_can_be_struck_at_once(mine: Sandbox, window: dict[str, Any]) -> None:
    """By naming them with a status, and on a page of that habit by naming them at all."""
    page = mine.statuspage.page
    page.create({**window, "components": {REDIS: "major_outage"}}, NOISY)
    assert page.components[REDIS].status == "major_outage"
    page.create({**window, "component_ids": [REDIS]}, NOISY)
    assert page.components[REDIS].status == "major_outage"
    page.create({**window, "component_ids": [REDIS]}, Habits(strikes=True))
    assert page.components[REDIS].status == "under_maintenance"


def test_people_edit_and_delete_by_hand(mine: Sandbox, window: dict[str, Any]) -> None:
    """Through the control port, silently; the body is the latest update's, and the time of change tells."""
    control = mine.environment["SANDBOX_CONTROL_URL"] + "/statuspage"
    page = mine.statuspage.page
    incident = page.create({**window, **SILENT, "body": "first"}, NOISY)
    mine.clock.advance(60)

    def edit(**change: object) -> dict[str, Any]:
        reply = requests.patch(f"{control}/incidents/{incident.id}", json={"incident": change}, timeout=5)
        assert reply.status_code == 200, reply.text
        document: dict[str, Any] = reply.json()
        return document

    edited = edit(name="By hand", body="by hand", scheduled_until="2031-01-01T00:00:00Z")
    assert (edited["name"], edited["scheduled_until"]) == ("By hand", "2031-01-01T00:00:00.000Z")
    assert [update["body"] for update in edited["incident_updates"]] == ["by hand"]
    assert edited["updated_at"] > edited["created_at"]
    assert [u["status"] for u in edit(status="completed")["incident_updates"]] == ["completed", "scheduled"]
    assert page.notices == []
    assert requests.delete(f"{control}/incidents/{incident.id}", timeout=5).status_code == 200
    assert page.incidents == {}
    assert requests.delete(f"{control}/incidents/{incident.id}", timeout=5).status_code == 404


def test_the_control_port_tells_the_whole_truth(mine: Sandbox, window: dict[str, Any]) -> None:
    """Also the switches that the API never tells; settings change and mistakes are named."""
    control = mine.environment["SANDBOX_CONTROL_URL"] + "/statuspage"
    mine.statuspage.page.create({**window, **SILENT, "auto_tweet_on_creation": True}, NOISY)
    found = requests.get(control, timeout=5).json()
    assert found["incidents"][0]["switches"]["auto_tweet_on_creation"] is True
    assert [notice["kind"] for notice in found["notices"]] == ["tweet"]
    requests.delete(f"{control}/notices", timeout=5)
    assert mine.statuspage.page.notices == []
    assert requests.patch(control, json={"requests": 1, "window_seconds": 1}, timeout=5).json()["requests"] == 1
    assert requests.delete(f"{control}/usage", timeout=5).status_code == 200
    refused = requests.patch(control, json={"error_body": "rhyme"}, timeout=5)
    assert (refused.status_code, "mixed, message" in refused.json()["error"]) == (404, True)
    refused = requests.post(f"{control}/incidents", json={"incident": {"body": "x"}}, timeout=5)
    assert (refused.status_code, refused.json()["error"]) == (400, "Name can't be blank")


def test_people_read_the_page_in_a_browser(mine: Sandbox, window: dict[str, Any]) -> None:
    """The page with its components, and each incident where its short link leads; without a key or a script."""
    incident = mine.statuspage.page.create({**window, "name": "<Redis>", "body": "<b>hi</b>"}, NOISY)
    site = mine.origins["statuspage"]
    page = requests.get(site, timeout=5)
    assert "&lt;Redis&gt;" in page.text
    assert "Redis in Ireland" in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    one = requests.get(f"{site}/incidents/{incident.id}", timeout=5).text
    assert "&lt;b&gt;hi&lt;/b&gt;" in one
    assert "created (api)" in one
    assert requests.get(f"{site}/incidents/none", timeout=5).status_code == 404

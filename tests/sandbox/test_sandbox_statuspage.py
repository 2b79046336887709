"""Statuspage's Manage API over a socket: incidents, lists, limits, refusals."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from sandbox import Sandbox
from sandbox.credentials import STATUSPAGE_API_KEY, STATUSPAGE_PAGE_ID

Start = Callable[..., Sandbox]
Ask = Callable[..., requests.Response]
BEGINS = datetime(2030, 6, 16, 8, tzinfo=UTC)
ENDS = BEGINS + timedelta(hours=2)
WINDOW = {"name": "Redis maintenance", "scheduled_for": BEGINS.isoformat(), "scheduled_until": ENDS.isoformat()}


@pytest.fixture
def mine(start: Start) -> Sandbox:
    return start(instances=1)


@pytest.fixture
def ask(mine: Sandbox) -> Ask:
    """Ask for something of the page, as the Manage API wants to be asked."""

    def asked(method: str, path: str, incident: object = None, **more: Any) -> requests.Response:  # noqa: ANN401 — of requests
        environment = mine.environment
        url = f"{environment['STATUSPAGE_BASE_URL']}/pages/{environment['STATUSPAGE_PAGE_ID']}{path}"
        headers = {"Authorization": f"OAuth {environment['STATUSPAGE_API_KEY']}"}
        body = None if incident is None else {"incident": incident}
        return requests.request(method, url, **{"headers": headers, "json": body, "timeout": 5, **more})

    return asked


def test_a_maintenance_is_created_read_changed_and_deleted(ask: Ask) -> None:
    """With every field of the specification's incident, by PATCH or by PUT."""
    created = ask("POST", "/incidents", {**WINDOW, "body": "We update Redis.", "metadata": {"ours": {"key": "a"}}})
    assert created.status_code == 201
    incident = created.json()
    assert (incident["status"], incident["impact"], incident["page_id"]) == (
        "scheduled",
        "maintenance",
        STATUSPAGE_PAGE_ID,
    )
    assert (incident["scheduled_for"], incident["metadata"]) == ("2030-06-16T08:00:00.000Z", {"ours": {"key": "a"}})
    assert [update["body"] for update in incident["incident_updates"]] == ["We update Redis."]
    path = f"/incidents/{incident['id']}"
    assert ask("GET", path).json() == incident
    changed = ask("PATCH", path, {"name": "Redis", "deliver_notifications": False}).json()
    assert (changed["name"], len(changed["incident_updates"])) == ("Redis", 1)
    changed = ask("PUT", path, {"status": "verifying", "body": "Nearly done"}).json()
    assert [(u["status"], u["body"]) for u in changed["incident_updates"]] == [
        ("verifying", "Nearly done"),
        ("scheduled", "We update Redis."),
    ]
    assert ask("DELETE", path).json()["id"] == incident["id"]
    assert ask("GET", path).status_code == ask("PATCH", path, {"name": "x"}).status_code == 404
    assert ask("DELETE", path).status_code == 404


def test_the_incident_has_the_keys_of_the_specification(ask: Ask) -> None:
    """Those of the published example; switches about tweets are taken and never told."""
    incident = ask("POST", "/incidents", {**WINDOW, "component_ids": ["r7d1sireland1"]}).json()
    assert incident.keys() >= {
        *("id", "name", "status", "impact", "impact_override", "created_at", "updated_at", "monitoring_at"),
        *("resolved_at", "scheduled_for", "scheduled_until", "scheduled_remind_prior", "scheduled_reminded_at"),
        *("scheduled_auto_in_progress", "scheduled_auto_completed", "auto_transition_to_maintenance_state"),
        *("auto_transition_to_operational_state", "auto_transition_deliver_notifications_at_start"),
        *("auto_transition_deliver_notifications_at_end", "shortlink", "page_id", "metadata", "components"),
        *("incident_updates", "postmortem_body"),
    }
    assert not [name for name in incident if "tweet" in name]
    assert [component["name"] for component in incident["components"]] == ["Redis in Ireland"]


def test_a_form_says_the_same_as_json(ask: Ask) -> None:
    """As the documentation's curl commands send it."""
    form = {f"incident[{name}]": value for name, value in WINDOW.items()}
    incident = ask(
        "POST", "/incidents", data={**form, "incident[component_ids][]": ["r7d1sireland1", "p0stgres00001"]}
    ).json()
    assert incident["name"] == "Redis maintenance"
    assert len(incident["components"]) == 2


def test_a_realtime_incident_has_statuses_of_its_own(ask: Ask) -> None:
    """It begins with `investigating` and is not among the maintenances."""
    incident = ask("POST", "/incidents", {"name": "Slow", "impact_override": "minor"}).json()
    assert (incident["status"], incident["impact"]) == ("investigating", "minor")
    assert [i["id"] for i in ask("GET", "/incidents/unresolved").json()] == [incident["id"]]
    resolved = ask("PATCH", f"/incidents/{incident['id']}", {"status": "resolved"}).json()
    assert resolved["resolved_at"]
    assert ask("GET", "/incidents/unresolved").json() == ask("GET", "/incidents/scheduled").json() == []


def test_lists_have_what_their_names_say(ask: Ask) -> None:
    """Newest first; a maintenance that is completed is in the list of all only."""

    def names(path: str) -> list[str]:
        return [incident["name"] for incident in ask("GET", path).json()]

    for status in ("scheduled", "in_progress", "verifying", "completed"):
        ask("POST", "/incidents", {**WINDOW, "name": status, "status": status})
    assert names("/incidents") == ["completed", "verifying", "in_progress", "scheduled"]
    assert names("/incidents/scheduled") == ["verifying", "in_progress", "scheduled"]
    assert names("/incidents/upcoming") == ["scheduled"]
    assert names("/incidents/active_maintenance.json") == ["verifying", "in_progress"]
    assert names("/incidents?q=VERIF") == ["verifying"]


def test_lists_come_in_pages(mine: Sandbox, ask: Ask) -> None:
    """Bare arrays of a hundred at most; a page that is short is the last."""
    url = mine.environment["SANDBOX_CONTROL_URL"] + "/statuspage/incidents"
    requests.post(url, json={"incident": WINDOW, "count": 205}, timeout=5)
    sizes = [len(ask("GET", f"/incidents/scheduled?page={page}").json()) for page in (1, 2, 3, 4)]
    assert sizes == [100, 100, 5, 0]
    assert len(ask("GET", "/incidents?limit=500").json()) == 100
    first, second = (ask("GET", f"/incidents/scheduled?per_page=2&page={page}").json() for page in (1, 2))
    assert len({incident["id"] for incident in first + second}) == 4


def test_the_page_and_its_components_can_be_read(ask: Ask) -> None:
    """With and without `.json`."""
    assert ask("GET", "").json()["id"] == ask("GET", ".json").json()["id"] == STATUSPAGE_PAGE_ID
    components = ask("GET", "/components").json()
    assert [component["name"] for component in components][:2] == ["Redis in Ireland", "Redis in London"]
    assert ask("GET", f"/components/{components[0]['id']}").json() == components[0]
    assert ask("GET", "/components?per_page=1&page=2").json() == components[1:2]
    assert ask("GET", "/components/none").status_code == 404


@pytest.mark.parametrize(
    "authorization", [None, f"Bearer {STATUSPAGE_API_KEY}", STATUSPAGE_API_KEY, "OAuth wrong", "OAuth"]
)
def test_the_key_is_wanted_in_its_own_scheme(ask: Ask, authorization: str | None) -> None:
    """The word is OAuth; the body is what client authors have seen."""
    reply = ask("GET", "", headers={"Authorization": authorization} if authorization else {})
    assert (reply.status_code, reply.json()) == (401, {"error": "Could not authenticate"})


def test_the_key_may_also_be_in_the_address(ask: Ask) -> None:
    """Where it ends up in logs."""
    assert ask("GET", f"?api_key={STATUSPAGE_API_KEY}", headers={}).status_code == 200


@pytest.mark.parametrize(
    ("incident", "status", "problem"),
    [
        ({}, 400, "param is missing"),
        ({"scheduled_for": WINDOW["scheduled_for"], "scheduled_until": WINDOW["scheduled_until"]}, 422, "Name can't"),
        ({**WINDOW, "name": "x" * 256}, 422, "Name is too long (maximum is 255 characters)"),
        ({**WINDOW, "body": "x" * 25_001}, 422, "Body is too long (maximum is 25000 characters)"),
        ({**WINDOW, "status": "cancelled"}, 422, "Status 'cancelled' is invalid"),
        ({**WINDOW, "status": "investigating"}, 422, "not one of a scheduled maintenance"),
        ({"name": "x", "status": "scheduled"}, 422, "not one of a realtime incident"),
        ({**WINDOW, "component_ids": ["none"]}, 422, "Component ids 'none' is invalid"),
        ({**WINDOW, "component_ids": "r7d1sireland1"}, 422, "Component ids must be an array"),
        ({**WINDOW, "metadata": {"key": "text"}}, 422, "Metadata must be an object whose values are objects"),
        ({**WINDOW, "scheduled_for": "tomorrow"}, 422, "Scheduled for is not a valid datetime"),
        ({**WINDOW, "scheduled_until": WINDOW["scheduled_for"]}, 422, "Scheduled until must be after"),
        ({"name": "x", "scheduled_for": WINDOW["scheduled_for"]}, 422, "Scheduled until can't be blank"),
        ({**WINDOW, "impact_override": "huge"}, 422, "Impact override 'huge' is invalid"),
        ({**WINDOW, "components": {"r7d1sireland1": "broken"}}, 422, "Components 'broken' is invalid"),
    ],
)
def test_what_makes_no_sense_is_refused(ask: Ask, incident: object, status: int, problem: str) -> None:
    """All that is wrong, each in a sentence; nothing is created."""
    reply = ask("POST", "/incidents", incident)
    assert reply.status_code == status
    assert problem in reply.text
    assert ask("GET", "/incidents").json() == []


def test_what_is_no_json_is_refused(ask: Ask) -> None:
    """With 400."""
    reply = ask("POST", "/incidents", data="{", headers={"Content-Type": "application/json"})
    assert reply.status_code == 401  # these headers replace the key
    headers = {"Content-Type": "application/json", "Authorization": f"OAuth {STATUSPAGE_API_KEY}"}
    assert ask("POST", "/incidents", data="{", headers=headers).status_code == 400


@pytest.mark.parametrize(
    ("form", "unauthenticated", "unprocessable"),
    [
        ("mixed", {"error": "Could not authenticate"}, {"error": ["Name can't be blank"]}),
        ("message", {"message": "Could not authenticate"}, {"message": "Name can't be blank"}),
        ("error", {"error": "Could not authenticate"}, {"error": "Name can't be blank"}),
        ("list", {"error": ["Could not authenticate"]}, {"error": ["Name can't be blank"]}),
        ("empty", None, None),
    ],
)
def test_refusals_have_any_of_the_forms_that_were_ever_seen(
    mine: Sandbox, ask: Ask, form: str, unauthenticated: object, unprocessable: object
) -> None:
    """The documented one among them."""
    mine.statuspage.change(error_body=form)
    replies = [ask("GET", "", headers={}), ask("POST", "/incidents", {"name": ""})]
    assert [reply.status_code for reply in replies] == [401, 422]
    assert [reply.json() if reply.content else None for reply in replies] == [unauthenticated, unprocessable]


@pytest.mark.parametrize(
    ("settings", "status", "retry_after"),
    [({}, 420, None), ({"limit_status": 429, "tells_when": True}, 429, "60")],
)
def test_a_token_has_sixty_requests_a_minute(
    start: Start, settings: dict[str, Any], status: int, retry_after: str | None
) -> None:
    """As measured over the last minute; over it 420 or 429, with or without a word when to come back."""
    now = 1_781_600_000.0
    sandbox = start(machine=lambda: now, instances=1)
    sandbox.statuspage.change(**settings)

    def ask() -> requests.Response:
        url = f"{sandbox.environment['STATUSPAGE_BASE_URL']}/pages/{STATUSPAGE_PAGE_ID}"
        return requests.get(url, headers={"Authorization": f"OAuth {STATUSPAGE_API_KEY}"}, timeout=5)

    assert {ask().status_code for _ in range(60)} == {200}
    refused = ask()
    assert (refused.status_code, refused.headers.get("Retry-After")) == (status, retry_after)
    now += 59
    sandbox.clock.advance(3600)
    assert ask().status_code == status
    now += 1
    assert ask().status_code == 200
    sandbox.statuspage.change(requests=0)
    assert ask().status_code == status


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        ("throttle:retry_after=2", 420, "rate limit"),
        ("status:500", 500, "Internal Server Error"),
        ("status:502", 502, "<h1>502</h1>"),
        ("expired", 401, "Could not authenticate"),
        ("html", 200, "down for maintenance"),
        ("accepted-then-status:503", 503, "<h1>503</h1>"),
    ],
)
def test_it_fails_in_its_own_words(mine: Sandbox, ask: Ask, fault: str, status: int, body: str) -> None:
    """Where one call is to fail, it is named with its method."""
    mine.faults.add(f"statuspage/POST incidents:{fault}")
    reply = ask("POST", "/incidents", WINDOW)
    assert (reply.status_code, body in reply.text) == (status, True)
    assert len(ask("GET", "/incidents").json()) == ("accepted" in fault)


@pytest.mark.parametrize("fault", ["accepted-then-dropped", "accepted-then-half", "half", "down", "accepted-then-hang"])
@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
def test_an_answer_can_be_lost_after_the_change(mine: Sandbox, ask: Ask, fault: str, method: str) -> None:
    """Whatever the method; a connection that is down from the start changes nothing."""
    path = f"/incidents/{ask('POST', '/incidents', WINDOW).json()['id']}"
    mine.faults.add(f"statuspage:{fault},next=1")
    with pytest.raises(requests.RequestException):
        ask(method, path, {"name": "changed"}, timeout=0.5)
    found = ask("GET", path)
    was_changed = found.status_code == 404 if method == "DELETE" else found.json()["name"] == "changed"
    assert was_changed is (fault != "down")


def test_requests_are_written_down_with_their_bodies(mine: Sandbox, ask: Ask) -> None:
    """So that a test can look for a switch that would notify; the key is not among it."""
    ask("POST", "/incidents", {**WINDOW, "deliver_notifications": False})
    ask("GET", "/incidents/upcoming")
    ask("GET", "/incidents/none")
    ask("GET", "")
    entries = mine.journal.entries("statuspage")
    assert [entry.call for entry in entries] == [
        "POST incidents",
        "GET incidents/upcoming",
        "GET incidents/{id}",
        "GET page",
    ]
    assert '"deliver_notifications": false' in (entries[0].body or "")
    assert STATUSPAGE_API_KEY not in str(entries)

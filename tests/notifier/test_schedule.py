"""`schedule` as operators run it: one incident a window and region, silent in every request, whatever happens."""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from fleet.http_session import GuardedSession
from ledger.incident_record import IncidentState
from ledger.incidents import INCIDENT_HOLD, WindowIncident, incident_record
from ledger.ledger import Ledger
from ledger.maintenance_key import MaintenanceKey
from ledger.schema import incidents as incidents_table
from ledger.update_record import UpdateIntent
from ledger.updates import Overrides, WindowUpdates
from notifier.window import maintenance_window
from sandbox.server import Sandbox
from sandbox.statuspage.page import Habits
from tests.notifier.status_page import (
    COMPONENT,
    KilledError,
    Ticking,
    bodies,
    incidents,
    killing,
    only_incident,
    require_silence,
)
from tests.notifier_here import Here
from tests.notifier_program import WINDOW, WINDOW_DATE, Ended, crowded, kill_when, program
from tests.servers import wait_until

SCHEDULE = ("schedule", *WINDOW, "--component", COMPONENT)
LATER = (
    *("--region", "Ireland"),
    *("--maintenance-window-date", (WINDOW_DATE + timedelta(days=2)).isoformat()),
    *("--maintenance-window-time-range", "1000-1200"),
)
REPLACES = ("--replaces-window-date", WINDOW_DATE.isoformat(), "--replaces-window-time-range", "0900-1100")
KEY = MaintenanceKey(
    maintenance_window(WINDOW_DATE.isoformat(), "0900-1100", ZoneInfo("Europe/London")).key, "eu-west-1"
)


@pytest.fixture(autouse=True)
def time(monkeypatch: pytest.MonkeyPatch) -> Ticking:
    ticking = Ticking()
    monkeypatch.setattr("notifier.options.statuspage.clock", ticking.clock)
    monkeypatch.setattr("notifier.options.statuspage.pause", ticking.pause)
    return ticking


@pytest.fixture
def ready(here: Here, sandbox: Sandbox) -> Iterator[Here]:
    """Afterwards no request of the test may have had a switch that could notify somebody."""
    sandbox.statuspage.change(requests=100_000)
    here.set({**sandbox.environment, "OPERATOR": "ada"})
    yield here
    require_silence(sandbox)


def scheduled(here: Here, *arguments: str) -> Ended:
    ended = here.run(*SCHEDULE, "--format", "json", *arguments)
    assert ended.status == 0, ended.err
    return ended


def opened(here: Here) -> Ledger:
    return Ledger(f"sqlite:///{here.folder}/ledger/ledger.sqlite3")


def test_an_incident_is_created_and_left_alone_afterwards(ready: Here, sandbox: Sandbox) -> None:
    document = scheduled(ready).document
    incident = only_incident(sandbox)
    assert document["done"] == "created"
    assert document["incident"]["id"] == incident.id
    assert document["incident"]["status"] == "scheduled"
    assert [component["name"] for component in document["incident"]["components"]] == [COMPONENT]
    assert document["incident"]["scheduled_for"].endswith("T09:00:00Z")
    assert document["left_as_edited"] == []
    assert "request" not in document
    assert incident.component_ids == ("r7d1sireland1",)
    [body] = bodies(sandbox)
    assert body["scheduled_for"].endswith("Z")
    for _ in range(2):
        assert scheduled(ready).document["done"] == "unchanged"
    assert len(bodies(sandbox)) == 1
    with opened(ready) as ledger:
        record = incident_record(ledger, KEY)
        assert record is not None
        assert (record.state, record.incident_id) == (IncidentState.KNOWN, incident.id)
        assert [window.key for window in ledger.windows("eu-west-1")] == [KEY]


def test_requests_are_a_second_apart_also_those_of_the_next_run(
    ready: Here, time: Ticking, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run lets the next one begin only when the second after its last request is over."""
    held: list[bool] = []

    def pause(seconds: float) -> None:
        with opened(ready) as ledger:
            held.append(ledger.holder(INCIDENT_HOLD) is not None)
        time.pause(seconds)

    monkeypatch.setattr("notifier.options.statuspage.pause", pause)
    for _ in range(2):
        time.pauses.clear()
        sandbox.journal.clear()
        scheduled(ready)
        assert time.pauses == [1.0] * len(sandbox.journal.entries("statuspage"))
    assert all(held)


def double_of(sandbox: Sandbox, status: str = "scheduled") -> str:
    """As a run with another ledger, or a person who copies an incident, may make one."""
    double = sandbox.statuspage.page.create(bodies(sandbox)[0], Habits(notifies=False))
    if status != "scheduled":
        sandbox.statuspage.page.edit(double.id, {"status": status})
    return double.id


@pytest.mark.parametrize("arguments", [(), ("--dry-run",), ("--complete",)])
def test_a_double_of_the_known_incident_is_named_by_every_run(
    ready: Here, sandbox: Sandbox, arguments: tuple[str, ...]
) -> None:
    scheduled(ready)
    double = double_of(sandbox)
    ended = ready.run("schedule", *WINDOW, *arguments)
    assert ended.status == 1
    assert f"more than one incident has this window's mark: delete {double} on the status page" in ended.err
    assert len(incidents(sandbox)) == 2


def test_doubles_are_deleted_with_the_incident(ready: Here, sandbox: Sandbox) -> None:
    scheduled(ready)
    doubles = [double_of(sandbox) for _ in range(2)]
    ended = ready.run("schedule", *WINDOW, "--cancel")
    assert (ended.status, incidents(sandbox)) == (0, [])
    for double in doubles:
        assert f"the incident {double} with this window's mark is deleted too" in ended.err


def test_a_double_that_has_begun_is_left_and_named(ready: Here, sandbox: Sandbox) -> None:
    scheduled(ready)
    double = double_of(sandbox, "in_progress")
    ended = ready.run("schedule", *WINDOW, "--cancel")
    assert (ended.status, f"the incident {double} is left: it has this window's mark too" in ended.err) == (1, True)
    assert only_incident(sandbox).id == double


def test_where_the_incident_has_begun_a_double_is_named_beside_the_refusal(ready: Here, sandbox: Sandbox) -> None:
    scheduled(ready)
    first = only_incident(sandbox)
    sandbox.statuspage.page.edit(first.id, {"status": "in_progress"})
    double = double_of(sandbox)
    ended = ready.run("schedule", *WINDOW, "--cancel")
    assert (ended.status, f"delete {double} on the status page" in ended.err) == (2, True)
    assert len(incidents(sandbox)) == 2


def test_cancel_deletes_and_names_doubles_too(ready: Here, sandbox: Sandbox) -> None:
    sandbox.world.change(crowded(1, 1))
    assert ready.run("email", "--yes", *WINDOW).status == 0
    scheduled(ready)
    first = only_incident(sandbox).id
    double, begun = double_of(sandbox), double_of(sandbox, "in_progress")
    ended = ready.run("cancel", "--yes", *WINDOW, "--format", "json")
    assert ended.status == 1
    said = {left["id"]: (left["deleted"], left["problem"] is None) for left in ended.document["incidents"]}
    assert said == {first: (True, True), double: (True, True), begun: (False, False)}
    assert only_incident(sandbox).id == begun


def test_two_regions_at_once_have_an_incident_each_on_one_page(sandbox: Sandbox, ready: Here, sqlite_url: str) -> None:
    """They wait for each other, as they share the key's one request a second."""
    opened(ready).__enter__().__exit__()
    both = [
        program(sandbox, sqlite_url, AWS_REGION=aws_region).start("schedule", "--region", name, *WINDOW[2:])
        for name, aws_region in (("Ireland", "eu-west-1"), ("London", "eu-west-2"))
    ]
    ended = [process.communicate(timeout=100) for process in both]
    assert [process.returncode for process in both] == [0, 0], ended
    marks = sorted(json.dumps(incident.metadata, sort_keys=True) for incident in incidents(sandbox))
    assert ["eu-west-1" in marks[0], "eu-west-2" in marks[1], len(marks)] == [True, True, 2]
    assert not [entry for entry in sandbox.journal.entries("statuspage") if entry.status in (420, 429)]


def test_times_are_right_across_a_clock_change(ready: Here, sandbox: Sandbox) -> None:
    """09:00 in London is 09:00 UTC in winter and 08:00 in summer."""
    for day, hour in (("2031-03-28", 9), ("2031-03-31", 8), ("2031-10-24", 8), ("2031-10-27", 9)):
        window = (*WINDOW[:2], "--maintenance-window-date", day, *WINDOW[4:])
        assert ready.run("schedule", *window).status == 0
        newest = incidents(sandbox)[-1]
        assert newest.scheduled_for is not None
        assert (newest.scheduled_for.date().isoformat(), newest.scheduled_for.hour) == (day, hour)
    assert len(incidents(sandbox)) == 4


def test_a_dry_run_shows_the_request_and_changes_nothing(ready: Here, sandbox: Sandbox) -> None:
    document = scheduled(ready, "--dry-run").document
    assert document["done"] == "printed"
    assert document["request"]["method"] == "POST"
    assert document["request"]["incident"]["deliver_notifications"] is False
    assert document["request"]["incident"]["component_ids"] == ["r7d1sireland1"]
    assert incidents(sandbox) == []
    with opened(ready) as ledger:
        assert ledger.windows("eu-west-1") == []
        assert incident_record(ledger, KEY) is None
    scheduled(ready)
    assert scheduled(ready, "--dry-run").document["request"] is None
    sandbox.statuspage.page.edit(only_incident(sandbox).id, {"scheduled_until": "2031-01-01T00:00:00Z"})
    asked = scheduled(ready, "--dry-run").document["request"]
    assert (asked["method"], "scheduled_for" in asked["incident"]) == ("PATCH", True)
    assert "Would send PATCH incidents/" in ready.run(*SCHEDULE, "--dry-run").out


@pytest.mark.parametrize("key", ["", None])
def test_without_a_key_there_is_a_text_to_paste(ready: Here, sandbox: Sandbox, key: str | None) -> None:
    ready.set({"STATUSPAGE_API_KEY": key, "STATUSPAGE_PAGE_ID": None})
    ended = ready.run(*SCHEDULE)
    assert ended.status == 0
    assert "Name: Redis and Valkey maintenance in Ireland\nFrom: " in ended.out
    assert "Message:\nOn " in ended.out
    assert "STATUSPAGE_API_KEY is not set" in ended.err
    document = scheduled(ready).document
    assert (document["done"], document["incident"]) == ("printed", None)
    assert sandbox.journal.entries("statuspage") == []
    for flag, verb in (("--cancel", "delete"), ("--complete", "complete")):
        ended = ready.run("schedule", *WINDOW, flag)
        assert (ended.status, f"{verb} the incident of this window" in ended.err) == (0, True)


def test_what_people_edited_is_left_and_named_and_times_and_switches_are_put_right(
    ready: Here, sandbox: Sandbox
) -> None:
    scheduled(ready)
    page, incident = sandbox.statuspage.page, only_incident(sandbox)
    page.edit(incident.id, {"name": "Redis: we are sorry", "body": "Call us."})
    document = scheduled(ready).document
    assert (document["done"], document["left_as_edited"]) == ("unchanged", ["name", "body"])
    page.edit(
        incident.id,
        {
            "scheduled_for": "2031-01-01T00:00:00Z",
            "scheduled_until": "2031-01-01T01:00:00Z",
            "scheduled_auto_completed": True,
            "scheduled_remind_prior": True,
            "metadata": {"theirs": {"a": 1}},
            "component_ids": ["app5runtime01"],
        },
    )
    ended = ready.run(*SCHEDULE)
    assert ended.status == 0, ended.err
    assert "left as somebody edited it on the status page: name" in ended.err
    after = only_incident(sandbox)
    assert (after.name, after.updates[0].body) == ("Redis: we are sorry", "Call us.")
    assert (after.scheduled_for, after.scheduled_until) == (incident.scheduled_for, incident.scheduled_until)
    assert after.switches == incident.switches
    assert after.component_ids == incident.component_ids
    assert after.metadata == {**incident.metadata, "theirs": {"a": 1}}
    assert scheduled(ready).document["done"] == "unchanged"


def test_an_incident_that_has_begun_is_left_alone(ready: Here, sandbox: Sandbox) -> None:
    scheduled(ready)
    sandbox.statuspage.page.edit(
        only_incident(sandbox).id, {"status": "in_progress", "scheduled_until": "2031-01-01T00:00:00Z"}
    )
    ended = scheduled(ready)
    assert ended.document["done"] == "unchanged"
    assert "is in_progress: left alone" in ended.err
    refused = ready.run("schedule", *WINDOW, "--cancel")
    assert refused.status == 2
    assert refused.err.endswith("has begun; it cannot be cancelled, only completed: --complete\n")
    assert len(bodies(sandbox)) == 1


def test_one_that_was_deleted_on_the_page_is_named_until_it_is_forgotten(ready: Here, sandbox: Sandbox) -> None:
    scheduled(ready)
    sandbox.statuspage.page.delete(only_incident(sandbox).id)
    for arguments in ((), ("--dry-run",), ("--complete",)):
        ended = ready.run("schedule", *WINDOW, *arguments)
        assert ended.status == 1
        assert "deleted on the status page; `schedule --cancel` forgets it" in ended.err
    assert incidents(sandbox) == []
    assert ready.run("schedule", *WINDOW, "--cancel").status == 0
    assert scheduled(ready).document["done"] == "created"
    assert len(incidents(sandbox)) == 1


def test_it_is_cancelled_once_and_may_be_scheduled_again(ready: Here, sandbox: Sandbox) -> None:
    refused = ready.run("schedule", *WINDOW, "--cancel")
    assert (refused.status, "neither this ledger nor the status page has an incident" in refused.err) == (2, True)
    scheduled(ready)
    for _ in range(2):
        ended = ready.run("schedule", *WINDOW, "--cancel", "--format", "json")
        assert (ended.status, ended.document["done"]) == (0, "cancelled")
        assert incidents(sandbox) == []
    assert scheduled(ready).document["done"] == "created"


def test_it_is_completed_over_verifying_and_only_once(ready: Here, sandbox: Sandbox) -> None:
    scheduled(ready)
    sandbox.statuspage.page.edit(only_incident(sandbox).id, {"status": "in_progress"})
    for done in ("completed", "unchanged"):
        ended = ready.run("schedule", *WINDOW, "--complete", "--format", "json")
        assert (ended.status, ended.document["done"]) == (0, done)
        assert ended.document["incident"]["status"] == "completed"
    statuses = [update.status for update in only_incident(sandbox).updates]
    assert statuses == ["completed", "verifying", "in_progress", "scheduled"]
    components = {component.status for component in sandbox.statuspage.page.components.values()}
    assert components == {"operational"}


def test_it_is_not_completed_while_an_update_is_under_way(ready: Here, sandbox: Sandbox) -> None:
    scheduled(ready)
    with opened(ready) as ledger, ledger.run("apply", "ada") as run:
        WindowUpdates(ledger, run, KEY, Overrides()).begin([UpdateIntent("cf-abc", "redis-1", None)])
    ended = ready.run("schedule", *WINDOW, "--complete")
    assert (ended.status, "updates are under way in Ireland: cf-abc" in ended.err) == (2, True)
    assert only_incident(sandbox).status == "scheduled"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--component", "Memcached"), "--component 'Memcached': not on the page, which has Applications, PostgreSQL,"),
        (("--cancel", "--complete"), "--cancel and --complete: give one of them"),
        (("--cancel", "--component", "x"), "--component: it would change nothing with --cancel; leave it out"),
        (("--component", " "), "give a component's name or id"),
    ],
)
def test_wrong_usage_is_one_line_and_changes_nothing(
    ready: Here, sandbox: Sandbox, arguments: tuple[str, ...], said: str
) -> None:
    ended = ready.run("schedule", *WINDOW, *arguments)
    assert ended.status == 2
    assert said in ended.err
    assert ended.err.count("\n") == 1
    assert incidents(sandbox) == []


@pytest.mark.parametrize(
    ("variables", "status", "said"),
    [
        ({"STATUSPAGE_PAGE_ID": None}, 2, "STATUSPAGE_PAGE_ID is not set, but STATUSPAGE_API_KEY is"),
        ({"STATUSPAGE_PAGE_ID": "elsewhere"}, 3, "check STATUSPAGE_PAGE_ID"),
        ({"STATUSPAGE_API_KEY": "wrong-key"}, 3, "HTTP 401: Could not authenticate; check STATUSPAGE_API_KEY"),
        ({"STATUSPAGE_BASE_URL": "http://127.0.0.1:1/v1"}, 3, "refused"),
        ({"STATUSPAGE_BASE_URL": "nowhere"}, 2, "STATUSPAGE_BASE_URL"),
        ({"STATUSPAGE_API_KEY": "a b"}, 2, "STATUSPAGE_API_KEY: it holds a character that none has"),
    ],
)
def test_wrong_settings_are_named(
    ready: Here, sandbox: Sandbox, variables: dict[str, str | None], status: int, said: str
) -> None:
    ready.set(variables)
    ended = ready.run("schedule", *WINDOW)
    assert (ended.status, said in ended.err) == (status, True), ended.err
    assert "wrong-key" not in ended.err
    assert incidents(sandbox) == []


def test_components_come_from_the_variable_and_from_the_regions_file(
    ready: Here, sandbox: Sandbox, tmp_path: Path
) -> None:
    regions = tmp_path / "regions.toml"
    regions.write_text(
        '[[regions]]\nname = "Ireland"\naws_region = "eu-west-1"\nstatuspage_components = ["Redis in Ireland"]\n'
    )
    ready.set({"REGIONS_FILE": str(regions), "AWS_REGION": None, "CF_API_ADDRESS": None})
    assert ready.run("schedule", *WINDOW).status == 0
    assert only_incident(sandbox).component_ids == ("r7d1sireland1",)
    ready.set({"STATUSPAGE_COMPONENTS": "redis in london, app5runtime01"})
    assert ready.run("schedule", *WINDOW).status == 0
    assert set(only_incident(sandbox).component_ids) == {"r7d1slondon01", "app5runtime01"}


def test_a_page_that_strikes_components_at_once_is_told_of(ready: Here, sandbox: Sandbox) -> None:
    sandbox.statuspage.change(strikes=True)
    assert "Redis in Ireland under maintenance already" in scheduled(ready).err


def test_what_the_page_says_cannot_move_the_cursor(ready: Here, sandbox: Sandbox) -> None:
    scheduled(ready)
    sandbox.statuspage.page.edit(
        only_incident(sandbox).id, {"name": "x\x1b[2J\u202e\nCompleted", "status": "in_progress"}
    )
    ended = ready.run(*SCHEDULE)
    assert "x\\x1b[2J\\u202e\\nCompleted" in ended.out
    assert all(line.isprintable() for line in (ended.out + ended.err).splitlines())


def test_windows_that_are_over_are_only_completed(ready: Here, sandbox: Sandbox) -> None:
    past = (*WINDOW[:2], "--maintenance-window-date", "2024-06-18", *WINDOW[4:])
    refused = ready.run("schedule", *past)
    assert (refused.status, "is over; only --complete or --cancel" in refused.err) == (2, True)
    assert ready.run("schedule", *past, "--complete").status == 2
    assert incidents(sandbox) == []


# --- Exactly one ---


@pytest.mark.parametrize(
    "fault", ["accepted-then-dropped", "accepted-then-status:500", "accepted-then-half", "html:502"]
)
def test_an_answer_that_is_lost_makes_no_second_incident(ready: Here, sandbox: Sandbox, fault: str) -> None:
    sandbox.faults.add(f"statuspage/POST incidents:{fault},next=1")
    ended = ready.run(*SCHEDULE)
    assert ended.status in (0, 3), ended.err
    assert ready.run(*SCHEDULE).status == 0
    assert len(incidents(sandbox)) == 1


def test_the_incident_is_found_among_many_and_a_lost_row_is_made_again(ready: Here, sandbox: Sandbox) -> None:
    """Behind three pages of other people's, with the ledger's row gone, or a new ledger."""
    scheduled(ready)
    incident = only_incident(sandbox)
    for _ in range(230):
        sandbox.statuspage.page.create(
            {
                "name": "theirs",
                "scheduled_for": "2031-01-01T00:00:00Z",
                "scheduled_until": "2031-01-01T01:00:00Z",
                "deliver_notifications": False,
            },
            Habits(notifies=False),
        )
    with opened(ready) as ledger, ledger.transaction() as connection:
        connection.execute(incidents_table.delete())
    assert scheduled(ready).document["incident"]["id"] == incident.id
    assert len(incidents(sandbox)) == 231


@pytest.mark.parametrize("status", ["scheduled", "in_progress", "verifying", "completed"])
def test_a_lost_row_is_made_again_whatever_has_become_of_the_incident(
    ready: Here, sandbox: Sandbox, status: str
) -> None:
    scheduled(ready)
    sandbox.statuspage.page.edit(only_incident(sandbox).id, {"status": status})
    with opened(ready) as ledger, ledger.transaction() as connection:
        connection.execute(incidents_table.delete())
    assert scheduled(ready).document["done"] == "unchanged"
    assert len(incidents(sandbox)) == 1


def test_one_whose_mark_was_edited_away_is_recognised_and_marked_again(ready: Here, sandbox: Sandbox) -> None:
    scheduled(ready)
    sandbox.statuspage.page.edit(only_incident(sandbox).id, {"metadata": {}})
    with opened(ready) as ledger, ledger.transaction() as connection:
        connection.execute(incidents_table.delete())
    assert scheduled(ready).document["done"] == "updated"
    assert "elasticache_update_notifier" in only_incident(sandbox).metadata


def test_two_with_the_same_mark_are_named(ready: Here, sandbox: Sandbox) -> None:
    scheduled(ready)
    first = only_incident(sandbox)
    [body] = bodies(sandbox)
    second = sandbox.statuspage.page.create(body, Habits(notifies=False))
    with opened(ready) as ledger, ledger.transaction() as connection:
        connection.execute(incidents_table.delete())
    ended = ready.run(*SCHEDULE)
    assert ended.status == 1
    assert f"delete {second.id} on the status page" in ended.err
    assert first.id in ended.out


def test_another_run_is_waited_for_a_minute(ready: Here, sandbox: Sandbox, time: Ticking) -> None:
    with opened(ready) as ledger, ledger.run("schedule", "bob", holds=INCIDENT_HOLD):
        ended = ready.run(*SCHEDULE)
    assert ended.status == 2
    assert "waiting for run 1 of bob on" in ended.err
    assert "run 1 of bob on" in ended.err.splitlines()[-1]
    assert sum(time.pauses) < 70
    assert incidents(sandbox) == []


def test_two_at_once_make_one_incident(sandbox: Sandbox, ready: Here, sqlite_url: str) -> None:
    """Both as processes of their own; the one that comes second finds the other's."""
    opened(ready).__enter__().__exit__()
    running = [program(sandbox, sqlite_url).start(*SCHEDULE, "--format", "json") for _ in range(2)]
    ended = [process.communicate(timeout=100) for process in running]
    assert [process.returncode for process in running] == [0, 0], ended
    assert sorted(json.loads(out)["done"] for out, _ in ended) == ["created", "unchanged"]
    assert len(incidents(sandbox)) == 1


@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize("number", range(9))
def test_killed_at_each_request_and_run_again(
    ready: Here, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, number: int, *, is_done: bool
) -> None:
    """Before a request is sent, and once it is answered but nothing of that is recorded."""
    with monkeypatch.context() as patched:
        patched.setattr(GuardedSession, "request", killing(number, GuardedSession.request, is_done=is_done))
        with pytest.raises(KilledError):
            [ready.run(*SCHEDULE) for _ in range(3)]
    assert ready.run(*SCHEDULE).status == 0
    assert len(incidents(sandbox)) == 1


@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize("method", ["begin", "know"])
def test_killed_at_each_record_and_run_again(
    ready: Here, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, method: str, *, is_done: bool
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(WindowIncident, method, killing(0, getattr(WindowIncident, method), is_done=is_done))
        with pytest.raises(KilledError):
            ready.run(*SCHEDULE)
    assert ready.run(*SCHEDULE).status == 0
    assert len(incidents(sandbox)) == 1


@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize(
    "flag_and_number", [(flag, number) for flag, most in (("--cancel", 5), ("--complete", 6)) for number in range(most)]
)
def test_killed_while_it_is_ended_and_run_again(
    ready: Here, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, flag_and_number: tuple[str, int], *, is_done: bool
) -> None:
    flag, number = flag_and_number
    scheduled(ready)
    with monkeypatch.context() as patched:
        patched.setattr(GuardedSession, "request", killing(number, GuardedSession.request, is_done=is_done))
        with pytest.raises(KilledError):
            ready.run("schedule", *WINDOW, flag)
    assert ready.run("schedule", *WINDOW, flag).status == 0
    if flag == "--cancel":
        assert incidents(sandbox) == []
    else:
        assert [update.status for update in only_incident(sandbox).updates] == ["completed", "verifying", "scheduled"]


def test_really_killed_and_run_again(sandbox: Sandbox, ready: Here, sqlite_url: str) -> None:
    """SIGKILL while the request that creates it is under way."""
    sandbox.faults.add("statuspage/POST incidents:latency:0.5,next=1")
    started = program(sandbox, sqlite_url).start(*SCHEDULE)
    assert kill_when(started, lambda: any(e.method == "POST" for e in sandbox.journal.entries("statuspage")), 0.1)
    wait_until(lambda: bool(incidents(sandbox)), lambda: "the request was never carried out")
    assert ready.run(*SCHEDULE).status == 0
    assert len(incidents(sandbox)) == 1


def test_a_request_that_is_carried_out_late_is_waited_for(
    ready: Here, sandbox: Sandbox, time: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run that sent it was killed; it is on the page only once the next run has looked for it."""
    with monkeypatch.context() as patched:
        patched.setattr(WindowIncident, "begin", killing(0, WindowIncident.begin, is_done=True))
        with pytest.raises(KilledError):
            ready.run(*SCHEDULE)
    fields = {**scheduled(ready, "--dry-run").document["request"]["incident"]}

    def pause(seconds: float) -> None:
        if seconds > 1 and not incidents(sandbox):
            sandbox.statuspage.page.create(fields, Habits(notifies=False))
        time.pause(seconds)

    monkeypatch.setattr("notifier.options.statuspage.pause", pause)
    assert "waiting 5 s" in ready.run(*SCHEDULE).err
    assert len(incidents(sandbox)) == 1


# --- Windows that move or do not take place ---


def test_the_later_window_takes_the_place_of_the_earlier_ones_incident(ready: Here, sandbox: Sandbox) -> None:
    sandbox.world.change(crowded(2, 1))
    scheduled(ready)
    earlier = only_incident(sandbox)
    assert ready.run("email", "--yes", *WINDOW).status == 0
    moved = ready.run("email", "--yes", *LATER, *REPLACES)
    assert moved.status == 0
    assert "the status page still shows the window on" in moved.err
    refused = ready.run(*SCHEDULE)
    assert (refused.status, "was moved: it takes place on" in refused.err) == (2, True)
    dry = ready.run("schedule", *LATER, "--dry-run")
    assert "the incident of the earlier window on" in dry.err
    ended = ready.run("schedule", *LATER, "--component", COMPONENT)
    assert (ended.status, "is deleted" in ended.err) == (0, True)
    later = only_incident(sandbox)
    assert later.id != earlier.id
    assert later.scheduled_for is not None
    assert later.scheduled_for.hour == 10
    assert ready.run("schedule", *LATER).status == 0
    assert ready.run("schedule", *WINDOW, "--cancel").status == 0


def test_an_earlier_window_that_has_begun_is_named_and_can_be_completed(ready: Here, sandbox: Sandbox) -> None:
    scheduled(ready)
    earlier = only_incident(sandbox)
    with opened(ready) as ledger:
        later = maintenance_window(LATER[3], "1000-1200", ZoneInfo("Europe/London"))
        ledger.record_moved(KEY, MaintenanceKey(later.key, "eu-west-1"))
    sandbox.statuspage.page.edit(earlier.id, {"status": "in_progress"})
    ended = ready.run("schedule", *LATER)
    assert (ended.status, "has begun; it cannot be cancelled" in ended.err) == (1, True)
    assert ready.run("schedule", *WINDOW, "--complete").status == 0
    assert len(incidents(sandbox)) == 2


def test_a_window_that_is_called_off_while_it_is_announced_is_named(
    ready: Here, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`cancel` ran while the page was searched, and found no incident yet."""
    with opened(ready) as ledger:
        ledger.record_window(KEY, "Europe/London", "email", "bob")
    begin = WindowIncident.begin

    def begun(book: WindowIncident, written: Mapping[str, str]) -> None:
        with opened(ready) as ledger:
            ledger.record_cancelled(KEY)
        begin(book, written)

    monkeypatch.setattr(WindowIncident, "begin", begun)
    ended = ready.run(*SCHEDULE)
    assert (ended.status, "was cancelled" in ended.err) == (1, True)
    assert ready.run("schedule", *WINDOW, "--cancel").status == 0
    assert incidents(sandbox) == []


def test_a_window_that_is_called_off_leaves_the_status_page(ready: Here, sandbox: Sandbox) -> None:
    sandbox.world.change(crowded(1, 1))
    assert ready.run("email", "--yes", *WINDOW).status == 0
    scheduled(ready)
    incident = only_incident(sandbox)
    dry = ready.run("cancel", *WINDOW, "--dry-run")
    assert f"Would be deleted from the status page: the incident {incident.id} of Ireland" in dry.out
    sandbox.faults.add("statuspage:status:503")
    failed = ready.run("cancel", "--yes", *WINDOW, "--format", "json")
    assert failed.status == 3, failed.err
    [left] = failed.document["incidents"]
    assert (left["id"], left["deleted"], "HTTP 503" in left["problem"]) == (incident.id, False, True)
    sandbox.faults.clear()
    ended = ready.run("cancel", "--yes", *WINDOW)
    assert ended.status == 0
    assert f"Deleted from the status page: the incident {incident.id}" in ended.out
    assert incidents(sandbox) == []
    refused = ready.run(*SCHEDULE)
    assert (refused.status, "was cancelled" in refused.err) == (2, True)


def test_a_window_that_is_called_off_without_a_key_says_what_to_delete(ready: Here) -> None:
    scheduled(ready)
    ready.set({"STATUSPAGE_API_KEY": None})
    ended = ready.run("cancel", "--yes", *WINDOW)
    assert ended.status == 1
    assert "STATUSPAGE_API_KEY is not set: delete it on the status page by hand" in ended.out


def test_an_incident_that_has_begun_is_completed_though_its_window_was_called_off(
    ready: Here, sandbox: Sandbox
) -> None:
    scheduled(ready)
    sandbox.statuspage.page.edit(only_incident(sandbox).id, {"status": "in_progress"})
    ended = ready.run("cancel", "--yes", *WINDOW)
    assert (ended.status, "only completed: --complete" in ended.out) == (1, True)
    assert ready.run("schedule", *WINDOW, "--complete").status == 0
    assert only_incident(sandbox).status == "completed"
    again = ready.run("cancel", "--yes", *WINDOW)
    assert (again.status, "Completed before on the status page" in again.out) == (0, True)

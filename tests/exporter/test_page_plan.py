"""What the page says of a window: how much it could take, how long, by when, and with which commands."""

import random
import shlex
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from exporter.collectors.surveys import ExporterFacts
from exporter.ledger_status import LedgerStatus
from exporter.page.choice import Choice
from exporter.page.duration import DEFAULT_MAX_IN_FLIGHT, in_words
from exporter.page.facts import facts_of
from exporter.page.plan import RegionPlan, region_plan
from exporter.page.query import view_of
from exporter.region_status import RegionStatus
from fleet.inventory import ReplicationGroup
from fleet.survey import Survey
from ledger.maintenance_key import MaintenanceKey
from ledger.outlook import Outlook, planned_window
from ledger.who_was_told import Notice, Told
from notifier.apply.options import ApplyOptions
from notifier.apply.plan import LedgerFacts, apply_plan
from notifier.window import maintenance_window, window_of_key
from sandbox.names import HOSTILE_NAMES
from sandbox.server import Sandbox
from tests.builders import TAKEN_AT, action, deferral, group_of, service_instance, service_update, survey
from tests.notifier_here import Here

EXPORTER = ExporterFacts("9.9.9", 300, 0.2, {})
INSTANCES = tuple(service_instance(f"guid-{number}", f"cache-{number}") for number in range(1, 5))
ONE, TWO, THREE, FOUR = INSTANCES
FOUR_WAIT = survey(
    service_updates=(
        service_update("redis-1"),
        service_update("redis-2", recommended_apply_by=TAKEN_AT + timedelta(days=3)),
        service_update("redis-7", type="engine-major-version-update", recommended_apply_by=TAKEN_AT),
    ),
    update_actions=(
        *(action("redis-1", instance.replication_group_id) for instance in (ONE, TWO)),
        action("redis-2", THREE.replication_group_id),
        action("redis-7", FOUR.replication_group_id),
    ),
    replication_groups=tuple(group_of(instance) for instance in INSTANCES),
    service_instances=INSTANCES,
)
WINDOW = "2026-06-16T08:00Z/2026-06-16T10:00Z"


def plan(
    taken: Survey = FOUR_WAIT, outlook: Outlook | None = None, query: str = "", region_name: str = "Ireland"
) -> RegionPlan:
    status = RegionStatus(region_name, "eu-west-1", survey=taken, surveys_count=1, last_duration_seconds=0.1)
    ledger = None if outlook is None else LedgerStatus(outlook, read_at=TAKEN_AT)
    facts = facts_of([status], EXPORTER, TAKEN_AT, ledger)
    return region_plan(Choice(view_of(query, facts.known_words), facts), facts.regions[0])


def test_everybody_who_waits_is_counted_once() -> None:
    found = plan(outlook=Outlook((deferral(ONE.guid), deferral("nobodys"))))
    assert (found.waiting, found.schedulable, found.deferred, found.major_only, found.orgs) == (4, 2, 1, 1, 1)


def test_filters_narrow_the_plan() -> None:
    assert plan(query="update=redis-1").schedulable == 2
    assert plan(query="text=cache-3").schedulable == 1
    named = plan(query="update=redis-7")
    assert (named.schedulable, named.major_only) == (1, 0)
    assert named.deadline
    assert named.deadline.update.name == "redis-7"


def test_the_first_date_counts_and_no_major_versions() -> None:
    found = plan()
    assert found.deadline
    assert (found.deadline.update.name, found.deadline.days_left) == ("redis-2", 3)
    assert plan(outlook=Outlook((deferral(THREE.guid),))).deadline == plan(query="update=redis-1").deadline


@pytest.mark.parametrize("seed", range(5))
def test_it_takes_as_long_as_the_notifier_plans(seed: int) -> None:
    """The very same survey, planned by `apply` with its own defaults: canary, waves, nodes and estimates."""
    chance = random.Random(seed)
    updates = tuple(
        service_update(
            f"redis-{number}",
            released_at=TAKEN_AT - timedelta(days=number),
            estimated_update_time=chance.choice(["10 minutes per node", "1 hour per node", "soon", ""]),
        )
        for number in range(3)
    )
    instances = tuple(service_instance(f"guid-{number}") for number in range(chance.choice([1, 2, 60])))
    groups = tuple(
        ReplicationGroup(i.replication_group_id, "available", "redis", nodes, chance.random() < 0.5, nodes // 2)
        for i in instances
        for nodes in (chance.choice([1, 2, 4, 6]),)
    )
    taken = survey(
        service_updates=updates,
        update_actions=tuple(
            action(update.name, i.replication_group_id)
            for i in instances
            for update in chance.sample(updates, chance.choice([1, 2, 3]))
        ),
        replication_groups=groups,
        service_instances=instances,
    )
    window = window_of_key("2026-06-02T00:00Z/2026-06-30T00:00Z", ZoneInfo("UTC"))
    told = Told((Notice("org-guid", [i.guid for i in instances], TAKEN_AT),))
    planned = apply_plan(taken, LedgerFacts(told=told), window, TAKEN_AT, ApplyOptions())
    assert len(planned.steps) == plan(taken).schedulable == len(instances)
    assert planned.ends_at
    assert plan(taken).seconds == (planned.ends_at - window.starts_at).total_seconds()
    assert ApplyOptions().max_in_flight == DEFAULT_MAX_IN_FLIGHT


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 min"), (3540, "59 min"), (3600, "1 h"), (178_200, "49 h 30 min")]
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


def commands(found: RegionPlan) -> dict[str, list[str]]:
    """By the command, the words that a shell makes of its line."""
    lines = [shlex.split(line.text) for line in found.commands]
    assert {words[0] for words in lines} == {"elasticache-update-notifier"}
    return {" ".join(words[1:3]) if words[2] == "--dry-run" else words[1]: words[1:] for words in lines}


def test_the_commands_carry_the_filters_that_the_notifier_has() -> None:
    found = commands(plan(query="severity=important&severity=low&org=org&org=b%20c&date=2026-06-16&hours=10:00-12:30"))
    where = ["--region", "Ireland"]
    when = ["--maintenance-window-date", "Tuesday 16 June 2026", "--maintenance-window-time-range", "1000-1230"]
    what = ["--severity", "important", "--severity", "low", "--only-org", "org", "--only-org", "b c"]
    assert list(found) == ["print", "preview", "email", "schedule", "apply --dry-run", "apply", "checklist"]
    assert found["email"] == ["email", *where, *when, *what]
    assert found["schedule"] == ["schedule", *where, *when]


def test_a_type_names_its_updates() -> None:
    """The notifier has no option for types, and takes major versions only by name."""
    found = commands(plan(query="type=engine-major-version-update"))
    assert found["apply"][-2:] == ["--only-update", "redis-7"]
    assert commands(plan(query="type=security-update&update=redis-1"))["print"][-2:] == ["--only-update", "redis-1"]


def test_a_region_without_a_name_is_given_by_its_code() -> None:
    """The notifier knows only some codes as names."""
    assert commands(plan(region_name="eu-west-1"))["print"][1:3] == ["--aws-region", "eu-west-1"]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_shell_gets_names_as_they_are(name: str) -> None:
    """Quotes, backslashes, dollars and newlines in orgs and regions run nothing when they are pasted."""
    named = replace(ONE, org_name=name)
    taken = replace(FOUR_WAIT, service_instances=(named, *INSTANCES[1:]))
    status = RegionStatus(name or "x", "eu-west-1", survey=taken, surveys_count=1, last_duration_seconds=0.1)
    facts = facts_of([status], EXPORTER, TAKEN_AT, None)
    view = replace(view_of("", facts.known_words), orgs=(name,))
    words = commands(region_plan(Choice(view, facts), facts.regions[0]))["print"]
    assert words[1:3] == ["--region", name or "x"]
    assert words[-2:] == ["--only-org", name]


def test_a_planned_window_is_the_one_in_the_commands() -> None:
    """In the time zone of those who were told, so that it is the same window."""
    window = planned_window(MaintenanceKey(WINDOW, "eu-west-1"), "Europe/London", frozenset({ONE.guid, FOUR.guid}))
    found = plan(outlook=Outlook(windows=(window,)))
    assert not found.is_example
    assert [(row.is_open, row.told_count) for row in found.windows] == [(False, 1)]
    words = commands(found)["apply"]
    assert words[3:] == [
        *("--maintenance-window-date", "Tuesday 16 June 2026"),
        *("--maintenance-window-time-range", "0900-1100"),
        *("--time-zone", "Europe/London"),
    ]
    asked = maintenance_window(words[4], words[6], ZoneInfo("Europe/London"))
    assert asked.key == WINDOW


@pytest.mark.parametrize("zone", [None, "Mars/Phobos", "../../etc/passwd", ""])
def test_a_window_without_a_known_time_zone_is_in_utc(zone: str | None) -> None:
    window = planned_window(MaintenanceKey(WINDOW, "eu-west-1"), zone)
    found = plan(outlook=Outlook(windows=(window,)))
    assert found.windows[0].in_words == "Tuesday 16 June 2026, 08:00 to 10:00 UTC"
    assert found.windows[0].told_count is None
    assert commands(found)["apply"][-2:] == ["--time-zone", "UTC"]


def test_an_example_is_said_to_be_one() -> None:
    """On a Tuesday, Wednesday or Thursday, and long enough."""
    found = plan()
    assert found.is_example
    assert commands(found)["print"][4] == "Tuesday 9 June 2026"
    assert commands(found)["print"][6] == "0900-1100"


def test_a_planned_window_that_is_too_short_is_said() -> None:
    """People were told of it; it is the one to mind."""
    window = planned_window(MaintenanceKey("2026-06-16T08:00Z/2026-06-16T08:45Z", "eu-west-1"), "Europe/London")
    found = plan(outlook=Outlook(windows=(window,)))
    assert found.when == "Tuesday 16 June 2026, 0900-0945"
    assert found.warnings == (
        "it lies after the apply-by date of redis-2, 4 June 2026",
        "it has 45 min, and all takes about 1 h: apply leaves the rest alone",
    )


@pytest.mark.parametrize(
    ("query", "warning"),
    [
        ("date=2026-05-31", "it is over"),
        ("date=2026-06-05", "it lies after the apply-by date of redis-2, 4 June 2026"),
        ("hours=0900-0930", "it has 30 min, and all takes about 1 h: apply leaves the rest alone"),
        ("date=2026-06-04&hours=0900-1000", None),
    ],
)
def test_a_window_to_try_is_compared_with_the_plan(query: str, warning: str | None) -> None:
    assert plan(query=query).warnings == (() if warning is None else (warning,))


def test_the_notifier_takes_the_commands(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Word for word, on the platform that the page is about; only what would ask a question gets another flag."""
    monkeypatch.chdir(tmp_path)
    here = Here(monkeypatch, capsys, tmp_path)
    here.set({**sandbox.environment, "LEDGER_URL": f"sqlite:///{tmp_path}/ledger/ledger.sqlite"})
    org = next(iter(sandbox.world.truth.organizations.values())).name
    day = (datetime.now(UTC) + timedelta(days=40)).date().isoformat()
    found = commands(plan(region_name="eu-west-1", query=f"severity=critical&org={org}&date={day}&hours=0900-1700"))
    for name in ("print", "preview", "schedule", "checklist"):
        assert here.run(*found[name]).status == 0, name
    assert here.run(*found["email"], "--dry-run").status in (0, 1)
    assert "has not begun: it begins in" in here.run(*found["apply --dry-run"]).err
    assert "has not begun: it begins in" in here.run(*found["apply"], "--yes").err

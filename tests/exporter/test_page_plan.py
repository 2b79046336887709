"""What the page says of a window: how much it could take, how long, by when, and with which commands."""

import random
import shlex
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from exporter.ledger_status import LedgerStatus
from exporter.page.choice import Choice
from exporter.page.commands import stop_line
from exporter.page.duration import DEFAULT_MAX_IN_FLIGHT, in_words
from exporter.page.facts import facts_of
from exporter.page.plan import RegionPlan, region_plan
from exporter.page.query import view_of
from exporter.page.view import View
from exporter.page.windows import flags_of
from exporter.region_status import RegionStatus
from fleet.inventory import ReplicationGroup
from ledger.maintenance_key import MaintenanceKey
from ledger.outlook import Outlook, planned_window
from ledger.update_record import UpdateState
from ledger.who_was_told import Notice, Told
from notifier.apply.options import ApplyOptions
from notifier.apply.plan import LedgerFacts, apply_plan
from notifier.window import window_of_key
from sandbox.names import HOSTILE_NAMES
from sandbox.server import Sandbox
from tests.builders import TAKEN_AT, action, deferral, service_instance, service_update, survey
from tests.exporter.page_plans import (
    EXPORTER,
    FOUR,
    FOUR_WAIT,
    INSTANCES,
    ONE,
    REGION,
    THREE,
    TWO,
    WINDOW,
    commands,
    plan,
    planned_commands,
)
from tests.notifier_here import Here


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


def test_the_next_date_counts_and_no_major_versions() -> None:
    found = plan()
    assert found.deadline
    assert (found.deadline.update.name, found.deadline.time_left) == ("redis-2", timedelta(days=3))
    assert plan(outlook=Outlook((deferral(THREE.guid),))).deadline == plan(query="update=redis-1").deadline


def test_what_is_overdue_hides_no_later_date() -> None:
    """Both are said: what is too late, and what can still be kept."""
    late = service_update("redis-0", severity="low", recommended_apply_by=TAKEN_AT - timedelta(days=17))
    taken = replace(
        FOUR_WAIT,
        service_updates=(late, *FOUR_WAIT.service_updates),
        update_actions=(action("redis-0", ONE.replication_group_id), *FOUR_WAIT.update_actions),
    )
    found = plan(taken, query="date=2026-06-20")
    assert [row.update.name for row in found.overdue] == ["redis-0"]
    assert found.deadline
    assert found.deadline.update.name == "redis-2"
    assert found.warnings == (
        "it ends after the apply-by date of redis-2, 4 June 2026",
        "it ends after the apply-by date of redis-1, 15 June 2026",
    )
    only_late = plan(taken, query="update=redis-0")
    assert (only_late.deadline, len(only_late.overdue)) == (None, 1)


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


def test_the_commands_carry_the_filters_that_the_notifier_has() -> None:
    second = replace(TWO, org_name="b c", org_guid="b-c-guid")
    taken = replace(FOUR_WAIT, service_instances=(ONE, second, THREE, FOUR))
    query = "severity=important&severity=low&org=org&org=b%20c&org=gone&date=2026-06-16&hours=10:00-12:30"
    found = commands(plan(taken, query=query))
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
    """
    Quotes, backslashes and dollars in orgs and regions run nothing when they are pasted.

    What a terminal would obey, or what cannot be seen, is in no command: guids and codes are.
    """
    named = replace(ONE, org_name=name)
    taken = replace(FOUR_WAIT, service_instances=(named, *INSTANCES[1:]))
    status = RegionStatus(name or "x", "eu-west-1", survey=taken, surveys_count=1, last_duration_seconds=0.1)
    facts = facts_of([status], EXPORTER, TAKEN_AT, None)
    view = replace(view_of("", facts.known_words), orgs=(name,))
    words = commands(region_plan(Choice(view, facts), facts.regions[0]))["print"]
    if name.isprintable():
        assert words[1:3] == ["--region", name]
        assert words[-2:] == ["--only-org", name]
    else:
        assert words[1:3] == ["--aws-region", "eu-west-1"]
        assert words[-2:] == ["--only-org", "org-guid"]


@pytest.mark.parametrize("text", ["\x15echo\n", "\x1b[201~", "\x7f", "\u202e", "\u2028", "\u200b", "\x9b2J"])
@pytest.mark.parametrize("query", ["", "org={}", "org={}&org=org", "update={}", "update={}&update=redis-1"])
def test_no_command_has_a_character_that_a_terminal_obeys(text: str, query: str) -> None:
    """Whether the link brings it, an org has it as its name and guid, or an update, or the region."""
    hostile = replace(TWO, org_name=text, org_guid=text)
    taken = replace(
        FOUR_WAIT,
        service_instances=(ONE, hostile, THREE, FOUR),
        service_updates=(service_update(text), *FOUR_WAIT.service_updates),
        update_actions=(action(text, ONE.replication_group_id), *FOUR_WAIT.update_actions),
    )
    window = planned_window(MaintenanceKey(WINDOW, "eu-west-1"), "Europe/London")
    orgs = tuple(value.replace("{}", text) for name, _, value in _pairs(query) if name == "org")
    updates = tuple(value.replace("{}", text) for name, _, value in _pairs(query) if name == "update")
    for one in (taken, FOUR_WAIT):
        status = RegionStatus(text, "eu-west-1", survey=one, surveys_count=1, last_duration_seconds=0.1)
        facts = facts_of([status], EXPORTER, TAKEN_AT, LedgerStatus(Outlook(windows=(window,)), read_at=TAKEN_AT))
        view = View(orgs=orgs, updates=updates)
        found = region_plan(Choice(view, facts), facts.regions[0])
        assert all(line.text.isprintable() for line in (*found.commands, *found.planned_commands))
        assert bool(found.commands) is not bool(found.no_commands)
        assert found.planned_commands


def _pairs(query: str) -> list[tuple[str, str, str]]:
    return [pair.partition("=") for pair in query.split("&")]


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("update=elasticache-gone", "they choose no update that a window takes here"),
        ("update=REDIS-1", "they choose no update that a window takes here"),
        ("update=redis-1&severity=critical", "they choose no update that a window takes here"),
        ("update=redis-1&type=engine-update", "they choose no update that a window takes here"),
        ("type=engine-major-version-update&severity=critical", "they choose no update that a window takes here"),
        ("severity=critical", "they choose no update that a window takes here"),
        ("update=redis-2&text=cache-1", "they choose no instance here"),
        ("org=gone", "they choose no instance here"),
        ("org=org&text=zzz", "they choose no instance here"),
        ("ha=yes", "they choose no instance here"),
    ],
)
@pytest.mark.parametrize("outlook", [None, Outlook(windows=(planned_window(MaintenanceKey(WINDOW, "eu-west-1")),))])
def test_filters_that_choose_nothing_give_no_command(query: str, why: str, outlook: Outlook | None) -> None:
    """A command without the filter would be about the whole region; what concerns only the window is there all the same."""
    found = plan(query=query, outlook=outlook)
    assert (found.commands, found.no_commands) == ((), why)
    assert bool(found.planned_commands) is bool(outlook)


def test_an_update_that_only_another_region_has_gives_no_command() -> None:
    """And an org that only another region has is no option here."""
    other = replace(
        FOUR_WAIT,
        aws_region="eu-west-2",
        service_updates=(service_update("redis-9"),),
        update_actions=(action("redis-9", ONE.replication_group_id),),
        service_instances=(replace(ONE, org_name="elsewhere", org_guid="elsewhere-guid"),),
    )
    statuses = [
        RegionStatus(one.aws_region, one.aws_region, survey=one, surveys_count=1, last_duration_seconds=0.1)
        for one in (FOUR_WAIT, other)
    ]
    facts = facts_of(statuses, EXPORTER, TAKEN_AT, None)

    def plans(query: str) -> list[RegionPlan]:
        choice = Choice(view_of(query, facts.known_words), facts)
        return [region_plan(choice, region) for region in choice.regions]

    here, there = plans("update=redis-9")
    assert here.no_commands
    assert commands(there)["email"][-2:] == ["--only-update", "redis-9"]
    for found, org in zip(plans("org=org&org=elsewhere"), ("org", "elsewhere"), strict=True):
        words = commands(found)["email"]
        assert [words[n + 1] for n, word in enumerate(words) if word == "--only-org"] == [org]


def test_where_nothing_is_to_be_done_there_is_no_command() -> None:
    """Neither for people nor for programs."""
    found = plan(replace(FOUR_WAIT, update_actions=()))
    assert (found.commands, found.no_commands, found.planned_commands) == ((), "", ())


def test_a_planned_window_can_be_followed_left_and_called_off() -> None:
    """Also where somebody asks for it by its day and hours; what runs can be stopped."""
    window = planned_window(MaintenanceKey(WINDOW, "eu-west-1"), "Europe/London")
    outlook = Outlook(windows=(window,))
    for query in ("", "date=2026-06-16&hours=0900-1100"):
        found = plan(outlook=outlook, query=query)
        assert found.chosen.is_planned
        assert list(planned_commands(found)) == ["status", "defer add", "cancel"]
        assert planned_commands(found)["cancel"][3:] == commands(found)["schedule"][3:]
        assert commands(found)["apply"][-2:] == ["--time-zone", "Europe/London"]
    assert plan(outlook=outlook, query="date=2026-06-17&hours=0900-1100").planned_commands == ()
    assert plan().planned_commands == ()
    open_now = planned_window(MaintenanceKey("2026-06-01T11:00Z/2026-06-01T13:00Z", "eu-west-1"), "Europe/London")
    found = plan(outlook=Outlook(windows=(open_now, window)), query="date=2026-06-16&hours=0900-1100")
    assert list(planned_commands(found)) == ["status", "defer add", "cancel", "apply --stop"]
    assert planned_commands(found)["apply --stop"][4:8] == [
        *("--maintenance-window-date", "Monday 1 June 2026"),
        *("--maintenance-window-time-range", "1200-1400"),
    ]


def test_what_a_window_that_is_over_has_under_way_can_be_stopped() -> None:
    """With that window's flags, as long as AWS has something under way and the ledger knows it begun."""
    over = planned_window(MaintenanceKey("2026-05-31T08:00Z/2026-05-31T10:00Z", "eu-west-1"), "Europe/London")
    running = replace(FOUR_WAIT, update_actions=(action("redis-1", ONE.replication_group_id, "in-progress"),))
    for updates, taken, is_offered in (
        ({UpdateState.STARTED: 1}, running, True),
        ({UpdateState.STARTING: 1}, running, True),
        ({UpdateState.COMPLETE: 1}, running, False),
        (None, running, False),
        ({UpdateState.STARTED: 1}, FOUR_WAIT, False),
    ):
        found = planned_commands(plan(taken, Outlook(windows=(replace(over, updates=updates),))))
        assert list(found) == (["apply --stop"] if is_offered else [])
        assert not is_offered or "Sunday 31 May 2026" in found["apply --stop"]


def test_the_notifier_takes_the_commands(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Word for word, on the platform that the page is about; only what would ask a question gets another flag."""
    monkeypatch.chdir(tmp_path)
    here = Here(monkeypatch, capsys, tmp_path)
    here.set({**sandbox.environment, "LEDGER_URL": f"sqlite:///{tmp_path}/ledger/ledger.sqlite"})
    org = next(iter(sandbox.world.truth.organizations.values())).name
    start = (datetime.now(UTC) + timedelta(days=40)).replace(hour=9, minute=0, second=0, microsecond=0)
    key = f"{start:%Y-%m-%dT%H:%MZ}/{start + timedelta(hours=8):%Y-%m-%dT%H:%MZ}"
    window = planned_window(MaintenanceKey(key, "eu-west-1"), "UTC")
    taken = replace(
        FOUR_WAIT,
        service_updates=(*FOUR_WAIT.service_updates, service_update("redis-8", severity="critical")),
        update_actions=(action("redis-8", ONE.replication_group_id), *FOUR_WAIT.update_actions),
        service_instances=(replace(ONE, org_name=org), *INSTANCES[1:]),
    )
    planned = plan(taken, Outlook(windows=(window,)), f"severity=critical&org={org}", "eu-west-1")
    found = commands(planned)
    for name in ("print", "preview", "schedule", "checklist"):
        assert here.run(*found[name]).status == 0, name
    assert here.run(*found["email"], "--dry-run").status in (0, 1)
    assert "has not begun: it begins in" in here.run(*found["apply --dry-run"]).err
    assert "has not begun: it begins in" in here.run(*found["apply"], "--yes").err
    about_it = {**planned_commands(planned), "apply --stop": shlex.split(stop_line(REGION, flags_of(window)).text)[1:]}
    followed = [
        here.run(*about_it["status"]),
        here.run(*about_it["defer add"]),
        here.run(*about_it["cancel"], "--dry-run"),
        here.run(*about_it["apply --stop"], "--yes"),
    ]
    assert [ended.status for ended in followed] == [1, 2, 0, 0], followed
    assert "No mail is recorded for Ireland" in followed[0].out
    assert "ORG/SPACE/NAME" in followed[1].err

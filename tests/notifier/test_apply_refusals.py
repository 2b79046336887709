"""When `apply` does nothing and says why: each guard, word for word, with exit status 2 and no call that changes AWS."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from ledger.ledger import Ledger
from ledger.maintenance_key import MaintenanceKey
from sandbox.generate.updates import Backlog
from sandbox.server import Options, Sandbox
from tests.notifier_here import Here
from tests.notifier_program import WINDOW, WINDOW_DATE

NOW = ("--outside-window", "a test", "--poll-interval", "1")
RUN = ("apply", "--yes", "--format", "json", *WINDOW, *NOW)
KEY = MaintenanceKey(f"{WINDOW_DATE}T09:00Z/{WINDOW_DATE}T11:00Z", "eu-west-1")
LATER = WINDOW_DATE + timedelta(days=1)
YESTERDAY = ("--maintenance-window-date", f"{datetime.now(UTC).date() - timedelta(days=1)}")
UTC_TIMES = ("--time-zone", "UTC")


@pytest.fixture
def platform() -> Iterator[Sandbox]:
    with Sandbox(Options(instances=30, update_seconds=0.2, backlog=Backlog(share=1, each=1))) as running:
        yield running
        assert not running.applying.attempts


@pytest.fixture
def ready(here: Here, platform: Sandbox, sqlite_url: str) -> Here:
    here.set({**platform.environment, "LEDGER_URL": sqlite_url, "TIME_ZONE": "UTC"})
    return here


@pytest.fixture
def told(ready: Here) -> Here:
    ready.email()
    return ready


def test_a_window_that_has_not_begun(told: Here) -> None:
    ended = told.run("apply", "--yes", *WINDOW)
    assert ended.status == 2
    assert re.search(r"has not begun: it begins in (39|40) d", ended.err)  # by the time of day
    assert ended.err.rstrip().endswith("; wait, or give --outside-window REASON")


def test_a_window_that_is_over(told: Here) -> None:
    ended = told.run("apply", "--yes", *WINDOW, *YESTERDAY)
    assert ended.status == 2
    assert " is over since 11:00 on " in ended.err
    assert ended.err.rstrip().endswith("; give --outside-window REASON, or choose another")


def test_a_window_of_which_only_an_apply_knows_is_one_of_which_nobody_was_told(ready: Here, sqlite_url: str) -> None:
    """That it was applied, with --include-untold, told nobody."""
    with Ledger(sqlite_url) as ledger:
        ledger.record_window(KEY, "UTC", "apply", "ada")
    ended = ready.run(*RUN)
    assert (ended.status, "nobody has been told of the window on " in ended.err) == (2, True)


def test_one_that_is_on_the_status_page_is_known(ready: Here) -> None:
    """Its tenants are named as not told, each."""
    ready.run("schedule", *WINDOW)
    ended = ready.run(*RUN, "--dry-run")
    assert ended.status == 0, ended.err
    assert {group["reason"] for group in ended.document["groups"]} >= {"not_told"}
    assert "planned" not in ended.document["summary"]


def test_a_window_that_was_moved(told: Here, sqlite_url: str) -> None:
    with Ledger(sqlite_url) as ledger:
        ledger.record_moved(KEY, MaintenanceKey(f"{LATER}T09:00Z/{LATER}T11:00Z", "eu-west-1"))
    for arguments in (RUN, (*RUN, "--dry-run"), ("apply", "--stop", "--yes", *WINDOW)):
        ended = told.run(*arguments)
        assert (ended.status, f"was moved: it takes place on {LATER:%A}" in ended.err) == (2, True)


def test_a_window_that_was_cancelled(told: Here, sqlite_url: str) -> None:
    with Ledger(sqlite_url) as ledger:
        assert ledger.record_cancelled(KEY)
    ended = told.run(*RUN)
    assert (ended.status, "was cancelled; choose another one" in ended.err) == (2, True)


@pytest.mark.parametrize("name", ["redis-nonexistent", "REDIS", ""])
def test_an_update_that_there_is_not(told: Here, name: str) -> None:
    ended = told.run(*RUN, "--only-update", name)
    assert (ended.status, f"--only-update '{name}'" in ended.err) == (2, True)


@pytest.mark.parametrize(
    ("flag", "value"),
    [("--only-instance", "nobody's"), ("--group", "cf-nobodys"), ("--only-org", "none"), ("--exclude-org", "none")],
)
def test_names_that_nothing_has(told: Here, flag: str, value: str) -> None:
    ended = told.run(*RUN, flag, value)
    assert (ended.status, f"{flag} '{value}'" in ended.err) == (2, True)


def test_a_group_that_an_instance_claims_is_named_by_its_instance(told: Here, platform: Sandbox) -> None:
    instance = next(i for i in platform.world.truth.service_instances.values() if i.plan_guid is not None)
    ended = told.run(*RUN, "--group", instance.replication_group_id)
    assert (ended.status, "name it with --only-instance" in ended.err) == (2, True)


def test_an_instance_for_which_only_a_major_version_waits_is_not_named_by_mistake(told: Here) -> None:
    """It is left alone where it was not named, and that is no failure."""
    dry = told.run(*RUN, "--dry-run")
    found = [group for group in dry.document["groups"] if group["reason"] == "major_version" and group["instance"]]
    assert found, "the platform has none"
    guid, update = found[0]["instance"]["guid"], found[0]["update"]
    ended = told.run(*RUN, "--only-instance", guid)
    assert ended.status == 2
    assert (
        f"update {update} is a major version (engine-major-version-update): name it with --only-update to apply it"
        in ended.err
    )
    named = told.run(*RUN, "--dry-run", "--only-instance", guid, "--only-update", update)
    assert named.status == 0
    assert [group["update"] for group in named.document["groups"]] == [update]


@pytest.mark.parametrize(
    "flags",
    [
        ("--canaries", "2"),
        ("--max-in-flight", "3"),
        ("--max-failures", "1"),
        ("--severity", "low"),
        ("--status-page",),
    ],
)
def test_a_stop_starts_nothing_and_refuses_what_is_about_starting(told: Here, flags: tuple[str, ...]) -> None:
    ended = told.run("apply", "--stop", "--yes", *WINDOW, *flags)
    assert ended.status == 2
    assert f"{flags[0]}: it would change nothing with --stop, which starts nothing; leave it out" in ended.err


def test_a_stop_where_nothing_is_under_way_is_done(told: Here) -> None:
    ended = told.run("apply", "--stop", "--yes", "--format", "json", *WINDOW)
    assert (ended.status, ended.document["groups"], "Nothing is under way." in ended.err) == (0, [], True)


def test_a_stop_of_a_group_that_nobody_has_is_refused(told: Here) -> None:
    """Rather than to say that nothing is under way."""
    ended = told.run("apply", "--stop", "--yes", "--group", "typo", *WINDOW)
    assert (ended.status, "--group 'typo': AWS has no such replication group" in ended.err) == (2, True)


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--canaries", "-1"),
        ("--max-in-flight", "0"),
        ("--max-failures", "-1"),
        ("--poll-interval", "0.5"),
        ("--poll-interval", "nan"),
        ("--poll-interval", "inf"),
        ("--outside-window", " "),
        ("--include-untold", ""),
    ],
)
def test_values_that_mean_nothing(told: Here, flag: str, value: str) -> None:
    """A reason that nobody gave is none."""
    ended = told.run(*RUN, flag, value)
    assert (ended.status, flag in ended.err) == (2, True), ended.err


def test_aws_and_cloud_foundry_that_do_not_belong_together(told: Here) -> None:
    with Sandbox(Options(instances=30, seed=99)) as other:
        told.set({name: other.environment[name] for name in ("CF_API_ADDRESS", "CF_CLIENT_ID", "CF_CLIENT_SECRET")})
        ended = told.run(*RUN)
    assert (ended.status, "do not seem to belong together" in ended.err) == (2, True), ended.err

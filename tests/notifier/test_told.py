"""`told` as operators run it, and what `print`, `status`, `email`, `cancel` and `apply` make of it."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ledger.ledger import Ledger
from ledger.maintenance_key import MaintenanceKey
from ledger.who_was_told import Told
from notifier.apply.facts import recorded_as_told
from sandbox.server import Sandbox
from sandbox.truth import Truth
from tests.notifier_here import Here
from tests.notifier_program import WINDOW, WINDOW_DATE, Ended, crowded

HOW = ("--how", "by telephone")
LATER = (
    *("--region", "Ireland"),
    *("--maintenance-window-date", (WINDOW_DATE + timedelta(days=2)).isoformat()),
    *("--maintenance-window-time-range", "1000-1200"),
)
REPLACES = ("--replaces-window-date", WINDOW_DATE.isoformat(), "--replaces-window-time-range", "0900-1100")


@pytest.fixture
def ready(here: Here, sandbox: Sandbox) -> Here:
    """Three orgs; nobody manages the third."""
    sandbox.world.change(crowded(2, 3))
    here.set({**sandbox.environment, "OPERATOR": "ada"})
    return here


def instances_of(sandbox: Sandbox, org: int) -> set[str]:
    return {i.guid for i in sandbox.world.truth.service_instances.values() if i.space_guid == f"space-{org}"}


def told(here: Here, *arguments: str) -> dict[str, Any]:
    ended = here.run("told", *arguments, *HOW, *WINDOW, "--format", "json")
    assert ended.status == 0, ended.err
    return ended.document


def exported(here: Here, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = here.run("ledger", "export").document[table]
    return rows


def bounce(sqlite_url: str, org: int) -> None:
    with Ledger(sqlite_url) as ledger:
        for record in ledger.records():
            if record.key.org_guid == f"org-{org}":
                ledger.record_delivery(record.key, record.notification_id or "", "permanent-failure")


def as_told(sqlite_url: str) -> Told:
    with Ledger(sqlite_url) as ledger:
        [window] = ledger.windows("eu-west-1")
        return recorded_as_told(ledger, MaintenanceKey(window.key.window_key, "eu-west-1"))


@pytest.mark.parametrize("by", ["org-0002", "org-2"])
def test_an_org_is_told_by_name_or_guid_and_the_window_becomes_known(ready: Here, sandbox: Sandbox, by: str) -> None:
    """About all its affected instances, though nobody got a mail."""
    document = told(ready, by, "org-2")
    [telling] = document["told"]
    assert telling.pop("at")
    expected = {
        "id": 1,
        "org_guid": "org-2",
        "org_name": "org-0002",
        "instance_guids": sorted(instances_of(sandbox, 2)),
        "how": "by telephone",
        "by": "ada",
    }
    assert telling == expected
    assert document["window"]["starts_at"].startswith(WINDOW_DATE.isoformat())
    [row] = exported(ready, "told")
    assert {key: row[key] for key in ("org_guid", "instance_guids", "how", "by", "aws_region")} == {
        **{key: expected[key] for key in ("org_guid", "instance_guids", "how", "by")},
        "aws_region": "eu-west-1",
    }
    [window] = exported(ready, "windows")
    assert (window["state"], window["command"], window["operator"]) == ("known", "told", "ada")
    assert ready.run("ledger", "check").status == 0
    assert len(sandbox.notify.mails) == 0


def test_told_twice_is_recorded_twice_and_said(ready: Here, sandbox: Sandbox) -> None:
    told(ready, "org-0002")
    again = ready.run("told", "org-0002", "--how", "chat", *WINDOW)
    assert (again.status, [row["how"] for row in exported(ready, "told")]) == (0, ["by telephone", "chat"])
    assert "warning: org org-0002: told before: by telephone (ada, " in again.err
    count = len(instances_of(sandbox, 2))
    assert again.out.splitlines()[1] == f"told 2: org org-0002, about {count} instances: chat (ada)"


def test_an_org_that_has_a_mail_and_a_deferral_is_warned_of_and_recorded(ready: Here, sandbox: Sandbox) -> None:
    ready.email("--only-org", "org-0000")
    one = min(instances_of(sandbox, 0))
    ready.run("defer", "add", one, "--until", "2999-01-01", "--reason", "an election", "--region", "Ireland")
    warnings = told(ready, "org-0000")["warnings"]
    assert warnings[0] == "org org-0000: 1 person has a mail about this window"
    assert "is deferred: until 1 January 2999: an election (ada); it counts as told" in warnings[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nobodys", *HOW, *WINDOW), "ORG 'nobodys': no org with a Redis instance has that name or guid"),
        (("org-0002", "nobodys", *HOW, *WINDOW), "ORG 'nobodys': no org with a Redis instance"),
        (("org-0002", *WINDOW), "Missing option '--how'"),
        (("org-0002", "--how", " ", *WINDOW), "'--how': it is empty"),
        ((*HOW, *WINDOW), "Missing argument"),
        (("org-0002", *HOW, "--region", "Ireland"), "--maintenance-window-date is not set"),
        (
            (
                *("org-0002", *HOW, "--region", "Ireland", "--maintenance-window-date", "2020-06-16"),
                *("--maintenance-window-time-range", "0900-1100"),
            ),
            "(BST) is over since 11:00 on 16 June 2020; choose another one",
        ),
        (("org-0002", *HOW, *WINDOW, "--only-update", "x"), "--only-update 'x': not an available update"),
    ],
)
def test_what_cannot_be_meant_is_refused(ready: Here, arguments: tuple[str, ...], said: str) -> None:
    """And nothing is recorded, also of the names before the wrong one."""
    ended = ready.run("told", *arguments)
    assert (ended.status, said in ended.err) == (2, True), ended.err
    assert exported(ready, "told") == exported(ready, "windows") == []


def test_an_org_for_which_no_chosen_update_waits_is_refused(ready: Here) -> None:
    space = ready.run("print", *WINDOW, "--format", "json").document["orgs"][0]["spaces"][0]
    update = space["instances"][0]["updates"][0]
    other = "low" if update["severity"] == "critical" else "critical"
    ended = ready.run("told", "org-0002", *HOW, *WINDOW, "--severity", other, "--only-update", update["name"])
    assert (ended.status, "waits for any of its instances" in ended.err) == (2, True), ended.err


def test_a_window_that_is_called_off_is_refused(ready: Here) -> None:
    ready.email("--only-org", "org-0000")
    ready.run("email", "--yes", *LATER, *REPLACES)
    moved = ready.run("told", "org-0002", *HOW, *WINDOW)
    assert (moved.status, "was moved: it takes place on" in moved.err) == (2, True)
    ready.run("cancel", "--yes", *LATER)
    cancelled = ready.run("told", "org-0002", *HOW, *LATER)
    assert (cancelled.status, "was cancelled" in cancelled.err) == (2, True)
    assert exported(ready, "told") == []


def test_it_works_while_the_window_is_open(ready: Here) -> None:
    """In a time zone in which it is noon, so that the window begins and ends on one day."""
    now = datetime.now(UTC)
    hours_ahead = 12 - now.hour
    local = now + timedelta(hours=hours_ahead)
    zone = f"Etc/GMT{-hours_ahead:+d}"
    ended = ready.run(
        *("told", "org-0002", *HOW, "--region", "Ireland", "--time-zone", zone),
        *("--maintenance-window-date", local.date().isoformat(), "--maintenance-window-time-range", "1100-1400"),
    )
    assert ended.status == 0, ended.err


def nobody_told(document: dict[str, Any]) -> set[str]:
    return {entry["org_name"] for entry in document["nobody_told"]}


def test_email_ends_with_those_whom_nobody_could_tell(ready: Here, sqlite_url: str) -> None:
    """Without those who were told another way; and a mail that bounced is made up for."""
    first = ready.email("--format", "json")
    assert (first.status, nobody_told(first.document), first.document["summary"]["sent"]) == (1, {"org-0002"}, 2)
    told(ready, "org-0002")
    second = ready.email("--format", "json")
    assert (second.status, second.document["nobody_told"], second.document["summary"]["nobody_told"]) == (0, [], 0)
    assert [way["org_name"] for way in second.document["told_another_way"]] == ["org-0002"]
    text = ready.email()
    assert "Told another way:\n  org org-0002: by telephone (ada, " in text.out
    assert "Nobody could be told" not in text.out + text.err

    bounce(sqlite_url, 1)
    third = ready.email("--format", "json")
    assert (third.status, third.document["summary"]["failed_for_good"]) == (1, 1)
    status = ready.run("status", *WINDOW)
    assert (status.status, "To be told another way:" in status.out) == (1, True)
    told(ready, "org-0001")
    assert ready.email().status == 0
    status = ready.run("status", *WINDOW, "--format", "json")
    assert {way["org_guid"] for way in status.document["told_another_way"]} == {"org-1", "org-2"}


def test_print_shows_who_was_told_another_way_in_every_format(ready: Here, sandbox: Sandbox) -> None:
    told(ready, "org-0002")
    document = ready.run("print", *WINDOW, "--format", "json").document
    [way] = document["told_another_way"]
    assert (way["org_name"], way["how"], way["by"]) == ("org-0002", "by telephone", "ada")
    assert (document["window_state"], document["nobody_told"]) == ("known", [])
    told_at = {i["guid"] for o in document["orgs"] for s in o["spaces"] for i in s["instances"] if i["told_at"]}
    assert told_at == instances_of(sandbox, 2)
    for shown in ("table", "markdown"):
        out = ready.run("print", *WINDOW, "--format", shown).out
        assert "Told another way: by telephone (ada, " in out
        assert "(known)" in out
    rows = list(csv.DictReader(io.StringIO(ready.run("print", *WINDOW, "--format", "csv").out)))
    assert {row["instance_guid"] for row in rows if row["told_another_way"] == "by telephone"} == told_at
    assert {row["window_state"] for row in rows} == {"known"}


def test_what_came_after_the_telling_is_not_told(ready: Here, sandbox: Sandbox) -> None:
    """An instance that joins the org later: nobody could tell of it, and apply leaves it alone."""
    told(ready, "org-0002")
    moved = min(instances_of(sandbox, 0))
    sandbox.world.change(lambda truth: _moved(truth, moved, "space-2"))
    assert nobody_told(ready.email("--format", "json").document) == {"org-0002"}
    document = ready.run("print", *WINDOW, "--format", "json").document
    by_guid = {i["guid"]: i for o in document["orgs"] for s in o["spaces"] for i in s["instances"]}
    assert by_guid[moved]["told_at"] is None
    count = len(instances_of(sandbox, 2))
    assert f", about {count - 1} of {count} instances" in ready.run("print", *WINDOW).out


def _moved(truth: Truth, guid: str, space_guid: str) -> Truth:
    instance = replace(truth.service_instances[guid], space_guid=space_guid)
    return replace(truth, service_instances={**truth.service_instances, guid: instance})


def test_print_status_email_and_apply_agree_on_who_was_told(ready: Here, sqlite_url: str) -> None:
    """By mail, by a mail that bounced, and another way."""
    ready.email()
    bounce(sqlite_url, 1)
    told(ready, "org-0002")
    document = ready.run("print", *WINDOW, "--format", "json").document
    shown = {
        org["guid"]
        for org in document["orgs"]
        for s in org["spaces"]
        for i in s["instances"]
        if i["told_at"] is not None
    }
    assert shown == {"org-0", "org-2"}
    assert {guid for guid in ("org-0", "org-1", "org-2") if as_told(sqlite_url).has_org(guid)} == shown
    assert {mail["org_guid"] for mail in ready.email("--format", "json").document["failed_for_good"]} == {"org-1"}
    assert "person.1@example.org, org org-0001" in ready.run("status", *WINDOW).out.partition("another way:")[2]
    assert "(not told: the mail failed for good)" in ready.run("print", *WINDOW).out


def test_cancel_names_whom_only_you_can_tell(ready: Here) -> None:
    told(ready, "org-0002")
    ended = ready.run("cancel", "--yes", *WINDOW)
    assert ended.status == 0, ended.err
    assert "tell them yourself that it will not take place:\n  org org-2: by telephone (ada, " in ended.out


def test_who_was_told_another_way_of_a_window_that_moves_reads_of_both(ready: Here, sandbox: Sandbox) -> None:
    """The org has got a manager since."""
    told(ready, "org-0002")
    sandbox.world.change(crowded(3, 3))
    moved = ready.run("email", "--yes", *LATER, *REPLACES, "--format", "json")
    assert moved.status == 0, moved.err
    kinds = {mail["org_guid"]: mail["kind"] for mail in moved.document["to_send"]}
    assert kinds == {"org-0": "announcement", "org-1": "announcement", "org-2": "moved"}
    assert ready.run("email", "--yes", *LATER).status == 0
    assert len(sandbox.notify.mails) == 3


def test_hostile_words_are_safe_in_every_output(ready: Here) -> None:
    """Formulas, control characters, markup, and bytes that are no text."""
    hostile = "=1+1\x1b[31m\r\n| <b>*x*</b> \u202e \udcff"
    assert ready.run("told", "org-0002", "--how", hostile, *WINDOW).status == 0
    outs: list[Ended] = [
        ready.run("print", *WINDOW, "--format", shown) for shown in ("table", "markdown", "csv", "json")
    ]
    outs += [ready.email("--dry-run"), ready.run("ledger", "export"), ready.run("told", "org-0002", *HOW, *WINDOW)]
    for ended in outs:
        assert not {"\x1b", "\u202e", "\r"} & set(ended.out + ended.err)
    markdown, sheet = outs[1].out, outs[2].out
    assert "<b>" not in markdown
    assert "*x*" not in markdown
    cells = [row["told_another_way"] for row in csv.DictReader(io.StringIO(sheet)) if row["told_another_way"]]
    assert cells
    assert all(cell.startswith("'=") for cell in cells)
    assert ready.run("ledger", "check").status == 0

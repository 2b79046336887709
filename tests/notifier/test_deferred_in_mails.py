"""Deferred instances: in no mail, in no correction, and shown by `print`; what `apply` makes of it agrees."""

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.server import Sandbox
from sandbox.truth import ServiceInstance
from tests.notifier_here import Here
from tests.notifier_program import WINDOW, WINDOW_DATE, Ended, crowded

REGION = ("--region", "Ireland")
WHY = ("--reason", "an election", "--ticket", "T-1")
LATER = (
    *REGION,
    *("--maintenance-window-date", (WINDOW_DATE + timedelta(days=2)).isoformat()),
    *("--maintenance-window-time-range", "1000-1200"),
)
REPLACES = ("--replaces-window-date", WINDOW_DATE.isoformat(), "--replaces-window-time-range", "0900-1100")
FAR = ("--until", "2999-01-01", *REGION)
DRY = ("email", "--dry-run", *WINDOW, "--format", "json")


@pytest.fixture
def ready(here: Here, sandbox: Sandbox) -> Here:
    """Three orgs with a manager each."""
    sandbox.world.change(crowded(3, 3))
    here.set({**sandbox.environment, "OPERATOR": "ada"})
    return here


def instances_of(sandbox: Sandbox, org: int) -> list[ServiceInstance]:
    found = [i for i in sandbox.world.truth.service_instances.values() if i.space_guid == f"space-{org}"]
    return sorted(found, key=lambda instance: instance.guid)


def defer(here: Here, *arguments: str) -> None:
    ended = here.run("defer", "add", *arguments, *WHY)
    assert ended.status == 0, ended.err


def names_in(sandbox: Sandbox, org: int) -> list[set[str]]:
    """Of the org's instances, those that each of its manager's mails names by guid."""
    guids = {instance.guid for instance in instances_of(sandbox, org)}
    mails = [m for m in sandbox.notify.mails if m.email_address == f"person.{org}@example.org"]
    return [{guid for guid in guids if guid in str(mail.personalisation["contents"])} for mail in mails]


def recorded(here: Here, org: int) -> list[list[str]]:
    mails = here.run("ledger", "export").document["mails"]
    return [mail["instance_guids"] for mail in mails if mail["org_guid"] == f"org-{org}"]


def planned(here: Here, *arguments: str) -> dict[str, Any]:
    document: dict[str, Any] = here.run(*DRY, *arguments).document
    return document


def shown(here: Here, *arguments: str) -> dict[str, dict[str, Any]]:
    document = here.run("print", *arguments, "--format", "json").document
    return {i["guid"]: i for org in document["orgs"] for space in org["spaces"] for i in space["instances"]}


def test_a_deferred_instance_is_in_no_mail(ready: Here, sandbox: Sandbox) -> None:
    first, *rest = instances_of(sandbox, 0)
    defer(ready, first.guid, *FAR)
    ended = ready.email("--format", "json")
    assert ended.status == 0, ended.err
    assert (
        f"Deferred, and in no mail: 1 instance\n  org-0000/production/{first.name}: until 1 January 2999" in ended.err
    )
    assert recorded(ready, 0) == [sorted(i.guid for i in rest)]
    assert [deferral["guid"] for deferral in ended.document["deferrals"]] == [first.guid]
    assert ended.document["deferred_orgs"] == []
    summary = ended.document["summary"]
    assert (summary["deferred_instances"], summary["deferred_orgs"]) == (1, 0)
    assert first.name not in {line.strip("*- ") for line in mail_to(sandbox, 0).splitlines()}


def mail_to(sandbox: Sandbox, org: int) -> str:
    [mail] = [m for m in sandbox.notify.mails if m.email_address == f"person.{org}@example.org"]
    return str(mail.personalisation["contents"])


@pytest.mark.parametrize("how", ["org", "each"])
def test_an_org_that_is_all_deferred_gets_no_mail_and_is_named(ready: Here, sandbox: Sandbox, how: str) -> None:
    """And nobody has to be told: with nobody who manages it, too."""
    instances = instances_of(sandbox, 0)
    if how == "org":
        defer(ready, "--org", "org-0000", *FAR)
    else:
        defer(ready, *(i.guid for i in instances), *FAR)
    dry = ready.run("email", "--dry-run", *WINDOW)
    assert dry.status == 0
    heading = "No mail, because all their affected instances are deferred (1):\n  org org-0000\n"
    assert heading in dry.out
    assert heading in dry.err
    ended = ready.email("--format", "json")
    assert (ended.status, {m["org_guid"] for m in ended.document["sent"]}) == (0, {"org-1", "org-2"})
    [org] = ended.document["deferred_orgs"]
    assert (org["org_guid"], org["org_name"], len(org["instance_guids"])) == ("org-0", "org-0000", len(instances))
    assert heading in ready.email().out
    sandbox.world.change(crowded(0, 3))
    assert {entry["org_guid"] for entry in planned(ready)["nobody_told"]} == {"org-1", "org-2"}


@pytest.mark.parametrize("whole_org", [False, True])
def test_a_deferral_after_the_mail_is_no_reason_for_a_correction(
    ready: Here, sandbox: Sandbox, *, whole_org: bool
) -> None:
    """Nor is its end: whoever was told, asked to wait and changed their mind knows of the window."""
    ready.email()
    first = instances_of(sandbox, 0)[0]
    defer(ready, *(("--org", "org-0000") if whole_org else (first.guid,)), *FAR)
    for _ in range(2):
        again = ready.email("--send-corrections", "--format", "json")
        assert (again.status, again.document["summary"]["to_send"]) == (0, 0), again.err
        assert again.document["changed"] == again.document["not_affected_any_more"] == []
        ready.run("defer", "remove", "1", *REGION)
    assert len(sandbox.notify.mails) == 3


@pytest.mark.parametrize("whole_org", [False, True])
def test_one_that_is_taken_back_after_the_mail_makes_a_mail_due(
    ready: Here, sandbox: Sandbox, *, whole_org: bool
) -> None:
    """The mail did not name what was deferred then: until it is told of, apply leaves it alone."""
    instances = instances_of(sandbox, 0)
    defer(ready, *(("--org", "org-0000") if whole_org else (instances[0].guid,)), *FAR)
    ready.email()
    ready.run("defer", "remove", "1", *REGION)
    assert shown(ready, *WINDOW)[instances[0].guid]["told_at"] is None
    dry = ready.run("apply", "--dry-run", "--outside-window", "a test", *WINDOW, "--format", "json")
    reasons = {g["instance"]["guid"]: g["reason"] for g in dry.document["groups"] if g["instance"]}
    assert reasons[instances[0].guid] == ("not_told" if whole_org else "not_in_the_mail")
    due = planned(ready)
    if whole_org:
        assert [mail["kind"] for mail in due["to_send"]] == ["announcement"]
    else:
        assert [mail["org_guid"] for mail in due["changed"]] == ["org-0"]
        assert " (told about other instances at " in ready.run("print", *WINDOW).out
    after = ready.email("--send-corrections", "--format", "json")
    assert (after.status, len(after.document["sent"])) == (0, 1)
    assert recorded(ready, 0)[-1] == [i.guid for i in instances]
    assert shown(ready, *WINDOW)[instances[0].guid]["told_at"] is not None


def test_deferrals_cover_the_windows_that_they_are_for(ready: Here, sandbox: Sandbox) -> None:
    """Those that begin before the day, in the region's time, or only the one; not another region's."""
    first, second, third, fourth, *_ = instances_of(sandbox, 0)
    defer(ready, first.guid, "--until", WINDOW_DATE.isoformat(), *REGION)
    defer(ready, second.guid, "--until", (WINDOW_DATE + timedelta(days=1)).isoformat(), *REGION)
    defer(ready, third.guid, "--skip-window", *WINDOW)
    defer(ready, fourth.guid, "--skip-window", *LATER)
    assert {d["guid"] for d in planned(ready)["deferrals"]} == {second.guid, third.guid}
    later = ready.run("email", "--dry-run", *LATER, "--format", "json").document
    assert {d["guid"] for d in later["deferrals"]} == {fourth.guid}
    only_print = {guid for guid, instance in shown(ready, *WINDOW).items() if instance["deferral"]}
    assert only_print == {second.guid, third.guid}


@pytest.mark.parametrize(("zone", "is_covered"), [("Pacific/Auckland", False), ("Pacific/Honolulu", True)])
def test_a_day_begins_where_it_was_said(ready: Here, sandbox: Sandbox, zone: str, *, is_covered: bool) -> None:
    """The window is at 9 in London on that very day: it has begun long before in Auckland, and not yet in Hawaii."""
    first = instances_of(sandbox, 0)[0]
    defer(ready, first.guid, "--until", WINDOW_DATE.isoformat(), *REGION, "--time-zone", zone)
    assert bool(planned(ready)["deferrals"]) is is_covered


def test_of_several_deferrals_the_longest_counts(ready: Here, sandbox: Sandbox) -> None:
    """Also of its org's and its own, and whatever the instance is called meanwhile."""
    first = instances_of(sandbox, 0)[0]
    defer(ready, "--org", "org-0000", *FAR)
    defer(ready, first.guid, "--until", (WINDOW_DATE + timedelta(days=9)).isoformat(), *REGION)
    assert {d["target"] for d in planned(ready)["deferrals"]} == {"org"}
    ready.run("defer", "remove", "--org", "org-0000", *REGION)
    assert [d["guid"] for d in planned(ready)["deferrals"]] == [first.guid]


def test_an_orgs_deferral_covers_what_it_has_now(ready: Here, sandbox: Sandbox) -> None:
    """What moves to another org is no longer covered; a deferral of what is gone, or not affected, is not shown."""
    defer(ready, "--org", "org-0000", *FAR)
    gone, *rest = instances_of(sandbox, 0)
    sandbox.tenants.delete_instance(gone.guid, leave_group=False)
    document = planned(ready)
    assert document["summary"]["deferred_instances"] == len(rest)
    for instance in rest:
        sandbox.tenants.delete_instance(instance.guid, leave_group=False)
    document = planned(ready)
    assert (document["deferrals"], document["deferred_orgs"]) == ([], [])


def test_the_preview_follows(ready: Here, sandbox: Sandbox, tmp_path: Path) -> None:
    first, *rest = instances_of(sandbox, 0)
    defer(ready, first.guid, *FAR)
    defer(ready, "--org", "org-0001", *FAR)
    folder = tmp_path / "mails"
    ended = ready.run("preview", "--to-files", str(folder), *WINDOW)
    assert "wrote 2 mails" in ended.out, ended.err
    ended = ready.run("preview", "--preview-email", "me@example.org", "--org", "org-0000", *WINDOW)
    assert ended.status == 0, ended.err
    contents = str(next(iter(sandbox.notify.mails)).personalisation["contents"])
    ready.email()
    assert contents == mail_to(sandbox, 0)
    assert len(rest) > 0
    refused = ready.run("preview", "--preview-email", "me@example.org", "--org", "org-0001", *WINDOW)
    assert (refused.status, "all its affected instances are deferred" in refused.err) == (2, True)


def test_who_is_deferred_reads_of_no_new_window(ready: Here, sandbox: Sandbox) -> None:
    """A window that moves: an instance that is deferred is not in the mail about the later one."""
    ready.email()
    first, *rest = instances_of(sandbox, 0)
    defer(ready, first.guid, *FAR)
    moved = ready.run("email", "--yes", *LATER, *REPLACES)
    assert moved.status == 0, moved.err
    assert recorded(ready, 0)[-1] == sorted(i.guid for i in rest)


def test_print_shows_deferrals_in_every_format(ready: Here, sandbox: Sandbox) -> None:
    first = instances_of(sandbox, 0)[0]
    defer(ready, first.guid, *FAR)
    defer(ready, "--org", "org-0001", "--skip-window", *WINDOW)
    [listed] = [d for d in deferrals_listed(ready) if d["guid"] == first.guid]
    document = ready.run("print", *WINDOW, "--format", "json").document
    assert listed in document["deferrals"]
    assert len(document["deferrals"]) == 2
    by_guid = shown(ready, *WINDOW)
    assert by_guid[first.guid]["deferral"] == listed
    assert document["summary"]["deferred_orgs"] == 1
    said = f"Deferred: production/{first.name} ({first.replication_group_id}): until 1 January 2999: an election [T-1] (ada)"
    for form in ("table", "markdown"):
        out = ready.run("print", *WINDOW, "--format", form).out.replace("&#91;", "[").replace("&#93;", "]")
        assert said in out
        assert "not on " in out
        for instance in by_guid.values():
            assert instance["replication_group_id"] in out
    rows = list(csv.DictReader(io.StringIO(ready.run("print", *WINDOW, "--format", "csv").out)))
    [row, *_] = [row for row in rows if row["instance_guid"] == first.guid]
    kept = ("deferred_until", "deferral_reason", "deferral_ticket", "deferral_added_by", "deferred_window")
    assert [row[name] for name in kept] == ["2999-01-01", "an election", "T-1", "ada", ""]
    assert row["replication_group_id"] == first.replication_group_id
    window = next(r["deferred_window"] for r in rows if r["org_guid"] == "org-1")
    assert window.startswith(f"{WINDOW_DATE}T")
    without = ready.run("print", *REGION, "--format", "json").document
    assert (without["window_state"], len(without["deferrals"])) == (None, 2)
    assert without["summary"]["people"] == 3, "without a window nobody is left out"


def deferrals_listed(here: Here) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = here.run("defer", "list", *REGION, "--format", "json").document["deferrals"]
    return found


def test_print_without_a_window_needs_no_ledger(ready: Here, tmp_path: Path) -> None:
    broken = tmp_path / "broken.sqlite3"
    broken.write_text("no ledger at all")
    ready.set({"LEDGER_URL": f"sqlite:///{broken}"})
    ended: Ended = ready.run("print", *REGION, "--format", "json")
    assert ended.status == 0, ended.err
    assert ended.document["warnings"][0].startswith("who asked to wait is not known: ")


def test_who_holds_a_mail_about_another_window_is_named_unless_all_is_deferred(ready: Here) -> None:
    ready.email("--only-org", "org-0000", "--only-org", "org-0001")
    defer(ready, "--org", "org-0000", *FAR)
    holders = ready.run("email", "--dry-run", *LATER, "--format", "json").document["hold_other_windows"]
    assert [holder["org_guid"] for holder in holders] == ["org-1"]


def test_print_says_what_became_of_the_window(ready: Here) -> None:
    ready.email()
    assert ready.run("print", *WINDOW, "--format", "json").document["window_state"] == "known"
    ready.run("email", "--yes", *LATER, *REPLACES)
    moved = ready.run("print", *WINDOW, "--format", "json").document
    later = ready.run("print", *LATER, "--format", "json").document
    assert (moved["window_state"], moved["window_moved_to"]) == ("moved", later["window"])
    ready.run("cancel", "--yes", *LATER)
    assert ready.run("print", *LATER, "--format", "json").document["window_state"] == "cancelled"
    assert datetime.fromisoformat(later["surveyed_at"]) <= datetime.now(UTC)

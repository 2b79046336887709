"""`apply` as operators run it: planned, refused, carried through, run again, and stopped."""

import json
import re
import shlex
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ledger.errors import LedgerError
from ledger.ledger import Ledger
from ledger.maintenance_key import MaintenanceKey
from ledger.updates import WindowUpdates, update_records
from sandbox.applying import APPLY
from sandbox.generate.updates import Backlog
from sandbox.server import Options, Sandbox
from tests.notifier_here import Here
from tests.notifier_program import WINDOW, Program, kill_when, program
from tests.servers import wait_until

NOW = ("--outside-window", "a test", "--poll-interval", "1")


@pytest.fixture
def quick_sandbox() -> Iterator[Sandbox]:
    with Sandbox(Options(instances=12, update_seconds=0.5, backlog=Backlog(share=1, each=2))) as running:
        yield running


@pytest.fixture
def ready(here: Here, quick_sandbox: Sandbox) -> Here:
    here.set({**quick_sandbox.environment, "OPERATOR": "ada"})
    return here


def outcomes(document: dict[str, Any]) -> dict[str, str]:
    return {group["replication_group_id"]: group["reason"] or group["outcome"] for group in document["groups"]}


def begun(sandbox: Sandbox) -> Counter[str]:
    return Counter(a.target_id for a in sandbox.applying.attempts if a.call == APPLY and a.refused is None)


def test_a_window_that_has_not_begun_is_refused(ready: Here, quick_sandbox: Sandbox) -> None:
    ended = ready.run("apply", "--yes", *WINDOW)
    assert ended.status == 2
    assert " has not begun: it begins in " in ended.err
    assert ended.err.endswith("wait, or give --outside-window REASON\n")
    assert not quick_sandbox.journal.by_system()


def test_a_window_of_which_nobody_was_told_is_refused(ready: Here) -> None:
    ended = ready.run("apply", "--yes", *WINDOW, *NOW)
    assert ended.status == 2
    assert "nobody has been told of the window on " in ended.err
    assert "run email or told first, or give --include-untold REASON" in ended.err


def test_without_a_terminal_it_has_to_be_meant(ready: Here) -> None:
    ended = ready.run("apply", *WINDOW, *NOW)
    assert (ended.status, "--yes is missing" in ended.err) == (2, True)


def test_a_whole_window_from_mail_to_report(ready: Here, quick_sandbox: Sandbox) -> None:
    """Planned, carried through with a deferral, and run again: nothing begins twice."""
    assert ready.email().status in (0, 1)
    dry = ready.run("apply", "--dry-run", "--format", "json", *WINDOW, *NOW)
    assert dry.status == 0, dry.err
    planned = [group for group in dry.document["groups"] if group["outcome"] == "planned"]
    assert (dry.document["run"], len(planned) > 3, begun(quick_sandbox)) == (None, True, Counter())
    wish = ("--until", "2999-01-01", "--reason", "x", "--region", "Ireland")
    deferred = planned[0]["instance"]["guid"], planned[0]["replication_group_id"]
    assert ready.run("defer", "add", deferred[0], *wish).status == 0

    ended = ready.run("apply", "--yes", "--format", "json", *WINDOW, *NOW)
    found = outcomes(ended.document)
    assert found[deferred[1]] == "deferred"
    expected = {group["replication_group_id"] for group in planned} - {deferred[1]}
    assert {group for group, outcome in found.items() if outcome == "complete"} == expected
    assert begun(quick_sandbox) == Counter(expected)
    assert ended.document["run"]["operator"] == "ada"
    assert ended.document["run"]["outside_window_reason"] == "a test"
    assert ended.document["halted_by"] is None

    again = ready.run("apply", "--yes", "--format", "json", *WINDOW, *NOW)
    assert outcomes(again.document) == found
    assert begun(quick_sandbox) == Counter(expected)
    assert {g["run"] for g in again.document["groups"] if g["outcome"] == "complete"} == {ended.document["run"]["id"]}
    assert ready.run("ledger", "check").status == 0


@pytest.fixture
def process(ready: Here, quick_sandbox: Sandbox, sqlite_url: str) -> Program:
    """On the same ledger, with everybody told."""
    ready.email()
    return program(quick_sandbox, sqlite_url, OPERATOR="ada")


EVERYTHING = ("apply", "--yes", "--format", "json", *WINDOW, *NOW, "--canaries", "0")


def test_stop_ends_what_is_under_way_and_apply_takes_it_up_again(process: Program, quick_sandbox: Sandbox) -> None:
    """It was left there by a run that was told to end: it records, and ends with 1."""
    quick_sandbox.applying.change(update_seconds=10)
    running = process.start(*EVERYTHING)
    wait_until(lambda: bool(begun(quick_sandbox)) or running.poll() is not None, lambda: "nothing begins")
    running.send_signal(signal.SIGTERM)
    out, err = running.communicate(timeout=60)
    left = {g["replication_group_id"] for g in json.loads(out)["groups"] if g["outcome"] == "under_way"}
    assert (running.returncode, left) == (1, set(begun(quick_sandbox))), err
    stopped = process.run("apply", "--stop", "--yes", "--format", "json", *WINDOW, *NOW)
    assert set(outcomes(stopped.document).values()) <= {"stopped", "complete"}
    assert (stopped.status, set(outcomes(stopped.document))) == (0, left), stopped.err
    quick_sandbox.applying.change(update_seconds=0.5)
    again = process.run(*EVERYTHING)
    assert {outcomes(again.document)[group] for group in left} == {"complete"}


def test_of_two_at_once_one_is_told_to_wait(process: Program, quick_sandbox: Sandbox) -> None:
    quick_sandbox.applying.change(update_seconds=600)
    first = process.start(*EVERYTHING)
    wait_until(lambda: bool(begun(quick_sandbox)) or first.poll() is not None, lambda: "nothing begins")
    second = process.run(*EVERYTHING)
    assert second.status == 2
    assert re.search(r"an apply of Ireland is running on \S+ since \d\d:\d\d \(run \d+\); .* wait for it", second.err)
    quick_sandbox.clock.advance(1300)
    out, err = first.communicate(timeout=60)
    assert "complete" in json.loads(out)["summary"], err
    assert set(begun(quick_sandbox).values()) == {1}


def has_been_asked(sandbox: Sandbox, times: int) -> bool:
    return len(sandbox.journal.entries("elasticache")) >= times


def test_killed_at_any_moment_nothing_begins_twice(process: Program, quick_sandbox: Sandbox) -> None:
    """Run again until it is done."""
    random = Random(1)  # moments, not secrets
    for _ in range(6):
        enough = len(quick_sandbox.journal.entries("elasticache")) + random.randint(1, 12)
        is_time = partial(has_been_asked, quick_sandbox, enough)
        kill_when(process.start(*EVERYTHING), is_time, random.random() / 5)
    ended = process.run(*EVERYTHING)
    assert "complete" in ended.document["summary"], ended.err
    assert {"under_way", "not_reached", "failed", "refused"}.isdisjoint(ended.document["summary"])
    assert set(begun(quick_sandbox).values()) == {1}


def test_people_read_a_plan_and_a_report(ready: Here) -> None:
    ready.email()
    ended = ready.run("apply", "--yes", *WINDOW, *NOW)
    assert "groups to update" in ended.err
    assert "canary" in ended.err
    assert "Left alone: " in ended.err
    assert "complete (" in ended.out


def test_what_an_earlier_run_did_is_reported_although_aws_has_withdrawn_the_update(
    ready: Here, quick_sandbox: Sandbox
) -> None:
    """The same command, with the update named: it is not refused as unknown."""
    ready.email()
    name = next(g["update"] for g in planned(ready) if g["outcome"] == "planned")
    arguments = ("apply", "--yes", "--format", "json", *WINDOW, *NOW, "--only-update", name)
    first = ready.run(*arguments)
    updates = quick_sandbox.world.truth.service_updates
    expired = {**updates, name: replace(updates[name], status="expired")}
    quick_sandbox.world.change(lambda truth: replace(truth, service_updates=expired))
    again = ready.run(*arguments)
    assert again.status in (0, 1), again.err
    assert again.document["summary"]["complete"] == first.document["summary"]["complete"]


def planned(ready: Here) -> list[dict[str, Any]]:
    document = ready.run("apply", "--dry-run", "--format", "json", *WINDOW, *NOW).document
    groups: list[dict[str, Any]] = document["groups"]
    return groups


def test_a_ledger_that_fails_in_between_says_what_was_done(ready: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit status 2 would say that nothing was. The next run finds it."""
    ready.email()

    def failing(*_: object) -> None:
        raise LedgerError("ledger: the disk is full; make room")

    with monkeypatch.context() as patched:
        patched.setattr(WindowUpdates, "mark", failing)
        ended = ready.run("apply", "--yes", *WINDOW, *NOW)
    assert ended.status == 3
    assert "stopped: ledger: the disk is full; make room; run the same command again" in ended.err
    assert "1 under way, 7 not reached" in ended.out
    again = ready.run("apply", "--yes", "--format", "json", *WINDOW, *NOW)
    assert not {"under_way", "failed", "refused"} & set(again.document["summary"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_without_a_terminal_a_signal_starts_no_more_and_records(
    process: Program, quick_sandbox: Sandbox, number: signal.Signals
) -> None:
    """AWS goes on; the report names what is under way, and the command that follows it."""
    quick_sandbox.applying.change(update_seconds=60)
    arguments = ("apply", "--yes", *WINDOW, *NOW)
    running = process.start(*arguments)
    wait_until(lambda: bool(begun(quick_sandbox)) or running.poll() is not None, lambda: "nothing begins")
    running.send_signal(number)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 1, err
    assert "under way (1)" in out
    assert shlex.split(out.splitlines()[-1]) == ["elasticache-update-notifier", *arguments]


def test_a_dry_run_shows_what_earlier_runs_did_too(ready: Here) -> None:
    """Each group once, with the run that did it."""
    ready.email()
    done = ready.run("apply", "--yes", "--format", "json", *WINDOW, *NOW).document
    dry = ready.run("apply", "--dry-run", "--format", "json", *WINDOW, *NOW).document
    assert outcomes(dry) == outcomes(done)
    assert len(dry["groups"]) == len(outcomes(dry))
    assert {g["run"] for g in dry["groups"] if g["outcome"] == "complete"} == {done["run"]["id"]}


def test_a_group_that_nobody_claims_is_applied_by_name_and_the_reasons_are_kept(
    ready: Here, quick_sandbox: Sandbox, sqlite_url: str
) -> None:
    """Without anybody told, and outside of the window: each reason is in the ledger and in the report."""
    group = next(
        g["replication_group_id"]
        for g in ready.run(
            "apply", "--dry-run", "--format", "json", *WINDOW, *NOW, "--include-untold", "nobody's"
        ).document["groups"]
        if g["reason"] == "unclaimed"
    )
    reasons = ("--include-untold", "nobody's", "--only-instance", _instance(ready))
    ended = ready.run("apply", "--yes", *WINDOW, *NOW, "--group", group, *reasons)
    assert "Outside of the window: a test\nUntold tenants too: nobody's\n" in ended.out
    assert f"{group} (no tenant's)" in ended.out.partition("complete (")[2]
    assert len(begun(quick_sandbox)) == 2
    with Ledger(sqlite_url) as ledger:
        [window] = ledger.windows("eu-west-1")
        records = update_records(ledger, window.key)
    assert {r.outside_window_reason for r in records} == {"a test"}
    assert {r.include_untold_reason for r in records} == {"nobody's"}
    assert {r.instance_guid is None for r in records if r.replication_group_id == group} == {True}


def _instance(ready: Here) -> str:
    flags = ("--include-untold", "nobody's")
    document = ready.run("apply", "--dry-run", "--format", "json", *WINDOW, *NOW, *flags).document
    return str(next(g["instance"]["guid"] for g in document["groups"] if g["outcome"] == "planned"))


@pytest.mark.parametrize("output_format", ["json", "text"])
def test_what_a_run_knows_is_reported_though_its_ledger_goes_away(
    process: Program, quick_sandbox: Sandbox, sqlite_url: str, output_format: str
) -> None:
    """What it began is named, and how to have the ledger back; AWS goes on."""
    quick_sandbox.applying.change(update_seconds=3)
    running = process.start("apply", "--yes", "--format", output_format, *WINDOW, *NOW, "--canaries", "1")
    wait_until(lambda: bool(begun(quick_sandbox)) or running.poll() is not None, lambda: "nothing begins")
    Path(sqlite_url.removeprefix("sqlite:///")).unlink()
    out, err = running.communicate(timeout=60)
    assert running.returncode == 3, err
    assert "it was deleted while this run used it" in err
    [group] = begun(quick_sandbox)
    if output_format == "json":
        assert {o for g, o in outcomes(json.loads(out)).items() if g == group} <= {"under_way", "complete"}
    assert group in out


@pytest.mark.parametrize("is_moved", [True, False])
def test_what_a_window_began_is_stopped_although_it_was_called_off_since(
    process: Program, quick_sandbox: Sandbox, sqlite_url: str, *, is_moved: bool
) -> None:
    quick_sandbox.applying.change(update_seconds=10)
    running = process.start(*EVERYTHING)
    wait_until(lambda: bool(begun(quick_sandbox)) or running.poll() is not None, lambda: "nothing begins")
    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=60)
    with Ledger(sqlite_url) as ledger:
        [window] = ledger.windows("eu-west-1")
        if is_moved:
            ledger.record_moved(window.key, MaintenanceKey("2036-01-01T09:00Z/2036-01-01T11:00Z", "eu-west-1"))
        else:
            ledger.record_cancelled(window.key)
    refused = process.run(*EVERYTHING)
    assert (refused.status, "the window on " in refused.err) == (2, True)
    stopped = process.run("apply", "--stop", "--yes", "--format", "json", *WINDOW, *NOW)
    assert stopped.status == 0, stopped.err
    assert set(outcomes(stopped.document).values()) <= {"stopped", "complete"}

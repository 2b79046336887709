"""A ledger that was lost, or is an old one: Notify knows what was sent, and is asked before anybody is told twice."""

import shutil
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.ledger import Ledger
from ledger.mail_record import UNKNOWN_INSTANCE, Kind
from ledger.window_record import WindowState
from notifier.mail.plain_text import plain_text
from sandbox.server import Sandbox
from sandbox.truth import Truth
from tests.notifier.test_moved_windows import LATER, MOVE, REPLACES, kinds
from tests.notifier_here import Here
from tests.notifier_program import WINDOW, Program, crowded, kill_when, sends

CANCEL = ("cancel", "--yes", *WINDOW)
ADOPT = "--adopt-sent"
FOREIGN = (
    "Notify has mails about this window that this ledger does not know: use the team's ledger (LEDGER_URL), or"
    " --adopt-sent"
)
TOLD_ORGS = ("--only-org", "org-0000", "--only-org", "org-0001")
PEOPLE = [f"person.{n}@example.org" for n in (0, 1, 4, 5)]
"""The managers of these orgs. Two others manage one other org each."""


@pytest.fixture
def told(sandbox: Sandbox, here: Here) -> Here:
    """Four people were told of the window, by a ledger that is still there."""
    sandbox.world.change(crowded(6, 4))
    here.set(sandbox.environment)
    assert here.email(*TOLD_ORGS).status == 0
    return here


def lose(here: Here) -> None:
    shutil.rmtree(here.folder / "ledger")


def one_instance_more(truth: Truth) -> Truth:
    """An instance of the second org belongs to the first."""
    moved = next(i for i in truth.service_instances.values() if i.space_guid == "space-1")
    instances = {**truth.service_instances, moved.guid: replace(moved, space_guid="space-0")}
    return replace(truth, service_instances=instances)


def state(here: Here, number: int = 0) -> tuple[WindowState, bool]:
    with Ledger(f"sqlite:///{here.folder}/ledger/ledger.sqlite3") as ledger:
        window = ledger.windows("eu-west-1")[number]
    return window.state, window.moved_to is not None


def refused(here: Here, sandbox: Sandbox, *arguments: str) -> str:
    """With exit status 2, and without a mail."""
    before = len(sandbox.notify.mails)
    ended = here.run(*arguments)
    assert (ended.status, len(sandbox.notify.mails)) == (2, before), ended.err
    return ended.err


def test_a_cancellation_that_the_ledger_lost(told: Here, sandbox: Sandbox) -> None:
    """Nobody is told of the window again, the newcomers hear nothing of it, and nobody gets a second cancellation."""
    assert told.run(*CANCEL).status == 0
    lose(told)
    assert f"email: {FOREIGN}" in refused(told, sandbox, "email", "--yes", *WINDOW)
    said = refused(told, sandbox, "email", "--yes", *WINDOW, ADOPT)
    assert "was cancelled; choose another one" in said
    assert "recorded from Notify" in said
    assert state(told)[0] is WindowState.CANCELLED
    assert told.run(*CANCEL).status == 0
    assert kinds(sandbox) == Counter((address, kind) for address in PEOPLE for kind in ("announcement", "cancelled"))


def test_a_cancellation_that_an_old_copy_of_the_ledger_does_not_know(
    told: Here, sandbox: Sandbox, notifier: Program, tmp_path: Path
) -> None:
    """Also if it was cut short: `cancel --adopt-sent` tells those who are left."""
    shutil.copytree(told.folder / "ledger", tmp_path / "copy")
    sandbox.faults.add("notify/v2/notifications/email:latency:0.1")
    kill_when(notifier.start(*CANCEL), lambda: len(sandbox.notify.mails) > len(PEOPLE))
    while len(sandbox.notify.mails) < sends(sandbox):  # what was under way
        threading.Event().wait(0.01)
    cancelled = sum(kind == "cancelled" for _, kind in kinds(sandbox).elements())
    sandbox.faults.clear()
    lose(told)
    (tmp_path / "copy").rename(told.folder / "ledger")
    assert f"cancel: {FOREIGN}" in refused(told, sandbox, *CANCEL)
    assert f"email: {FOREIGN}" in refused(told, sandbox, "email", "--yes", *WINDOW)
    ended = told.run(*CANCEL, ADOPT, "--format", "json")
    assert ended.status == 0, ended.err
    assert (len(ended.document["sent_before"]), len(ended.document["sent"])) == (cancelled, 4 - cancelled)
    assert kinds(sandbox) == Counter((address, kind) for address in PEOPLE for kind in ("announcement", "cancelled"))


@pytest.mark.parametrize("arguments", [("email", "--yes", *LATER, *REPLACES), ("email", "--yes", *LATER)])
def test_a_move_that_the_ledger_lost(told: Here, sandbox: Sandbox, arguments: tuple[str, ...]) -> None:
    """With or without the flags that name the earlier window, which is known as moved from then on."""
    assert told.run(*MOVE, *TOLD_ORGS).status == 0
    lose(told)
    assert f"email: {FOREIGN}" in refused(told, sandbox, *arguments)
    ended = told.run(*arguments, ADOPT, "--format", "json")
    assert ended.status == 0, ended.err
    assert len(ended.document["sent"]) == 2
    assert Counter(kind for _, kind in kinds(sandbox).elements()) == {"announcement": 6, "moved": 4}
    assert state(told) == (WindowState.MOVED, True)
    assert "was moved: it takes place on" in refused(told, sandbox, "email", "--yes", *WINDOW)


def test_the_earlier_window_of_a_move_that_the_ledger_lost(told: Here, sandbox: Sandbox) -> None:
    """Only the mails about the later window say so, and nobody has named that one."""
    assert told.run(*MOVE, *TOLD_ORGS).status == 0
    lose(told)
    said = refused(told, sandbox, "email", "--yes", *WINDOW, ADOPT)
    assert "was moved: it takes place on" in said
    assert state(told) == (WindowState.MOVED, True)


def test_a_move_that_nobody_began_with_this_ledger(told: Here, sandbox: Sandbox) -> None:
    """Notify has the announcements of the earlier window: the advice is not to leave the flags out."""
    lose(told)
    assert f"email: {FOREIGN}" in refused(told, sandbox, *MOVE)
    assert told.run(*MOVE, ADOPT, *TOLD_ORGS).status == 0
    assert kinds(sandbox) == Counter((address, kind) for address in PEOPLE for kind in ("announcement", "moved"))


def test_an_adopted_mail_is_about_what_it_named(told: Here, sandbox: Sandbox) -> None:
    """Who was told of other instances than those of today gets a correction, and `apply` knows it until then."""
    lose(told)
    sandbox.world.change(one_instance_more)
    ended = told.email(ADOPT, *TOLD_ORGS, "--format", "json")
    assert len(ended.document["changed"]) == 4, ended.err
    with Ledger(f"sqlite:///{told.folder}/ledger/ledger.sqlite3") as ledger:
        records = ledger.records()
    today = {guid: i.space_guid for guid, i in sandbox.world.truth.service_instances.items()}
    names = {guid: plain_text(i.name) for guid, i in sandbox.world.truth.service_instances.items()}
    texts = {mail.email_address: str(mail.personalisation["contents"]) for mail in sandbox.notify.mails}
    for record in records:
        assert UNKNOWN_INSTANCE in record.instance_guids
        known = set(record.instance_guids) - {UNKNOWN_INSTANCE}
        assert known
        assert all(f"/ {names[guid]} (" in texts[record.key.address] for guid in known)
        assert all(today[guid] == record.key.org_guid.replace("org", "space") for guid in known)
    corrected = told.email("--send-corrections", *TOLD_ORGS, "--format", "json")
    assert len(corrected.document["sent"]) == 4, corrected.err
    assert told.email("--send-corrections", *TOLD_ORGS, "--format", "json").document["sent"] == []


def test_a_correction_that_the_ledger_lost(told: Here, sandbox: Sandbox) -> None:
    """It is found by its revision, so that the next one gets the next."""
    sandbox.world.change(one_instance_more)
    told.email("--send-corrections", *TOLD_ORGS)
    before = len(sandbox.notify.mails)
    assert kinds(sandbox)[PEOPLE[0], "correction"] == 1
    lose(told)
    assert told.email(ADOPT, *TOLD_ORGS, "--format", "json").document["changed"] == []
    with Ledger(f"sqlite:///{told.folder}/ledger/ledger.sqlite3") as ledger:
        mails = [r for r in ledger.records() if r.key.address == PEOPLE[0]]
    assert [(r.key.kind, r.key.revision) for r in mails] == [(Kind.ANNOUNCEMENT, 0), (Kind.CORRECTION, 1)]
    gone = next(i for i in sandbox.world.truth.service_instances.values() if i.space_guid == "space-0")
    sandbox.tenants.delete_instance(gone.guid, leave_group=False)
    ended = told.email("--send-corrections", *TOLD_ORGS, "--format", "json")
    assert ended.status == 0, ended.err
    assert len(ended.document["sent"]) == 2
    assert len(sandbox.notify.mails) == before + 2


def test_the_day_to_reply_by_may_differ(told: Here, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """It depends on the day of the mail, and says nothing about the instances."""
    lose(told)
    monkeypatch.setattr("notifier.mail.writer.reply_by", lambda *_: "Monday 1 March 2027")
    ended = told.email(ADOPT, *TOLD_ORGS, "--format", "json")
    assert (ended.status, ended.document["summary"]["changed"]) == (0, 0), ended.err
    assert len(sandbox.notify.mails) == len(PEOPLE)


def test_nobody_is_asked_for_where_nothing_is_to_be_sent(told: Here, sandbox: Sandbox) -> None:
    asked = len(sandbox.journal.entries("notify"))
    assert told.email(*TOLD_ORGS).status == 0
    assert len(sandbox.journal.entries("notify")) == asked

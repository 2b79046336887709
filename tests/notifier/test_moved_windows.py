"""Windows that move or do not take place, and ledgers that are not the one: everybody is told once, whatever happens."""

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from ledger.ledger import Ledger
from sandbox.server import Sandbox
from tests.notifier_here import Here
from tests.notifier_program import WINDOW, WINDOW_DATE, Program, crowded, kill_when, program, sends

LATER = (
    *("--region", "Ireland"),
    *("--maintenance-window-date", (WINDOW_DATE + timedelta(days=2)).isoformat()),
    *("--maintenance-window-time-range", "1000-1200"),
)
REPLACES = ("--replaces-window-date", WINDOW_DATE.isoformat(), "--replaces-window-time-range", "0900-1100")
MOVE = ("email", "--yes", *LATER, *REPLACES)
CANCEL = ("cancel", "--yes", *LATER)


def contents(sandbox: Sandbox) -> list[tuple[str, str]]:
    return [(mail.email_address, str(mail.personalisation["contents"])) for mail in sandbox.notify.mails]


def kinds(sandbox: Sandbox) -> Counter[tuple[str, str]]:
    """By address, what each mail is: from its own words."""
    return Counter((address, kind_of(text)) for address, text in contents(sandbox))


def kind_of(text: str) -> str:
    first = text.partition("\n")[0]
    if "will not take place then. It takes place on" in first:
        return "moved"
    if "will not take place." in first:
        return "cancelled"
    return "correction" if "replaces our earlier message" in first else "announcement"


def test_a_window_that_moves_and_then_does_not_take_place(sandbox: Sandbox, here: Here) -> None:
    """Told, moved, a newcomer announced, cancelled: one mail of each kind to whom it concerns."""
    sandbox.world.change(crowded(3, 3))
    here.set(sandbox.environment)
    assert here.run("email", "--yes", *WINDOW, "--only-org", "org-0000", "--only-org", "org-0001").status == 0
    moved = here.run(*MOVE)
    assert moved.status == 0, moved.err
    people = [f"person.{n}@example.org" for n in range(3)]
    assert kinds(sandbox) == Counter(
        [
            (people[0], "announcement"),
            (people[1], "announcement"),
            (people[2], "announcement"),
            (people[0], "moved"),
            (people[1], "moved"),
        ]
    )
    for address, text in contents(sandbox)[2:]:
        assert ("between 09:00 and 11:00" in text) is (address != people[2]), "a newcomer reads of no earlier date"
        assert "between 10:00 and 12:00" in text
    assert here.run(*MOVE).status == 0
    assert here.run("email", "--yes", *LATER).status == 0, "without the flags it goes on too"
    assert len(sandbox.notify.mails) == 5

    refused = here.email()
    assert refused.status == 2
    assert "was moved: it takes place on" in refused.err
    assert here.run("cancel", "--yes", *WINDOW).status == 2

    off = here.run(*CANCEL, "--format", "json")
    assert off.status == 0, off.err
    assert len(off.document["sent"]) == 3
    assert here.run(*CANCEL).status == 0
    assert Counter(kind for _, kind in kinds(sandbox).elements()) == {"announcement": 3, "moved": 2, "cancelled": 3}
    for command in (("email", "--yes", *LATER), MOVE):
        assert "was cancelled" in here.run(*command).err
    for looking in ("status", "print"):
        shown = here.run(looking, *LATER)
        assert shown.status in (0, 1)
        assert "was cancelled" in shown.out + shown.err
    deferred = here.run("defer", "add", "--org", "org-0000", "--skip-window", "--reason", "asked", *LATER)
    assert (deferred.status, "was cancelled" in deferred.err) == (2, True)


def test_people_who_hold_a_mail_about_another_window_are_named(sandbox: Sandbox, here: Here) -> None:
    sandbox.world.change(crowded(2, 2))
    here.set(sandbox.environment)
    here.run("email", "--yes", *WINDOW, "--only-org", "org-0000")
    ended = here.run("email", "--dry-run", *LATER, "--format", "json")
    assert "1 person has a mail about another window of this region" in ended.err
    (holder,) = ended.document["hold_other_windows"]
    assert (holder["org_name"], holder["address"]) == ("org-0000", "person.0@example.org")
    assert "09:00 and 11:00" in holder["window"]["in_words"]


def test_who_is_not_affected_any_more_is_told_that_the_earlier_window_is_off(sandbox: Sandbox, here: Here) -> None:
    sandbox.world.change(crowded(2, 2))
    here.set(sandbox.environment)
    here.email()
    gone = [i for i in sandbox.world.truth.service_instances.values() if i.space_guid == "space-0"]
    for instance in gone:
        sandbox.tenants.delete_instance(instance.guid, leave_group=False)
    assert here.run(*MOVE).status == 0
    assert kinds(sandbox)["person.0@example.org", "cancelled"] == 1
    assert kinds(sandbox)["person.1@example.org", "moved"] == 1
    assert here.run(*MOVE).status == 0
    assert len(sandbox.notify.mails) == 4


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("email", "--yes", *LATER, *REPLACES[:2]), "--replaces-window-time-range is not set"),
        (("email", "--yes", *LATER, *REPLACES), "nobody was told of a window"),
        (("email", "--yes", *WINDOW, *REPLACES), "that is this very window"),
        (("cancel", "--yes", *WINDOW), "this ledger knows no window"),
        (("cancel", *WINDOW), "--yes is missing"),
        (("email", "--yes", *WINDOW, "--alt-maintenance-window-date", "Tuesday 16 June 2020", *REPLACES[2:3]), "--"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: tuple[str, ...], said: str, sandbox: Sandbox, here: Here) -> None:
    here.set(sandbox.environment)
    ended = here.run(*arguments)
    assert (ended.status, len(sandbox.notify.mails)) == (2, 0)
    assert said in ended.err


def test_an_alternative_in_the_past_is_refused_and_an_odd_one_earns_warnings(sandbox: Sandbox, here: Here) -> None:
    here.set(sandbox.environment)
    alternative = ("--alt-maintenance-window-time-range", "0300-0500", "--alt-maintenance-window-date")
    past = here.run("email", "--yes", *WINDOW, *alternative, "Tuesday 16 June 2020")
    assert past.status == 2
    assert "--alt-maintenance-window-date: the window on Tuesday 16 June 2020" in past.err
    christmas = WINDOW_DATE.replace(year=WINDOW_DATE.year + 1, month=12, day=25)
    odd = here.run("email", "--dry-run", *WINDOW, *alternative, christmas.isoformat())
    assert "the alternative: " in odd.err
    assert "is a bank holiday: Christmas Day" in odd.err
    assert "is not within working hours" in odd.err
    sooner = here.run("email", "--dry-run", *WINDOW, *alternative, (WINDOW_DATE - timedelta(days=1)).isoformat())
    assert "lies before the window itself" in sooner.err


def test_another_ledger_is_noticed_before_the_first_mail(sandbox: Sandbox, here: Here, tmp_path: Path) -> None:
    """Two operators with ledgers of their own: the second is told so, and takes up what was sent when asked to."""
    sandbox.world.change(crowded(12, 4))
    here.set(sandbox.environment)
    here.run("email", "--yes", *WINDOW, "--only-org", "org-0000", "--only-org", "org-0001")
    assert len(sandbox.notify.mails) == 6
    here.set({"LEDGER_URL": f"sqlite:///{tmp_path}/other.sqlite3"})
    refused = here.email()
    assert (refused.status, len(sandbox.notify.mails)) == (2, 6)
    assert (
        "Notify has mails about this window that this ledger does not know: use the team's ledger (LEDGER_URL), or"
        " --adopt-sent" in refused.err
    )
    adopted = here.email("--adopt-sent", "--format", "json")
    assert adopted.status == 0, adopted.err
    assert len(sandbox.notify.mails) == 12
    assert (adopted.document["summary"]["sent"], adopted.document["summary"]["sent_before"]) == (6, 6)
    with Ledger(f"sqlite:///{tmp_path}/other.sqlite3") as ledger:
        assert all(record.notification_id for record in ledger.records())
    assert here.email().status == 0
    assert len(sandbox.notify.mails) == 12


def test_a_colleague_with_the_same_ledger_is_not_taken_for_another_one(sandbox: Sandbox, notifier: Program) -> None:
    """It sends while Notify is asked for the mails that this one has planned."""
    sandbox.world.change(crowded(12, 4))
    sandbox.faults.add("notify/v2/notifications:latency:0.2")
    both = [notifier.start("email", "--yes", *WINDOW) for _ in range(2)]
    ended = [process.communicate(timeout=100) for process in both]
    assert [process.returncode for process in both] == [0, 0], ended
    assert len(sandbox.notify.mails) == 12


KILLS = 10


@pytest.mark.timeout(60 + KILLS * 15)
def test_killed_at_any_moment_while_announcing_moving_and_cancelling(sandbox: Sandbox, ledger_url: str) -> None:
    """Exactly one mail of each kind a person, whatever was under way."""
    people, orgs = 24, 6
    sandbox.world.change(crowded(people, orgs))
    notifier = program(sandbox, ledger_url)
    random = Random(KILLS)  # the same moments each time
    sandbox.faults.add("notify/v2/notifications/email:latency:0.02")
    for stage, arguments in enumerate((("email", "--yes", *WINDOW), MOVE, CANCEL), start=1):
        for _ in range(KILLS // 3):
            enough = min(stage * people - 1, sends(sandbox) + random.randint(1, people // 3))
            process = notifier.start(*arguments)
            kill_when(process, lambda enough=enough: sends(sandbox) >= enough, random.random() * 0.03)  # type: ignore[misc] # bound
        ended = notifier.run(*arguments)
        assert ended.status == 0, ended.err
    addresses = [f"person.{n}@example.org" for n in range(people)]
    assert kinds(sandbox) == Counter(
        (address, kind) for address in addresses for kind in ("announcement", "moved", "cancelled")
    )
    assert json.loads(notifier.run("email", "--dry-run", "--format", "json", *WINDOW).out or "{}") == {}

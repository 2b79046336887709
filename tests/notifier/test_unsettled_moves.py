"""Windows that move or are cancelled while earlier mails are in doubt, half sent or bounced: nobody keeps a wrong date."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from ledger.ledger import Ledger
from ledger.mail_record import Kind
from ledger.schema import mails
from sandbox.server import Sandbox
from tests.notifier.test_moved_windows import contents, kind_of, kinds
from tests.notifier_here import Here
from tests.notifier_program import WINDOW_DATE, Ended, crowded

PEOPLE = 4


def flags(number: int, prefix: str = "--maintenance-window") -> tuple[str, ...]:
    """Of the first, second, third window."""
    date = (WINDOW_DATE + timedelta(days=number)).isoformat()
    return (f"{prefix}-date", date, f"{prefix}-time-range", "0900-1100")


def announce(here: Here, number: int, *more: str) -> Ended:
    return here.run("email", "--yes", "--region", "Ireland", *flags(number), *more)


def move(here: Here, earlier: int, later: int, *more: str) -> Ended:
    return announce(here, later, *flags(earlier, "--replaces-window"), *more)


def cancel(here: Here, number: int, *more: str) -> Ended:
    return here.run("cancel", "--yes", "--region", "Ireland", *flags(number), *more)


def everybody(kind: str) -> Counter[tuple[str, str]]:
    return Counter((f"person.{n}@example.org", kind) for n in range(PEOPLE))


def said_after(sandbox: Sandbox, count: int) -> Counter[tuple[str, str]]:
    return Counter((address, kind_of(text)) for address, text in contents(sandbox)[count:])


def dates_named(text: str) -> list[int]:
    """Which of the windows the first lines are about, in the order in which they are named."""
    named = {n: WINDOW_DATE + timedelta(days=n) for n in range(4)}
    found = {n: text.find(f"{day.day} {day:%B %Y}") for n, day in named.items()}
    return sorted((n for n, place in found.items() if place >= 0), key=lambda n: found[n])


@pytest.fixture
def ready(sandbox: Sandbox, here: Here, sqlite_url: str) -> Here:
    sandbox.world.change(crowded(PEOPLE, 2))
    here.set({**sandbox.environment, "LEDGER_URL": sqlite_url, "NOTIFY_SETTLE_SECONDS": "0.2"})
    return here


def doubt(url: str, kind: Kind, *but: str) -> None:
    """As if the run had been killed before Notify's answers were recorded."""
    unknown = {"state": "sending", "sent_at": None, "notification_id": None}
    with Ledger(url) as ledger, ledger.transaction() as connection:
        connection.execute(sa.update(mails).where(mails.c.kind == kind, mails.c.address.not_in(but)).values(**unknown))


def cut_short(url: str) -> None:
    """As if the run that moves the first window to the second had been killed before its first mail."""
    with Ledger(url) as ledger:
        (first,) = ledger.windows("eu-west-1")
        next_day = (WINDOW_DATE + timedelta(days=1)).isoformat()
        second = replace(first.key, window_key=first.key.window_key.replace(WINDOW_DATE.isoformat(), next_day))
        ledger.record_window(second, "Europe/London", "email", "ada")
        ledger.record_moved(first.key, second)


def unaffected(sandbox: Sandbox, space: str) -> None:
    for instance in list(sandbox.world.truth.service_instances.values()):
        if instance.space_guid == space:
            sandbox.tenants.delete_instance(instance.guid, leave_group=False)


def test_mails_of_the_earlier_window_that_are_in_doubt_are_found_out_in_the_same_run(
    sandbox: Sandbox, ready: Here, sqlite_url: str
) -> None:
    announce(ready, 0)
    doubt(sqlite_url, Kind.ANNOUNCEMENT, "person.0@example.org")
    unaffected(sandbox, "space-1")
    moved = move(ready, 0, 1)
    assert moved.status == 0, moved.err + moved.out
    assert said_after(sandbox, PEOPLE) == Counter(
        [(f"person.{n}@example.org", "moved" if n % 2 == 0 else "cancelled") for n in range(PEOPLE)]
    )
    assert "3 mails of an earlier run to find out about" in moved.err
    assert move(ready, 0, 1).status == 0
    assert len(sandbox.notify.mails) == 2 * PEOPLE


def test_a_moved_mail_in_doubt_is_found_out_when_the_window_moves_again(
    sandbox: Sandbox, ready: Here, sqlite_url: str
) -> None:
    announce(ready, 0)
    move(ready, 0, 1)
    doubt(sqlite_url, Kind.MOVED)
    unaffected(sandbox, "space-1")
    assert move(ready, 1, 2).status == 0
    assert said_after(sandbox, 2 * PEOPLE) == Counter(
        [(f"person.{n}@example.org", "moved" if n % 2 == 0 else "cancelled") for n in range(PEOPLE)]
    )
    assert {
        tuple(dates_named(text)[:2]) for _, text in contents(sandbox)[2 * PEOPLE :] if kind_of(text) == "moved"
    } == {(1, 2)}


def test_a_move_that_was_cut_short_and_moves_again_tells_those_who_know_only_the_first_date(
    sandbox: Sandbox, ready: Here, sqlite_url: str
) -> None:
    announce(ready, 0)
    cut_short(sqlite_url)
    again = move(ready, 1, 2)
    assert again.status == 0, again.err
    assert said_after(sandbox, PEOPLE) == everybody("moved")
    assert all(dates_named(text)[:2] == [0, 2] for _, text in contents(sandbox)[PEOPLE:])
    assert cancel(ready, 2).status == 0
    assert said_after(sandbox, 2 * PEOPLE) == everybody("cancelled")


def test_a_move_that_was_cut_short_and_is_cancelled_tells_those_who_know_only_the_first_date(
    sandbox: Sandbox, ready: Here, sqlite_url: str
) -> None:
    announce(ready, 0)
    cut_short(sqlite_url)
    dry = ready.run("cancel", "--dry-run", "--region", "Ireland", *flags(1))
    assert f"tell {PEOPLE} people" in dry.out
    assert cancel(ready, 1).status == 0
    assert said_after(sandbox, PEOPLE) == everybody("cancelled")
    assert all(dates_named(text)[0] == 0 for _, text in contents(sandbox)[PEOPLE:])
    assert cancel(ready, 1).status == 0
    assert len(sandbox.notify.mails) == 2 * PEOPLE


def test_a_window_that_turns_out_later_to_replace_another_is_told_as_moved(sandbox: Sandbox, ready: Here) -> None:
    """Both were announced. Whoever holds both gets one mail that names both, once."""
    announce(ready, 0)
    announce(ready, 1)
    moved = move(ready, 0, 1)
    assert moved.status == 0, moved.err
    assert said_after(sandbox, 2 * PEOPLE) == everybody("moved")
    assert all(dates_named(text)[:2] == [0, 1] for _, text in contents(sandbox)[2 * PEOPLE :])
    assert move(ready, 0, 1).status == 0
    assert len(sandbox.notify.mails) == 3 * PEOPLE


def test_a_window_that_replaces_two_others_one_after_the_other(sandbox: Sandbox, ready: Here) -> None:
    announce(ready, 0)
    announce(ready, 1)
    move(ready, 0, 2)
    second = move(ready, 1, 2)
    assert second.status == 0, second.err
    assert said_after(sandbox, 3 * PEOPLE) == everybody("moved")
    assert all(dates_named(text)[:2] == [1, 2] for _, text in contents(sandbox)[3 * PEOPLE :])
    assert move(ready, 1, 2).status == 0
    assert len(sandbox.notify.mails) == 4 * PEOPLE


def test_one_mail_names_all_windows_that_somebody_still_expects(sandbox: Sandbox, ready: Here, sqlite_url: str) -> None:
    """Two windows were announced, the first was to move to the second, and both move to a third."""
    announce(ready, 0)
    announce(ready, 1)
    with Ledger(sqlite_url) as ledger:
        ledger.record_moved(*[window.key for window in ledger.windows("eu-west-1")])
    assert move(ready, 1, 2).status == 0
    assert said_after(sandbox, 2 * PEOPLE) == everybody("moved")
    for _, text in contents(sandbox)[2 * PEOPLE :]:
        assert dates_named(text)[:3] == [0, 1, 2]
        assert text.partition("\n")[0].count("between 09:00 and 11:00") == 3


def test_corrections_that_only_a_look_up_makes_due_are_sent_in_the_same_run(
    sandbox: Sandbox, ready: Here, sqlite_url: str
) -> None:
    announce(ready, 0)
    doubt(sqlite_url, Kind.ANNOUNCEMENT)
    for instance in [i for i in sandbox.world.truth.service_instances.values() if i.space_guid == "space-0"][:1]:
        sandbox.tenants.delete_instance(instance.guid, leave_group=False)
    corrected = announce(ready, 0, "--send-corrections", "--format", "json")
    assert corrected.status == 0, corrected.err
    assert said_after(sandbox, PEOPLE) == Counter(
        [("person.0@example.org", "correction"), ("person.2@example.org", "correction")]
    )
    assert corrected.document["changed"] == []


def test_without_corrections_the_run_says_who_has_an_outdated_mail(
    sandbox: Sandbox, ready: Here, sqlite_url: str
) -> None:
    announce(ready, 0)
    doubt(sqlite_url, Kind.ANNOUNCEMENT)
    for instance in [i for i in sandbox.world.truth.service_instances.values() if i.space_guid == "space-0"][:1]:
        sandbox.tenants.delete_instance(instance.guid, leave_group=False)
    ended = announce(ready, 0)
    assert ended.status == 1
    assert "Told about other instances or updates than wait now: 2 people" in ended.out


def test_announcements_in_doubt_are_found_out_and_called_off_in_one_run(
    sandbox: Sandbox, ready: Here, sqlite_url: str
) -> None:
    announce(ready, 0)
    doubt(sqlite_url, Kind.ANNOUNCEMENT)
    off = cancel(ready, 0)
    assert off.status == 0, off.out
    assert said_after(sandbox, PEOPLE) == everybody("cancelled")


def test_a_cancellation_that_bounced_is_named_until_somebody_was_told_another_way(
    sandbox: Sandbox, ready: Here, sqlite_url: str
) -> None:
    announce(ready, 0)
    cancel(ready, 0)
    with Ledger(sqlite_url) as ledger, ledger.transaction() as connection:
        bounced = (mails.c.kind == Kind.CANCELLED) & (mails.c.address == "person.1@example.org")
        connection.execute(sa.update(mails).where(bounced).values(delivery_status="permanent-failure"))
    for _ in range(2):
        again = cancel(ready, 0)
        assert again.status == 1
        assert "Failed for good: 1 person; tell them another way" in again.out
        assert "  person.1@example.org, org org-0001" in again.out
        assert "Not told yet" not in again.out
    (failed,) = cancel(ready, 0, "--format", "json").document["failed_for_good"]
    assert failed["address"] == "person.1@example.org"
    assert cancel(ready, 0, "--told", "org-0001").status == 2, "without --how"
    unknown = cancel(ready, 0, "--told", "org-9999", "--how", "by telephone")
    assert (unknown.status, "--told 'org-9999'" in unknown.err) == (2, True)
    assert cancel(ready, 0, "--told", "org-0001", "--how", "by telephone").status == 0
    assert cancel(ready, 0).status == 0
    assert ready.run("status", "--region", "Ireland", *flags(0)).status in (0, 1)
    assert len(sandbox.notify.mails) == 2 * PEOPLE


def test_a_bounced_mail_to_somebody_who_is_not_affected_any_more_is_named_until_the_org_was_told(
    sandbox: Sandbox, ready: Here, sqlite_url: str
) -> None:
    announce(ready, 0)
    unaffected(sandbox, "space-1")
    move(ready, 0, 1)
    with Ledger(sqlite_url) as ledger, ledger.transaction() as connection:
        bounced = (mails.c.kind == Kind.CANCELLED) & (mails.c.address == "person.1@example.org")
        connection.execute(sa.update(mails).where(bounced).values(delivery_status="permanent-failure"))
    again = announce(ready, 1)
    assert again.status == 1
    assert "  person.1@example.org, org org-0001" in again.out
    told = ready.run("told", "org-0001", "--how", "by telephone", "--region", "Ireland", *flags(1))
    assert (told.status, "about 0 instances" in told.out) == (0, True)
    assert announce(ready, 1).status == 0


def test_a_window_that_moved_twice_is_refused_with_the_date_that_counts(sandbox: Sandbox, ready: Here) -> None:
    announce(ready, 0)
    move(ready, 0, 1)
    move(ready, 1, 2)
    for refused in (announce(ready, 0), cancel(ready, 0), move(ready, 0, 3)):
        assert refused.status == 2
        assert dates_named(refused.err)[-1] == 2, refused.err
        assert 1 not in dates_named(refused.err)
    shown = ready.run("print", "--region", "Ireland", *flags(0), "--format", "json").document
    assert shown["window_moved_to"]["starts_at"].startswith((WINDOW_DATE + timedelta(days=2)).isoformat())
    assert len(sandbox.notify.mails) == 3 * PEOPLE


def test_who_was_told_that_nothing_is_updated_reads_nothing_of_the_move(sandbox: Sandbox, ready: Here) -> None:
    announce(ready, 0)
    unaffected(sandbox, "space-1")
    assert announce(ready, 0, "--send-corrections").status == 0
    count = len(sandbox.notify.mails)
    assert count == PEOPLE + 2
    assert move(ready, 0, 1).status == 0
    assert said_after(sandbox, count) == Counter([("person.0@example.org", "moved"), ("person.2@example.org", "moved")])


def test_a_window_of_which_nobody_has_a_mail_is_cancelled_without_a_key(ready: Here, sandbox: Sandbox) -> None:
    told = ready.run("told", "org-0000", "--how", "by telephone", "--region", "Ireland", *flags(0))
    assert told.status == 0, told.err
    ready.set({"NOTIFY_API_KEY": None})
    off = cancel(ready, 0)
    assert off.status == 0, off.err
    assert "tell them yourself that it will not take place" in off.out
    assert len(sandbox.notify.mails) == 0


def test_with_mails_to_send_a_key_is_still_asked_for_before_anything_is_recorded(ready: Here) -> None:
    announce(ready, 0)
    ready.set({"NOTIFY_API_KEY": None})
    off = cancel(ready, 0)
    assert off.status == 2
    assert "NOTIFY_API_KEY" in off.err
    assert "(cancelled)" not in ready.run("print", "--region", "Ireland", *flags(0)).out


def test_kinds_are_told_apart(sandbox: Sandbox, ready: Here) -> None:
    """What the other tests count by."""
    announce(ready, 0)
    assert kinds(sandbox) == everybody("announcement")

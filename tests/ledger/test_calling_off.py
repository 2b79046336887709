"""Several runs use one ledger: a window is called off once, and no mail that announces it is begun after that."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from random import Random
from typing import TypeVar

import pytest

from ledger.ledger import Ledger
from ledger.mail_claims import CalledOff, Claimed, MailClaims, NotClaimed
from ledger.mail_record import Intent, Kind, MailKey, State
from ledger.maintenance_key import MaintenanceKey
from ledger.window_record import WindowRecord, WindowState

REGION = "eu-west-1"
FIRST, SECOND, THIRD = (MaintenanceKey(f"2026-06-{day}T08:00Z/2026-06-{day}T10:00Z", REGION) for day in (16, 18, 23))
INTENT = Intent(MailKey(FIRST.window_key, REGION, "org-guid", "ada@example.org"), "brave-buses", ("guid-1",), "0" * 64)
SEEDS = 20
Outcome = TypeVar("Outcome")


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    with Ledger(ledger_url) as opened:
        know(opened, FIRST, SECOND, THIRD)
        yield opened


def know(ledger: Ledger, *keys: MaintenanceKey) -> None:
    for key in keys:
        ledger.record_window(key, "Europe/London", "email", "ada")


def state_of(ledger: Ledger, key: MaintenanceKey) -> tuple[WindowState, str | None]:
    (window,) = (window for window in ledger.windows(REGION) if window.key == key)
    return window.state, window.moved_to


@contextmanager
def claiming(ledger: Ledger) -> Iterator[MailClaims]:
    with ledger.run("email", "ada") as run:
        yield MailClaims(ledger, run, "fingerprint")


def test_a_window_moves_once(ledger: Ledger) -> None:
    assert ledger.record_moved(FIRST, SECOND)
    assert ledger.record_moved(FIRST, SECOND), "a run that was cut short goes on"
    assert not ledger.record_moved(FIRST, THIRD)
    assert not ledger.record_cancelled(FIRST)
    assert state_of(ledger, FIRST) == (WindowState.MOVED, SECOND.window_key)


def test_a_window_that_is_off_neither_moves_nor_takes_anothers_place(ledger: Ledger) -> None:
    assert ledger.record_cancelled(FIRST)
    assert ledger.record_cancelled(FIRST), "a run that was cut short goes on"
    assert not ledger.record_moved(FIRST, SECOND)
    assert not ledger.record_moved(SECOND, FIRST)
    assert [state_of(ledger, key)[0] for key in (FIRST, SECOND)] == [WindowState.CANCELLED, WindowState.KNOWN]


def test_a_window_that_the_ledger_does_not_know_cannot_be_called_off(ledger: Ledger) -> None:
    unknown = MaintenanceKey("2026-07-01T08:00Z/2026-07-01T10:00Z", REGION)
    assert not ledger.record_cancelled(unknown)
    assert not ledger.record_moved(unknown, SECOND)


def test_no_mail_that_announces_a_window_is_claimed_after_it_was_called_off(ledger: Ledger) -> None:
    sent, again = INTENT, replace(INTENT, key=replace(INTENT.key, address="bob@example.org"))
    with claiming(ledger) as claims:
        assert claims.claim(sent) == Claimed()
        claims.record_sent(sent.key, "notification-1")
        assert claims.claim(again) == Claimed()
        ledger.record_cancelled(FIRST)
        assert isinstance(claims.claim(sent), NotClaimed), "what was sent is known to be sent"
        assert isinstance(claims.claim_again(again), CalledOff)
        assert ledger.record(again.key).state is State.PENDING, "whoever claimed it knows that it was not sent"
        for kind in (Kind.ANNOUNCEMENT, Kind.CORRECTION, Kind.MOVED):
            other = replace(INTENT, key=replace(INTENT.key, address="eve@example.org", kind=kind))
            match claims.claim(other):
                case CalledOff(WindowRecord(key=key, state=state)):
                    assert (key, state) == (FIRST, WindowState.CANCELLED)
                case claim:
                    pytest.fail(f"{kind}: {claim}")
        cancellation = replace(INTENT, key=replace(INTENT.key, kind=Kind.CANCELLED))
        assert claims.claim(cancellation) == Claimed()
    assert len(ledger.records()) == 3


def test_a_mail_that_another_ledger_sent_is_recorded_whatever_became_of_its_window(ledger: Ledger) -> None:
    ledger.record_cancelled(FIRST)
    with claiming(ledger) as claims:
        assert claims.adopt(INTENT, "notification-1", "delivered", None)
        assert not claims.adopt(INTENT, "notification-2", "delivered", None), "only once"
    (record,) = ledger.records()
    assert (record.state, record.notification_id) == (State.SENT, "notification-1")


def at_the_same_moment(seed: int, longest_pause: float, *actions: Callable[[], Outcome]) -> list[Outcome]:
    """Each in a thread of its own, after a pause of its own."""
    random, barrier = Random(seed), threading.Barrier(len(actions))

    def act(action: Callable[[], Outcome], pause: float) -> Outcome:
        barrier.wait(timeout=30)
        threading.Event().wait(pause)
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        begun = [pool.submit(act, action, random.random() * longest_pause) for action in actions]
        return [future.result(timeout=60) for future in begun]


def windows_of_month(day: int, *months: int) -> list[MaintenanceKey]:
    dates = [f"2027-{month:02}-{day:02}" for month in months]
    return [MaintenanceKey(f"{date}T08:00Z/{date}T10:00Z", REGION) for date in dates]


def move_at_once(seed: int, one: Ledger, other: Ledger, third: Ledger) -> None:
    was, this, that = windows_of_month(seed, 1, 2, 3)
    know(one, was, this, that)
    moves = ((one, was, this), (other, was, that), (third, this, was))
    to_this, to_that, back = at_the_same_moment(
        seed, 0.004, *(partial(ledger.record_moved, earlier, later) for ledger, earlier, later in moves)
    )
    assert to_this + to_that <= 1
    assert to_this + back <= 1
    assert to_this or to_that
    assert state_of(one, was)[1] == (this if to_this else that).window_key


def claim_and_cancel_at_once(seed: int, one: Ledger, claims: MailClaims, other: Ledger) -> None:
    (window,) = windows_of_month(seed, 5)
    know(one, window)

    def claim() -> list[str]:
        claimed = []
        for number in range(12):
            key = MailKey(window.window_key, REGION, "org-guid", f"person.{number:02}@example.org")
            if isinstance(claims.claim(replace(INTENT, key=key)), CalledOff):
                break
            claimed.append(key.address)
        return claimed

    def cancel() -> list[str]:
        assert other.record_cancelled(window)
        return [record.key.address for record in other.records(window)]

    claimed, seen = at_the_same_moment(seed, 0.03, claim, cancel)
    assert seen == claimed


def test_two_who_move_a_window_at_the_same_moment(ledger_url: str) -> None:
    """Each with a connection of its own: one wins, and the other is told so. Nor do two windows replace each other."""
    with Ledger(ledger_url) as one, Ledger(ledger_url) as other, Ledger(ledger_url) as third:
        for seed in range(1, SEEDS + 1):
            move_at_once(seed, one, other, third)


def test_one_who_claims_while_another_cancels(ledger_url: str) -> None:
    """Nothing is claimed after the cancelling returned, so whoever cancels sees everybody who has to hear of it."""
    with Ledger(ledger_url) as one, Ledger(ledger_url) as other, claiming(one) as claims:
        for seed in range(1, SEEDS + 1):
            claim_and_cancel_at_once(seed, one, claims, other)

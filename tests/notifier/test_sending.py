"""The parts that decide when a mail leaves."""

import threading

import pytest

from fleet.errors import RemoteError
from notifier.sending.agenda import Agenda
from notifier.sending.health import Health
from notifier.sending.pace import Pace


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def sent_within(pace: Pace, clock: Clock, seconds: float) -> int:
    """As many as may leave, one after another, waiting as told."""
    count, until = 0, clock.now + seconds
    while clock.now < until:
        wait_seconds = pace.seconds_to_wait()
        count += wait_seconds == 0
        clock.now += wait_seconds + 1e-9
    return count


def test_the_pace_stays_below_notify_s_limit() -> None:
    """A burst of at most 1,000 and then 50 a second is what Notify allows; two operators then meet its 429."""
    clock = Clock()
    pace = Pace(3000, clock)
    assert sent_within(pace, clock, 0.001) <= 1000
    assert 2500 <= sent_within(pace, clock, 60) <= 3000
    assert sent_within(pace, clock, 60) <= 3000


def test_a_small_limit_is_kept_too() -> None:
    clock = Clock()
    pace = Pace(60, clock)
    assert 50 <= sent_within(pace, clock, 60) <= 80


def test_a_refusal_stops_everybody_for_longer_each_time() -> None:
    """Several who are refused at the same moment count as one."""
    clock = Clock()
    pace = Pace(3000, clock)
    for expected in (1.0, 2.0, 4.0):
        pace.slow_down()
        pace.slow_down()
        assert pace.seconds_to_wait() == pytest.approx(expected)
        clock.now += expected + 1
        assert pace.seconds_to_wait() == 0
    pace.went_well()
    pace.slow_down()
    assert pace.seconds_to_wait() == pytest.approx(1.0)


def test_silence_ends_the_run_and_one_answer_is_no_silence() -> None:
    clock = Clock()
    health = Health(clock)
    for _ in range(20):
        health.failed("down")
    clock.now += 11
    health.answered()
    health.failed("down")
    clock.now += 11
    for _ in range(4):
        health.failed("down")
    with pytest.raises(RemoteError, match="no clear answer for 11 s: down"):
        health.failed("down")


def test_tasks_are_taken_when_they_are_due_and_the_end_is_known() -> None:
    """A task that is put back comes after those that are due; nobody leaves while somebody may put one back."""
    agenda = Agenda(["later", "now"])
    assert agenda.take() == "later"
    agenda.put_back("later", 0.05)
    assert agenda.take() == "now"
    agenda.finish()
    assert agenda.take() == "later"
    agenda.finish()
    assert agenda.take() is None
    assert agenda.left == []


def test_a_stop_wakes_whoever_waits_and_keeps_what_is_left() -> None:
    agenda = Agenda(["only"])
    agenda.take()
    waiter = threading.Thread(target=agenda.take)
    waiter.start()
    agenda.stop()
    waiter.join(timeout=10)
    assert not waiter.is_alive()
    agenda.put_back("only", 60)
    assert agenda.take() is None
    assert agenda.left == ["only"]
    assert not agenda.pause(60)

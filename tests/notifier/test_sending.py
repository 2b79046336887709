"""The parts that decide when a mail leaves."""

import threading

import pytest

from fleet.errors import RemoteError
from notifier.mail.limits import CircuitBreaker, RateLimiter
from notifier.mail.task_queue import TaskQueue


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def sent_within(rate_limiter: RateLimiter, clock: Clock, seconds: float) -> int:
    """As many as may leave, one after another, waiting as told."""
    count, until = 0, clock.now + seconds
    while clock.now < until:
        wait_seconds = rate_limiter.seconds_to_wait()
        count += wait_seconds == 0
        clock.now += wait_seconds + 1e-9
    return count


def test_the_pace_stays_below_notify_s_limit() -> None:
    """A burst of at most 1,000 and then 50 a second is what Notify allows; two operators then meet its 429."""
    clock = Clock()
    rate_limiter = RateLimiter(3000, clock)
    assert sent_within(rate_limiter, clock, 0.001) <= 1000
    assert 2500 <= sent_within(rate_limiter, clock, 60) <= 3000
    assert sent_within(rate_limiter, clock, 60) <= 3000


def test_a_small_limit_is_kept_too() -> None:
    clock = Clock()
    rate_limiter = RateLimiter(60, clock)
    assert 50 <= sent_within(rate_limiter, clock, 60) <= 80


def test_a_refusal_stops_everybody_for_longer_each_time() -> None:
    """Several who are refused at the same moment count as one."""
    clock = Clock()
    rate_limiter = RateLimiter(3000, clock)
    for expected in (1.0, 2.0, 4.0):
        rate_limiter.slow_down()
        rate_limiter.slow_down()
        assert rate_limiter.seconds_to_wait() == pytest.approx(expected)
        clock.now += expected + 1
        assert rate_limiter.seconds_to_wait() == 0
    rate_limiter.went_well()
    rate_limiter.slow_down()
    assert rate_limiter.seconds_to_wait() == pytest.approx(1.0)


def test_being_too_fast_is_said_and_ends_after_ten_minutes_without_a_mail() -> None:
    clock, said = Clock(), list[str]()
    rate_limiter = RateLimiter(3000, clock, said.append)
    begun = clock.now
    while clock.now < begun + 600:
        rate_limiter.slow_down()
        clock.now += rate_limiter.seconds_to_wait() + 1
    with pytest.raises(RemoteError, match="refused mails as too fast for 6"):
        rate_limiter.slow_down()
    assert 600 <= clock.now - begun < 700
    assert said[:2] == [
        "Notify wants mails to come slower: nobody sends for 1 s",
        "Notify wants mails to come slower: nobody sends for 2 s",
    ]


def test_silence_ends_the_run_and_one_answer_is_no_silence() -> None:
    clock = Clock()
    circuit_breaker = CircuitBreaker(clock)
    for _ in range(20):
        circuit_breaker.failed("down")
    clock.now += 11
    circuit_breaker.answered()
    circuit_breaker.failed("down")
    clock.now += 11
    for _ in range(4):
        circuit_breaker.failed("down")
    with pytest.raises(RemoteError, match="no clear answer for 11 s: down"):
        circuit_breaker.failed("down")


def test_tasks_are_taken_when_they_are_due_and_the_end_is_known() -> None:
    """A task that is put back comes after those that are due; nobody leaves while somebody may put one back."""
    tasks = TaskQueue(["later", "now"])
    assert tasks.take() == "later"
    tasks.put_back("later", 0.05)
    assert tasks.take() == "now"
    tasks.finish()
    assert tasks.take() == "later"
    tasks.finish()
    assert tasks.take() is None
    assert tasks.left == []


def test_a_stop_wakes_whoever_waits_and_keeps_what_is_left() -> None:
    tasks = TaskQueue(["only"])
    tasks.take()
    waiter = threading.Thread(target=tasks.take)
    waiter.start()
    tasks.stop()
    waiter.join(timeout=10)
    assert not waiter.is_alive()
    tasks.put_back("only", 60)
    assert tasks.take() is None
    assert tasks.left == ["only"]
    assert not tasks.pause(60)

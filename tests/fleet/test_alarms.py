"""Functions that are called when a time is over, all by one thread."""

import gc
import logging
import threading
import time

import pytest

from fleet.alarms import Alarms
from tests.servers import wait_until


def test_an_alarm_rings_when_its_block_takes_longer() -> None:
    rang = threading.Event()
    began_at = time.monotonic()
    with Alarms().after(0.05, rang.set):
        assert rang.wait(10)
    assert time.monotonic() - began_at >= 0.05


def test_an_alarm_is_mute_once_its_block_has_ended() -> None:
    rang: list[str] = []
    last = threading.Event()
    alarms = Alarms()
    with alarms.after(0.05, lambda: rang.append("of a block that ended")):
        pass
    with pytest.raises(ValueError, match="failed"), alarms.after(0.05, lambda: rang.append("of a block that failed")):
        raise ValueError("failed")
    with alarms.after(0.1, last.set):
        assert last.wait(10)
    assert not rang


def test_alarms_ring_in_the_order_of_their_times_and_not_of_their_setting() -> None:
    rang: list[str] = []
    alarms, all_rang = Alarms(), threading.Event()
    with (
        alarms.after(0.3, all_rang.set),
        alarms.after(0.2, lambda: rang.append("late")),
        alarms.after(0.05, lambda: rang.append("soon")),
        alarms.after(0.1, lambda: rang.append("between")),
    ):
        assert all_rang.wait(10)
    assert rang == ["soon", "between", "late"]


def test_one_thread_serves_all() -> None:
    alarms = Alarms()
    before = threading.active_count()

    def set_many() -> None:
        for _ in range(50):
            with alarms.after(60, lambda: None):
                pass

    setting = [threading.Thread(target=set_many) for _ in range(8)]
    for thread in setting:
        thread.start()
    for thread in setting:
        thread.join()
    assert threading.active_count() == before + 1


def test_what_fails_when_it_rings_is_logged_and_keeps_no_other_from_ringing(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise ValueError("no longer there")

    alarms, rang = Alarms(), threading.Event()
    with caplog.at_level(logging.ERROR), alarms.after(0.0, fail), alarms.after(0.05, rang.set):
        assert rang.wait(10)
    assert "no longer there" in caplog.text


def test_an_alarm_that_was_called_off_holds_on_to_nothing() -> None:
    """Each one is of a connection, and a survey sets hundreds within the time of the first."""

    class Connection:
        pass

    def count() -> int:
        return sum(isinstance(kept, Connection) for kept in gc.get_objects())

    def set_one(alarms: Alarms) -> None:
        connection = Connection()
        with alarms.after(60, lambda: vars(connection).clear()):
            pass

    alarms = Alarms()
    for _ in range(3):
        set_one(alarms)
    wait_until(lambda: count() == 0, count)

"""What the main thread waits for when others work beside it."""

import threading
import time

import pytest

from fleet.program.threads import Threads


def test_all_that_was_submitted_has_ended_after_the_block() -> None:
    ended: list[int] = []
    with Threads(3, "test") as threads:
        for number in range(9):
            threads.submit(ended.append, number)
    assert sorted(ended) == list(range(9))


def test_after_an_error_nothing_more_begins_and_the_error_is_raised() -> None:
    begun = []
    release = threading.Event()

    def fails() -> None:
        raise ValueError("one of them")

    def works() -> None:
        begun.append(1)
        release.wait(10)

    def all_of_them() -> None:
        with Threads(2, "test") as threads:
            threads.submit(works)
            threads.submit(fails)
            threading.Timer(0.5, release.set).start()
            for _ in range(20):
                threads.submit(works)

    with pytest.raises(ValueError, match="one of them"):
        all_of_them()
    assert len(begun) <= 3


def test_an_error_of_the_block_is_the_one_that_is_raised() -> None:
    def fails() -> None:
        raise ValueError("one of them")

    def both() -> None:
        with Threads(1, "test") as threads:
            threads.submit(fails)
            raise KeyError

    with pytest.raises(KeyError):
        both()


def test_ctrl_c_waits_for_nothing() -> None:
    release = threading.Event()
    began = time.monotonic()

    def interrupted() -> None:
        with Threads(1, "test") as threads:
            threads.submit(release.wait, 60)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert time.monotonic() - began < 30
    release.set()

"""A queue of tasks with due times, which workers share until it is empty or until Ctrl-C or SIGTERM stops it."""

import heapq
import itertools
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

import click

Queued = TypeVar("Queued")


class TaskQueue(Generic[Queued]):
    def __init__(self, tasks: Iterable[Queued]) -> None:
        self._order = itertools.count()
        self._due: list[tuple[float, int, Queued]] = [(0.0, next(self._order), task) for task in tasks]
        self._under_way = 0
        self._is_stopped = False
        self._changed = threading.Condition()

    def take(self) -> Queued | None:
        """
        Waits until a task is due, and returns it; None once all tasks are done or the queue is stopped.

        The caller has to put each task back or finish it.
        """
        with self._changed:
            while not self._is_stopped and (self._due or self._under_way):
                wait_seconds = self._due[0][0] - time.monotonic() if self._due else None
                if wait_seconds is not None and wait_seconds <= 0:
                    self._under_way += 1
                    return heapq.heappop(self._due)[2]
                self._changed.wait(wait_seconds)
            return None

    def put_back(self, task: Queued, delay_seconds: float) -> None:
        with self._changed:
            self._under_way -= 1
            heapq.heappush(self._due, (time.monotonic() + delay_seconds, next(self._order), task))
            self._changed.notify_all()

    def finish(self) -> None:
        with self._changed:
            self._under_way -= 1
            self._changed.notify_all()

    def stop(self) -> None:
        """Lets tasks under way finish, and begins no other. Safe to call in a signal handler of the main thread."""
        self._is_stopped = True
        threading.Thread(target=self._wake).start()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def pause(self, seconds: float) -> bool:
        """Waits within a task that is under way. False if a stop cut the waiting short."""
        until = time.monotonic() + seconds
        with self._changed:
            while not self._is_stopped and (left_seconds := until - time.monotonic()) > 0:
                self._changed.wait(left_seconds)
            return not self._is_stopped

    @property
    def is_stopped(self) -> bool:
        return self._is_stopped

    @property
    def left(self) -> list[Queued]:
        with self._changed:
            return [task for _, _, task in sorted(self._due, key=lambda entry: entry[:2])]


@contextmanager
def stopping_at_signals(stop: Callable[[], None]) -> Iterator[None]:
    """
    The first signal lets what is under way finish; the second ends the program at once.

    A terminal that is closed (SIGHUP), or that forbids a background program to write (SIGTTOU), stops nothing.
    """

    def stop_once(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        click.echo("finishing the mails under way; once more to stop at once", err=True)
        stop()

    earlier = {number: signal.signal(number, stop_once) for number in (signal.SIGINT, signal.SIGTERM)}
    earlier |= {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGHUP, signal.SIGTTOU)}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)

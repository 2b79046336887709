"""
Decides when surveys and readings of the ledger and of engine versions happen: at even intervals, and never the same
twice at the same time.

Intervals are measured by the monotonic clock. If a wall clock were set back by an hour, surveys would stop for that
hour, while the metrics would still say that they succeed.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from exporter.region_watch import RegionWatch

_READING_SECONDS = 30
_VERSIONS_AFTER_SECONDS = 60
_VERSIONS_SECONDS = 3600
_SHORTEST_READING_SECONDS = 1


@contextmanager
def surveying(
    watches: Sequence[RegionWatch], interval_seconds: float, when_broken: Callable[[BaseException], None]
) -> Iterator[None]:
    """Surveys until the block ends. A survey that is under way then is abandoned."""
    tasks = {f"watch-{watch.aws_region}": watch.survey for watch in watches}
    with _repeating(tasks, interval_seconds, when_broken):
        yield


@contextmanager
def reading(
    look: Callable[[], None], poll_interval_seconds: float, when_broken: Callable[[BaseException], None]
) -> Iterator[None]:
    """
    Reads the ledger until the block ends, more often than surveys happen: what the notifier records shows soon.

    Not more often than once a second, because each reading may be a connection to a server.
    """
    interval_seconds = max(_SHORTEST_READING_SECONDS, min(_READING_SECONDS, poll_interval_seconds))
    with _repeating({"ledger": look}, interval_seconds, when_broken):
        yield


@contextmanager
def reading_versions(look: Callable[[], None], when_broken: Callable[[BaseException], None]) -> Iterator[None]:
    """Reads engine versions every hour until the block ends, for the first time when the first surveys are over."""
    with _repeating({"versions": look}, _VERSIONS_SECONDS, when_broken, _VERSIONS_AFTER_SECONDS):
        yield


@contextmanager
def _repeating(
    tasks: Mapping[str, Callable[[], None]],
    interval_seconds: float,
    when_broken: Callable[[BaseException], None],
    first_after_seconds: float = 0,
) -> Iterator[None]:
    """Does each in a thread of its own, which has its name, until the block ends."""
    stopped = threading.Event()
    first_due = time.monotonic() + first_after_seconds
    for name, task in tasks.items():
        threading.Thread(
            target=_again_and_again,
            args=(task, first_due, interval_seconds, stopped, when_broken),
            name=name,
            daemon=True,
        ).start()
    try:
        yield
    finally:
        stopped.set()


def _again_and_again(
    task: Callable[[], None],
    due: float,
    interval_seconds: float,
    stopped: threading.Event,
    when_broken: Callable[[BaseException], None],
) -> None:
    """Starts the task every interval. However often it comes due while it runs, it follows only once directly."""
    try:
        while not stopped.wait(max(0.0, due - time.monotonic())):
            task()
            due = max(due + interval_seconds, time.monotonic())
    except BaseException as error:  # noqa: BLE001 — otherwise the thread would end unnoticed
        when_broken(error)

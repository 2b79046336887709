"""
When surveys happen: each region's own, at once and then in an even rhythm, never two of a region at a time.

The rhythm is that of the monotonic clock. A wall clock that is set back an hour would stop a rhythm of its own for that
hour, while everything that was published goes on saying that surveys succeed.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from exporter.region_watch import RegionWatch


@contextmanager
def surveying(
    watches: Sequence[RegionWatch], interval_seconds: float, when_broken: Callable[[BaseException], None]
) -> Iterator[None]:
    """Survey until the block ends; a survey that is then under way is left to itself."""
    stopped = threading.Event()
    for watch in watches:
        threading.Thread(
            target=_survey_again_and_again,
            args=(watch.survey, interval_seconds, stopped, when_broken),
            name=f"watch-{watch.aws_region}",
            daemon=True,
        ).start()
    try:
        yield
    finally:
        stopped.set()


def _survey_again_and_again(
    survey: Callable[[], None],
    interval_seconds: float,
    stopped: threading.Event,
    when_broken: Callable[[BaseException], None],
) -> None:
    """From start to start it takes an interval. Whatever comes due during a survey is one more, directly after it."""
    due = time.monotonic()
    try:
        while not stopped.wait(max(0.0, due - time.monotonic())):
            survey()
            due = max(due + interval_seconds, time.monotonic())
    except BaseException as error:  # noqa: BLE001 — nobody else would hear of it
        when_broken(error)

"""
Decides when surveys happen: each region at once and then at even intervals, and never twice at the same time.

Intervals are measured by the monotonic clock. If a wall clock were set back by an hour, surveys would stop for that
hour, while the metrics would still say that they succeed.
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
    """Surveys until the block ends. A survey that is under way then is abandoned."""
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
    """Starts a survey every interval. However many come due during a survey, only one follows directly after it."""
    due = time.monotonic()
    try:
        while not stopped.wait(max(0.0, due - time.monotonic())):
            survey()
            due = max(due + interval_seconds, time.monotonic())
    except BaseException as error:  # noqa: BLE001 — otherwise the thread would end unnoticed
        when_broken(error)

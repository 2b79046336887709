"""When surveys happen: each region's own, at once and then in an even rhythm, never two of a region at a time."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from exporter.region_watch import RegionWatch
from exporter.web_access import WebAccess

_WEB_RELOAD_SECONDS = 10

# With every interval that a survey outlasts it warns of a skipped run; that is what coalescing means here.
logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)


@contextmanager
def surveying(watches: Sequence[RegionWatch], interval_seconds: float, access: WebAccess) -> Iterator[None]:
    """Survey until the block ends; a survey that is then under way is left to itself."""
    executors = {watch.aws_region: ThreadPoolExecutor(1) for watch in watches}
    scheduler = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(1), **executors},
        job_defaults={"coalesce": True, "misfire_grace_time": None},
        timezone=UTC,
    )
    for watch in watches:
        scheduler.add_job(
            watch.survey,
            trigger="interval",
            seconds=interval_seconds,
            next_run_time=datetime.now(UTC),
            id=watch.aws_region,
            executor=watch.aws_region,
            # One runs and one waits for the region's only worker: a survey that comes due during
            # another one follows it directly, and however many come due, they are that one.
            max_instances=2,
        )
    scheduler.add_job(access.reload_if_changed, trigger="interval", seconds=_WEB_RELOAD_SECONDS, id="web configuration")
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)

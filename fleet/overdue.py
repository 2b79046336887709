"""Says that a survey is overdue while it goes on, because it may go on for much longer than anybody waits for news."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fleet.alarms import ALARMS
from fleet.patience import patience

log = logging.getLogger(__name__)


@contextmanager
def said_if_overdue(
    aws_region: str, last_success_seconds: float, tell: Callable[[str], None] | None = None
) -> Iterator[None]:
    """
    Overdue is a survey that takes long, and twice as long as the last one that succeeded.

    Says so in the log, and to `tell` in words, once, from another thread.
    """
    limits = patience()
    seconds = max(limits.overdue_seconds, 2 * last_success_seconds)

    def say() -> None:
        cause = f"not complete after {seconds:.0f} s, and given up after {limits.survey_seconds:.0f} s"
        log.warning("survey overdue", extra={"aws_region": aws_region, "cause": cause})
        if tell is not None:
            tell(f"the survey is overdue: {cause}")

    with ALARMS.after(seconds, say):
        yield

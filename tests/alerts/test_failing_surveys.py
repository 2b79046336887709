"""However long the poll interval is: surveys that mostly fail are told of in time, and one that fails by itself is not."""

from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path

import pytest

from tests.alerts.promtool import check
from tests.alerts.timeline import HOUR, SCRAPE_SECONDS, Exporter, input_series, rhythm

INTERVALS = (60, 300, 600, 601, 900, 1800, 2400, 7200, 86_400)
"""The shortest, the usual one, on both sides of where the rule changes, and up to the longest that the exporter takes."""
GOOD_ROUNDS = 2
FAILING = 'group(ALERTS{alertname="ElastiCacheUpdateExporterFailing", alertstate="firing"})'

MOSTLY_FAILING = ((False,), (True, False, False), (True, False, False, False))
NOT_MOSTLY = ((True, False), (True, True, True, False))


@pytest.mark.parametrize("pattern", MOSTLY_FAILING, ids=str)
@pytest.mark.parametrize("interval", INTERVALS)
def test_surveys_that_mostly_fail_are_told_of_in_time(tmp_path: Path, interval: int, pattern: Sequence[bool]) -> None:
    """From the start on, and after good ones: within three rounds and half an hour, or an hour and a half."""
    for good in ([], [True] * max(GOOD_ROUNDS, 2 * HOUR // interval)):
        begin = len(good) * interval
        until = begin + max(3 * interval + HOUR // 2, 3 * HOUR // 2)
        outcomes = [*good, *islice(cycle(pattern), until // interval + 2)]
        expect(tmp_path, interval, outcomes, until, {f"max_over_time({FAILING}[{until}s:1m])": 1})


@pytest.mark.parametrize("pattern", NOT_MOSTLY, ids=str)
@pytest.mark.parametrize("interval", INTERVALS)
def test_failed_surveys_among_good_ones_are_not_told_of(tmp_path: Path, interval: int, pattern: Sequence[bool]) -> None:
    """One by one, up to every other."""
    until = max(5 * interval, 4 * HOUR)
    outcomes = list(islice(cycle(pattern), until // interval + 2))
    expect(tmp_path, interval, outcomes, until, {f"max_over_time({FAILING}[{until}s:1m])": None})


def expect(
    folder: Path, interval: int, outcomes: Sequence[bool], until: int, expected: dict[str, float | None]
) -> None:
    """At the end of a timeline of one exporter. Its surveys take a tenth of the interval, half a minute at most."""
    duration = min(interval / 10, SCRAPE_SECONDS / 2)
    exporter = Exporter(interval, rhythm(interval, [duration], until, outcomes=outcomes))
    samples = {query: {} if value is None else {"{}": value} for query, value in expected.items()}
    check(folder, input_series([exporter], until), samples, until)

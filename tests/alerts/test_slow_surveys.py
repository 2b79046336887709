"""However long surveys take: while they succeed no alert is late, interrupted or wrong, and when they end that is told."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.alerts.mutants import name_of
from tests.alerts.promtool import Expected, check, rules
from tests.alerts.timeline import HOUR, SCRAPE_SECONDS, Attempt, Exporter, input_series, rhythm

RUN_SECONDS = 4 * HOUR
INTERVAL = 300
RATIOS = (0.1, 1, 1.3, 2, 2.6, 3.4, 5)
"""Duration of a survey ÷ poll interval: far below, at and just above it, an exact multiple, in between, far above."""
UNEVEN = ((0.1, 5), (0.9, 1.1), (2, 0.5, 2.6), (3, 1, 4, 1, 5))

FLEET = [rule for rule in rules() if "alert" in rule and "ElastiCacheUpdateExporter" not in name_of(rule)]
STALE = "ElastiCacheUpdateExporterStale"
SLOW = "ElastiCacheUpdateExporterSlow"
FAILING = "ElastiCacheUpdateExporterFailing"

Firing = Mapping[str, tuple[float, float]]
"""By alert: when it is first seen to fire, and for how many evaluations until the end; of an evaluation a minute."""


@pytest.mark.parametrize(
    ("interval", "ratio"),
    [*((INTERVAL, ratio) for ratio in RATIOS), (60, 0.1), (60, 2.6), (60, 5), (900, 0.1), (900, 2.6)],
)
def test_surveys_that_succeed_interrupt_no_alert(tmp_path: Path, ratio: float, interval: float) -> None:
    """Each fires when its `for` has passed since the first survey, and until the end; slow ones are told of by then."""
    expect_everything(tmp_path, [ratio * interval], interval)


@pytest.mark.parametrize("ratios", UNEVEN, ids=str)
def test_surveys_of_uneven_length_interrupt_none_either(tmp_path: Path, ratios: tuple[float, ...]) -> None:
    """Where the longest comes first; the limit cannot know of a longer one to come."""
    expect_everything(tmp_path, [ratio * INTERVAL for ratio in (max(ratios), *ratios)], INTERVAL)


@pytest.mark.parametrize("outcomes", [(True, False), (True, True, False, False)], ids=["one", "two in a row"])
@pytest.mark.parametrize("ratio", [0.1, 1, 1.6, 2.6, 5])
def test_failed_surveys_between_good_ones_interrupt_none(
    tmp_path: Path, ratio: float, outcomes: tuple[bool, ...]
) -> None:
    """Two failures in a row leave numbers that are less than three rounds old."""
    exporter = Exporter(INTERVAL, rhythm(INTERVAL, [ratio * INTERVAL], RUN_SECONDS, outcomes=outcomes))
    start = first_seen(exporter.attempts)
    promtool(tmp_path, [exporter], {**of_the_fleet(start), **not_yet_known(start)}, f'alertname!~"{FAILING}|{SLOW}"')


@pytest.mark.parametrize("ahead", [-2 * HOUR, 0, 660])
@pytest.mark.parametrize("ratio", [0.1, 1, 2.3, 5])
def test_when_surveys_end_it_is_told_at_the_edge(tmp_path: Path, ratio: float, ahead: float) -> None:
    """
    Three rounds after the last good survey was seen, and ten minutes: whatever the exporter's clock says. Until then
    each alert on the fleet goes on, so that at no moment there is nothing.
    """
    duration = ratio * INTERVAL
    attempts = rhythm(INTERVAL, [duration], RUN_SECONDS)
    last = max(number for number, attempt in enumerate(attempts) if attempt.ended < 2 * HOUR)
    attempts = [*attempts[: last + 1], *(Attempt(a.started, a.ended, succeeded=False) for a in attempts[last + 1 :])]
    exporter = Exporter(INTERVAL, attempts, clock_ahead_seconds=ahead)

    seen = scrape_after(attempts[last].ended)
    rounds = 3 * (INTERVAL + duration)
    stale_from = seen + (rounds // SCRAPE_SECONDS + 1) * SCRAPE_SECONDS
    known = known_from(exporter)
    told = {STALE: fires(stale_from + 600)}
    if known > 600:
        (_, before), (_, after) = not_yet_known(known)[STALE], told[STALE]
        told = {STALE: (600, before + after)}
    is_told = exactly(told, f'alertname="{STALE}"')
    at_the_end(tmp_path, [exporter], {**is_told, **never_silent(since=known, until=seen)})


@pytest.mark.parametrize(
    ("ratio", "ahead"),
    [
        *((2.3, ahead) for ahead in (-2 * HOUR, -660, 90, 660, HOUR)),
        (0.1, -2 * HOUR),
        (0.1, 660),
        (5, -2 * HOUR),
        (5, 660),
    ],
)
def test_a_clock_that_is_off_interrupts_no_alert(tmp_path: Path, ratio: float, ahead: float) -> None:
    """Hours behind, the first survey looks old; from the second on, Prometheus's own clock counts."""
    exporter = Exporter(INTERVAL, rhythm(INTERVAL, [ratio * INTERVAL], RUN_SECONDS), clock_ahead_seconds=ahead)
    promtool(tmp_path, [exporter], of_the_fleet(known_from(exporter)), f'alertname!~"{SLOW}|{STALE}"')


@pytest.mark.parametrize("ratio", [0.1, 1, 1.6, 2, 2.3, 2.7])
def test_a_restart_in_the_middle_of_a_survey_leaves_no_silence(tmp_path: Path, ratio: float) -> None:
    """
    Until the first survey after it has ended, an alert that fires goes on, or it is told that nothing is known. After
    surveys that take longer than the quarter of an hour of `keep_firing_for`, each has to wait for its `for` again.
    """
    duration = ratio * INTERVAL
    stopped = 2 * HOUR + duration / 2
    exporters = [
        Exporter(INTERVAL, rhythm(INTERVAL, [duration], stopped), stopped=stopped),
        Exporter(INTERVAL, rhythm(INTERVAL, [duration], RUN_SECONDS, start=stopped + 60), started=stopped + 60),
    ]
    at_the_end(tmp_path, exporters, never_silent(since=first_seen(exporters[0].attempts), until=stopped))


def expect_everything(tmp_path: Path, durations: Sequence[float], interval: float) -> None:
    exporter = Exporter(interval, rhythm(interval, durations, RUN_SECONDS))
    start = first_seen(exporter.attempts)
    slow = {SLOW: fires(start + HOUR)} if max(durations) > interval else {}
    promtool(tmp_path, [exporter], {**of_the_fleet(start), **slow, **not_yet_known(start)})


def of_the_fleet(start: float) -> Firing:
    """Every alert on the fleet, if all of it is known from this moment on."""
    seconds = {"m": 60, "h": HOUR}
    waits = {name_of(rule): str(rule["for"]) for rule in FLEET}
    return {name: fires(start + int(wait[:-1]) * seconds[wait[-1]]) for name, wait in waits.items()}


def not_yet_known(start: float) -> Firing:
    """Until the first survey has ended, it is true that nothing is known."""
    return {STALE: (600, (start - 600) / 60)} if start > 600 else {}


def fires(first: float) -> tuple[float, float]:
    """From this moment to the end, without a gap."""
    return first, (RUN_SECONDS - first) / 60 + 1


def first_seen(attempts: Sequence[Attempt]) -> float:
    return scrape_after(next(attempt.ended for attempt in attempts if attempt.succeeded))


def known_from(exporter: Exporter) -> float:
    """With the first survey, or with the second where the first looks too old."""
    first, second = exporter.attempts[:2]
    looks_old = scrape_after(second.ended) - SCRAPE_SECONDS - (first.started + exporter.clock_ahead_seconds)
    is_fresh = looks_old <= 3 * (exporter.interval_seconds + first.ended - first.started)
    return scrape_after(first.ended if is_fresh else second.ended)


def scrape_after(moment: float) -> float:
    return math.ceil(moment / SCRAPE_SECONDS) * SCRAPE_SECONDS


def never_silent(since: float, until: float) -> Expected:
    """From its first moment on, each alert that fires before the trouble goes on, or it is told that nothing is known."""
    expected = {}
    for name, (first, evaluations) in of_the_fleet(since).items():
        if first < until:
            told = f'group(ALERTS{{alertstate="firing", alertname=~"{name}|{STALE}"}})'
            expected[f"count_over_time({told}[{RUN_SECONDS - first:.0f}s:1m])"] = {"{}": evaluations}
    assert expected
    return expected


def promtool(folder: Path, exporters: Sequence[Exporter], expected: Firing, which: str = 'alertname!=""') -> None:
    at_the_end(folder, exporters, exactly(expected, which))


def exactly(expected: Firing, which: str) -> Expected:
    """The expected alerts fire and no others, each from its moment on, as often as it says."""
    firing = f'group by (alertname) (ALERTS{{alertstate="firing", {which}}})'
    run = f"[{RUN_SECONDS}s:1m]"
    return {
        f"min_over_time(timestamp({firing}){run})": {f'{{alertname="{name}"}}': v[0] for name, v in expected.items()},
        f"count_over_time({firing}{run})": {f'{{alertname="{name}"}}': v[1] for name, v in expected.items()},
    }


def at_the_end(folder: Path, exporters: Sequence[Exporter], expected: Expected) -> None:
    """Against all alerts."""
    alerts = " ".join(name_of(rule) for rule in rules() if "alert" in rule)
    check(folder, input_series(exporters, RUN_SECONDS), expected, RUN_SECONDS, alerts)

"""`python -m bench.simulation`: the simulated tables of docs/scale.md, in half a minute; the same on every machine."""

import functools
import itertools
from collections.abc import Callable, Sequence

from bench.simulation import mailing, surveys
from bench.simulation.throttle import Limit

_LADDER = (1_000, 2_000, 3_000, 5_000, 7_000, 10_000, 15_000, 20_000, 30_000)
_BURST_SECONDS = 10
_POLL_INTERVAL_SECONDS = 300


def ages() -> str:
    """How long a survey takes and how old the numbers are where AWS does not throttle."""
    rows = []
    for instances, latency_seconds in itertools.product((1_000, 10_000, 30_000), (0.1, 0.3)):
        one, two = (
            surveys.simulate(surveys.Scenario(instances, exporters=exporters, latency_seconds=latency_seconds))
            for exporters in (1, 2)
        )
        rows.append(
            f"| {instances:,} | {latency_seconds * 1e3:.0f} | {_both(one.survey_seconds)}"
            f" | {_both(one.ages())} | {_both(two.ages())} |"
        )
    return _table("instances", "page, ms", "survey, s", "age, s", "age with two replicas, s", rows=rows)


def largest_fleets() -> str:
    """With how many instances in a region the poll interval is still held, where AWS throttles."""
    columns: tuple[tuple[int, float], ...] = ((1, 300.0), (2, 300.0), (4, 300.0), (1, 900.0))
    rows = []
    for per_second in (1, 2, 5, 10):
        largest = [
            _last(_LADDER, functools.partial(_is_held, exporters, interval, per_second))
            for exporters, interval in columns
        ]
        rows.append(f"| {per_second} | " + " | ".join(_count(_LADDER, count) for count in largest) + " |")
    headings = [
        f"{exporters} exporter{'s' if exporters > 1 else ''}, {interval:.0f} s" for exporters, interval in columns
    ]
    return _table("AWS answers, a second", *headings, rows=rows)


def most_regions() -> str:
    """How many regions one exporter holds the poll interval for, where AWS does not throttle."""
    ladder = (2, 4, 8, 12, 16, 24, 32)
    rows = []
    for instances in (300, 1_000, 3_000, 10_000):
        most = _last(ladder, functools.partial(_are_held, instances))
        rows.append(f"| {instances:,} | {_count(ladder, most)} |")
    return _table("instances in each region", "regions in one exporter", rows=rows)


def telling() -> str:
    """How long it takes to tell people, where all operators begin at the same moment."""
    rows = []
    for mails, operators, latency_seconds in (
        (1_000, 1, 0.1),
        (10_000, 1, 0.1),
        (100_000, 1, 0.1),
        (10_000, 2, 0.1),
        (10_000, 1, 0.4),
        (10_000, 2, 0.4),
        (10_000, 4, 0.4),
    ):
        told = mailing.simulate(mailing.Scenario(mails, operators, latency_seconds))
        rows.append(
            f"| {mails:,} | {operators} | {latency_seconds * 1e3:.0f} | {told.minutes:.1f}"
            f" | {mails / told.minutes:,.0f} | {told.refused} |"
        )
    return _table("mails", "operators", "Notify, ms", "minutes", "mails a minute", "answered 429", rows=rows)


Table = Callable[[], str]
TABLES: tuple[Table, ...] = (ages, largest_fleets, most_regions, telling)


def _is_held(exporters: int, interval_seconds: float, per_second: int, instances: int) -> bool:
    return surveys.simulate(
        surveys.Scenario(
            instances,
            exporters=exporters,
            limit=Limit(per_second, per_second * _BURST_SECONDS),
            poll_interval_seconds=interval_seconds,
            seconds=6 * interval_seconds,
        )
    ).is_interval_held


def _are_held(instances: int, regions: int) -> bool:
    scenario = surveys.Scenario(instances, regions=regions, seconds=4 * _POLL_INTERVAL_SECONDS)
    return surveys.simulate(scenario).is_interval_held


def _last(ladder: Sequence[int], holds: Callable[[int], bool]) -> int:
    """The last rung up to which it holds; 0 where it does not on the first."""
    held = list(itertools.takewhile(holds, ladder))
    return held[-1] if held else 0


def _count(ladder: Sequence[int], count: int) -> str:
    if count == ladder[-1]:
        return f"{count:,} or more"
    return f"{count:,}" if count else f"fewer than {ladder[0]:,}"


def _both(values: Sequence[float]) -> str:
    """Median and 99th percentile of what is sorted."""
    return " / ".join(f"{values[int(len(values) * share)]:.0f}" for share in (0.5, 0.99))


def _table(*headings: str, rows: Sequence[str]) -> str:
    return "\n".join((f"| {' | '.join(headings)} |", f"|{' --- |' * len(headings)}", *rows))


if __name__ == "__main__":
    for table in TABLES:
        print(f"{table.__doc__}\n\n{table()}\n", flush=True)

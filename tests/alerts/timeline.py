"""What an exporter publishes while time passes, as input series of promtool's unit tests: surveys in, samples out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, groupby

SCRAPE_SECONDS = 60
HOUR = 3600

_EXPORTER = "elasticache_update_exporter"
_FLEET = "paas_aws_elasticache"
_UPDATE = 'elasticache_service_update="redis-1"'
_OTHER = 'elasticache_service_update="redis-2"'
_GROUP = f'{_UPDATE}, elasticache_replication_group_id="cf-1"'

AN_ALERT_FOR_EVERYTHING: Mapping[str, float] = {
    f'{_FLEET}_replication_group_nodes_count{{service_instance_guid="1"}}': 1,
    f'{_FLEET}_cluster_update_required{{{_GROUP}, service_instance_guid="1"}}': 1,
    f"{_FLEET}_service_update_not_applied_count{{{_UPDATE}}}": 1,
    f'{_FLEET}_service_update_info{{{_UPDATE}, severity="critical"}}': 1,
    f"{_FLEET}_service_update_recommended_apply_by_timestamp_seconds{{{_UPDATE}}}": -60,
    f"{_FLEET}_service_update_release_timestamp_seconds{{{_UPDATE}}}": -60,
    f"{_FLEET}_service_update_auto_update_enabled{{{_UPDATE}}}": 1,
    f'{_FLEET}_update_actions{{{_UPDATE}, status="stopped"}}': 1,
    f'{_FLEET}_update_action_under_way_since_timestamp_seconds{{{_GROUP}, status="in-progress"}}': -7300,
    f"{_FLEET}_update_action_estimated_duration_seconds{{{_GROUP}}}": 3600,
    f'{_FLEET}_replication_group_nodes_count{{service_instance_guid="2"}}': 1,
    f'{_FLEET}_cluster_update_required{{{_OTHER}, service_instance_guid="2"}}': 1,
    f"{_FLEET}_service_update_not_applied_count{{{_OTHER}}}": 1,
    f'{_FLEET}_service_update_info{{{_OTHER}, severity="critical"}}': 1,
    f"{_FLEET}_service_update_recommended_apply_by_timestamp_seconds{{{_OTHER}}}": 86_400,
    f'{_FLEET}_service_instance_deferred_until_timestamp_seconds{{service_instance_guid="2"}}': 1_000_000,
    f"{_FLEET}_unclaimed_replication_groups{{}}": 1,
    f"{_FLEET}_unknown_service_instances{{}}": 1,
    f"{_FLEET}_node_count{{}}": 90,
    f"{_FLEET}_nodes_quota{{}}": 100,
    f"{_FLEET}_cache_parameter_group_count{{}}": 90,
    f"{_FLEET}_cache_parameter_groups_quota{{}}": 100,
}
"""A fleet of two instances for which every alert on the fleet has a reason. Unix time begins with the test."""


@dataclass(frozen=True)
class Attempt:
    started: float
    ended: float
    succeeded: bool


@dataclass(frozen=True)
class Exporter:
    """One target that surveys one region. Its attempts are those since its start; before it there is no series."""

    interval_seconds: float
    attempts: Sequence[Attempt]
    started: float = 0
    stopped: float = float("inf")
    clock_ahead_seconds: float = 0
    threshold: float = 0.2
    aws_region: str = "eu-west-1"
    instance: str = "a"


def rhythm(
    interval: float, durations: Iterable[float], until: float, *, start: float = 0, outcomes: Iterable[bool] = (True,)
) -> list[Attempt]:
    """As the exporter's schedule has it: one survey an interval, and one that comes due during another follows it."""
    attempts: list[Attempt] = []
    begin = start
    for duration, succeeded in zip(cycle(durations), cycle(outcomes), strict=False):
        if begin > until:
            return attempts
        end = begin + duration
        attempts.append(Attempt(begin, end, succeeded))
        due = start + interval * ((begin - start) // interval + 1)
        begin = max(due, end)
    raise AssertionError  # the iterables never end


def input_series(exporters: Sequence[Exporter], until: float) -> list[dict[str, str]]:
    """Scraped every minute. Exporters of one instance are one that restarts."""
    values: dict[str, list[float | None]] = {}
    for scrape in range(int(until // SCRAPE_SECONDS) + 1):
        now = scrape * SCRAPE_SECONDS
        for exporter in exporters:
            if exporter.started <= now < exporter.stopped:
                for series, value in _published(exporter, now):
                    listed = values.setdefault(series, [])
                    listed += [None] * (scrape - len(listed)) + [value]
    count = int(until // SCRAPE_SECONDS) + 1
    return [
        {"series": series, "values": " ".join(_notation([*listed, *[None] * (count - len(listed))]))}
        for series, listed in values.items()
    ]


def _published(exporter: Exporter, now: float) -> Iterator[tuple[str, float]]:
    target = f'job="x", instance="{exporter.instance}"'
    region = f'aws_region="{exporter.aws_region}", {target}'
    yield f"up{{{target}}}", 1
    yield f"process_start_time_seconds{{{target}}}", exporter.started
    yield f"{_EXPORTER}_build_info{{{target}}}", 1
    yield f"{_EXPORTER}_poll_interval_seconds{{{target}}}", exporter.interval_seconds
    yield f"{_EXPORTER}_update_fraction_threshold_ratio{{{target}}}", exporter.threshold
    yield f"{_EXPORTER}_region_info{{{region}}}", 1
    ended = [attempt for attempt in exporter.attempts if attempt.ended <= now]
    yield f"{_EXPORTER}_surveys_total{{{region}}}", len(ended)
    yield f"{_EXPORTER}_survey_failures_total{{{region}}}", sum(not attempt.succeeded for attempt in ended)
    if ended:
        yield f"{_EXPORTER}_last_survey_success{{{region}}}", ended[-1].succeeded
        yield f"{_EXPORTER}_last_survey_duration_seconds{{{region}}}", ended[-1].ended - ended[-1].started
    if good := [attempt for attempt in ended if attempt.succeeded]:
        yield (
            f"{_EXPORTER}_last_success_timestamp_seconds{{{region}}}",
            good[-1].started + exporter.clock_ahead_seconds,
        )
        for series, value in AN_ALERT_FOR_EVERYTHING.items():
            name, _, labels = series.rstrip("}").partition("{")
            yield f"{name}{{{', '.join(filter(None, (labels, region)))}}}", value


def _notation(values: Sequence[float | None]) -> Iterator[str]:
    """As promtool reads it. Where a series ends it is marked stale, as a scrape without it does."""
    was_there = False
    for value, run in groupby(values):
        count = len(list(run))
        if value is None:
            if was_there:
                yield "stale"
                count -= 1
            if count:
                yield f"_x{count}"
        else:
            yield f"{float(value)!r}x{count - 1}"
        was_there = value is not None

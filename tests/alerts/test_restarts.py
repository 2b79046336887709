"""However often an exporter restarts: either the alerts on the fleet go on, or it is told that it restarts."""

import sys
import time
from pathlib import Path

import pytest

from sandbox.server import Options, Sandbox
from tests.alerts.mutants import name_of
from tests.alerts.promtool import check, rules
from tests.alerts.timeline import HOUR, Exporter, input_series, rhythm
from tests.exporter_process import running_exporter

INTERVAL = 300
RUN_SECONDS = 4 * HOUR
ALERTS = " ".join(name_of(rule) for rule in rules() if "alert" in rule)
RESTARTING = 'ALERTS{alertname="ElastiCacheUpdateExporterRestarting", alertstate="firing"}'
TOLD = 'ALERTS{alertname=~"ElastiCacheUpdate(BacklogAboveThreshold|ExporterRestarting)", alertstate="firing"}'


def lives(period: int, survey: int, down: int, instance: str = "a") -> list[Exporter]:
    """Of one exporter that ends every so many seconds and is gone for some, each with its first survey at its start."""
    return [
        Exporter(
            INTERVAL,
            rhythm(INTERVAL, [survey], start + period - down, start=start),
            started=start,
            stopped=start + period - down,
            instance=instance,
        )
        for start in range(0, RUN_SECONDS + 1, period)
    ]


@pytest.mark.parametrize("down", [0, 60])
@pytest.mark.parametrize("minutes", [6, 10, 14, 17, 20, 31])
def test_restarts_silence_nothing(tmp_path: Path, minutes: int, down: int) -> None:
    """Everything waits: from an hour on, that is told, or that the exporter restarts, at each moment."""
    exporters = lives(minutes * 60, 60, down)
    told = f"count_over_time(group({TOLD})[{RUN_SECONDS - HOUR}s:1m])"
    expected = {told: {"{}": (RUN_SECONDS - HOUR) / 60 + 1}}
    check(tmp_path, input_series(exporters, RUN_SECONDS), expected, RUN_SECONDS, ALERTS)


def test_a_deployment_is_no_alarm(tmp_path: Path) -> None:
    """Two replicas, each of which starts anew once."""
    replicas = [*lives(2 * HOUR, 60, 60, "a"), *lives(2 * HOUR, 60, 120, "b")]
    run = f"[{RUN_SECONDS}s:1m]"
    expected = {
        f"max_over_time(group({RESTARTING}){run})": {},
        f"max_over_time(count(process_start_time_seconds){run})": {"{}": 2},
    }
    check(tmp_path, input_series(replicas, RUN_SECONDS), expected, RUN_SECONDS, ALERTS)


@pytest.mark.skipif(sys.platform != "linux", reason="the metrics of a process are read from /proc")
def test_the_exporter_says_when_it_started_before_any_survey_has_succeeded(tmp_path: Path) -> None:
    """By which Prometheus notices each start, however short the life after it."""
    with (
        Sandbox(Options(instances=3)) as sandbox,
        running_exporter(tmp_path, {**sandbox.environment, "CF_CLIENT_SECRET": "wrong"}) as exporter,
    ):
        assert exporter.value("elasticache_update_exporter_last_success_timestamp_seconds") is None
        started = exporter.value("process_start_time_seconds")
    assert started is not None
    assert abs(time.time() - started) < 600

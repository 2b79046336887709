"""How many requests a survey makes and how long it takes, where every request takes 50 ms."""

import statistics
import time

import requests
from prometheus_client.parser import text_string_to_metric_families

from bench import programs

ORIGINAL_REQUESTS = 477
ORIGINAL_SECONDS = 12.6
"""The program that this one replaces, on a platform like this one: 1,000 instances, 50 ms a request."""
_SURVEYS = 7


def measure(instances: int = 1000) -> None:
    durations: list[float] = []
    with (
        programs.sandbox(instances, "all:latency:0.05") as environment,
        programs.exporter(environment, poll_interval_seconds=2) as (url, _),
    ):
        seen = 0.0
        while len(durations) < _SURVEYS:
            values = _values(url)
            if values["elasticache_update_exporter_surveys_total"] > seen:
                seen = values["elasticache_update_exporter_surveys_total"]
                durations.append(values["elasticache_update_exporter_last_survey_duration_seconds"])
            time.sleep(0.2)
        control = environment["SANDBOX_CONTROL_URL"]
        requests.delete(f"{control}/requests", timeout=5)
        before = seen
        while _values(url)["elasticache_update_exporter_surveys_total"] < before + 1:
            time.sleep(0.05)
        by_system = requests.get(f"{control}/requests", timeout=5).json()["by_system"]
    count = sum(by_system.values())
    median = statistics.median(durations)
    print(f"survey of {instances} instances at 50 ms a request, {_SURVEYS} surveys")
    print(
        f"  requests  {count} ({by_system}); the original made {ORIGINAL_REQUESTS}: {ORIGINAL_REQUESTS / count:.1f} ×"
    )
    print(
        f"  seconds   median {median:.3f}, fastest {min(durations):.3f};"
        f" the original took {ORIGINAL_SECONDS}: {ORIGINAL_SECONDS / median:.1f} × faster"
    )


def _values(url: str) -> dict[str, float]:
    text = requests.get(f"{url}/metrics", headers={"Accept": "text/plain"}, timeout=10).text
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith("elasticache_update_exporter")
    }

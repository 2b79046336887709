"""
How far one exporter goes: `python -m bench.scale`, some ten minutes; prints the table of docs/scale.md.

Every request takes 50 ms, as on a near network. `--fleets 1000x1,1000x4` measures those only: instances × regions.
"""

import argparse
import contextlib
import gzip
import http.client
import re
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests
from prometheus_client.parser import text_string_to_metric_families

from bench import programs
from bench.simulation import surveys

LATENCY_SECONDS = 0.05
REGION_CODES = (
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-central-1",
    "eu-north-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ca-central-1",
)
_FLEETS = "1000x1,3000x1,10000x1,30000x1,1000x4,1000x10"
_PAUSE_SECONDS = 1.0
_SCRAPES = 31
_OWN = "elasticache_update_exporter_"


@dataclass(frozen=True)
class Sample:
    """What `/metrics` says of the exporter at one moment, over all its regions."""

    surveys: float
    """Of the region with the fewest."""
    requests: float
    """Since the start."""
    processor_seconds: float
    """Since the start, up to the last survey's end."""
    longest_survey_seconds: float
    failures: float


@dataclass(frozen=True)
class Measured:
    instances: int
    regions: int
    requests: float
    survey_seconds: Sequence[float]
    processor_seconds: float
    """Per survey of one region."""
    resident_mebibytes: float
    highest_mebibytes: float
    series: int
    plain_bytes: int
    gzip_bytes: int
    scrape_seconds: Sequence[float]

    @property
    def row(self) -> str:
        survey = statistics.median(self.survey_seconds)
        scrape = statistics.median(self.scrape_seconds)
        return (
            f"| {self.instances:,} × {self.regions} | {self.requests:,.0f} | {survey:.2f}"
            f" ({min(self.survey_seconds):.2f}–{max(self.survey_seconds):.2f}) | {self._simulated_seconds:.2f}"
            f" | {self.processor_seconds:.2f}"
            f" | {self.resident_mebibytes:.0f} | {self.highest_mebibytes:.0f} | {self.series:,}"
            f" | {self.plain_bytes / 1e6:.2f} | {self.gzip_bytes / 1e6:.3f} | {scrape * 1e3:.1f} |"
        )

    @property
    def _simulated_seconds(self) -> float:
        interval = interval_seconds(self.instances, self.regions)
        return statistics.median(
            surveys.simulate(
                surveys.Scenario(
                    self.instances,
                    regions=self.regions,
                    latency_seconds=LATENCY_SECONDS,
                    latency_spread=0.0,
                    poll_interval_seconds=interval,
                    seconds=8 * interval,
                )
            ).survey_seconds
        )


COLUMNS = (
    "instances × regions",
    "requests",
    "survey, s",
    "simulated",
    "CPU, s",
    "MiB",
    "at most",
    "series",
    "MB",
    "gzip",
    "scrape, ms",
)


def measure(instances: int, regions: int, surveys_count: int) -> Measured:
    """`requests` and `processor_seconds` are those of one survey of one region."""
    with (
        _platform(instances, regions) as environment,
        programs.exporter(environment, interval_seconds(instances, regions)) as (url, pid),
    ):
        first = _after(url, 2)
        seen, durations = first, list[float]()
        while seen.surveys < first.surveys + surveys_count:
            seen = _after(url, seen.surveys + 1)
            durations.append(seen.longest_survey_seconds)
        now, highest = programs.resident_mebibytes(pid)
        if seen.failures:
            raise RuntimeError(f"{seen.failures:.0f} surveys failed")
        count = (seen.surveys - first.surveys) * regions
        body, scrapes = _scrapes(url)
        plain = gzip.decompress(body)
    return Measured(
        instances=instances,
        regions=regions,
        requests=(seen.requests - first.requests) / count,
        survey_seconds=durations,
        processor_seconds=(seen.processor_seconds - first.processor_seconds) / count,
        resident_mebibytes=now,
        highest_mebibytes=highest,
        series=sum(1 for line in plain.splitlines() if not line.startswith(b"#")),
        plain_bytes=len(plain),
        gzip_bytes=len(body),
        scrape_seconds=scrapes,
    )


def interval_seconds(instances: int, regions: int) -> float:
    """Long enough that all regions have been published before they begin anew, all at once."""
    publishing_seconds = 0.1 * regions * instances / 1000
    return _PAUSE_SECONDS + instances / 100 * LATENCY_SECONDS * 1.5 + publishing_seconds


@contextlib.contextmanager
def _platform(instances: int, regions: int) -> Iterator[Mapping[str, str]]:
    """A sandbox a region, and the environment that surveys them all."""
    with contextlib.ExitStack() as stack:
        platforms = [
            stack.enter_context(
                programs.sandbox(
                    instances, f"all:latency:{LATENCY_SECONDS}", flags=["--region", code, "--seed", str(n)]
                )
            )
            for n, code in enumerate(REGION_CODES[:regions], start=1)
        ]
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        path = folder / "regions.toml"
        path.write_text("".join(_region_table(platform) for platform in platforms))
        yield {**platforms[0], "REGIONS_FILE": str(path)}


def _region_table(platform: Mapping[str, str]) -> str:
    return (
        f'[[regions]]\nname = "{platform["AWS_REGION"]}"\naws_region = "{platform["AWS_REGION"]}"\n'
        f'cf_api_address = "{platform["CF_API_ADDRESS"]}"\n'
        f'aws_endpoint_url_elasticache = "{platform["AWS_ENDPOINT_URL_ELASTICACHE"]}"\n'
    )


def _after(url: str, surveys: float) -> Sample:
    """Once every region has been surveyed so often."""
    deadline = time.monotonic() + programs.DEADLINE_SECONDS
    while time.monotonic() < deadline:
        sample = _sample(url)
        if sample.surveys >= surveys:
            return sample
        time.sleep(0.3)
    raise TimeoutError(url)


def _sample(url: str) -> Sample:
    """The exporter's own series are found by their names, so that reading them costs the machine little."""
    text = requests.get(f"{url}/metrics", headers={"Accept": "text/plain"}, timeout=30).text
    own = "\n".join(line for line in text.splitlines() if line.startswith((_OWN, "process_")))
    values: dict[str, list[float]] = {}
    for family in text_string_to_metric_families(own + "\n"):
        for sample in family.samples:
            values.setdefault(sample.name, []).append(sample.value)
    return Sample(
        surveys=min(values[f"{_OWN}surveys_total"]),
        requests=sum(values.get(f"{_OWN}remote_requests_total", [])),
        processor_seconds=values["process_cpu_seconds_total"][0],
        longest_survey_seconds=max(values.get(f"{_OWN}last_survey_duration_seconds", [0.0])),
        failures=sum(values[f"{_OWN}survey_failures_total"]),
    )


def _scrapes(url: str) -> tuple[bytes, list[float]]:
    """The compressed body, and the seconds of each scrape over one connection, as Prometheus's is."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    body, seconds = b"", list[float]()
    for _ in range(_SCRAPES):
        started = time.perf_counter()
        connection.request("GET", "/metrics", headers={"Accept-Encoding": "gzip"})
        body = connection.getresponse().read()
        seconds.append(time.perf_counter() - started)
    connection.close()
    return body, seconds


def fleet(text: str) -> tuple[int, int]:
    """`3000x2` is 3,000 instances in each of two regions."""
    match = re.fullmatch(r"(\d+)x(\d+)", text)
    if match is None or not 1 <= int(match[2]) <= len(REGION_CODES):
        raise argparse.ArgumentTypeError(f"'{text}': write it as 3000x2, with 1 to {len(REGION_CODES)} regions")
    return int(match[1]), int(match[2])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--fleets",
        type=lambda text: [fleet(part) for part in text.split(",")],
        default=_FLEETS,
        metavar="INSTANCESxREGIONS,...",
        help="default: %(default)s",
    )
    parser.add_argument("--surveys", type=int, default=5, metavar="COUNT", help="of each fleet; default: %(default)s")
    arguments = parser.parse_args()
    print(programs.markdown_header(COLUMNS))
    for instances, regions in arguments.fleets:
        print(measure(instances, regions, arguments.surveys).row, flush=True)


if __name__ == "__main__":
    with programs.interruptible():
        main()

"""What a scrape costs, beside what the same server needs for a static body of that size, and the memory held."""

import http.client
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from bench import programs

MEMORY_LIMIT_MEBIBYTES = 128
"""What the original's manifest gave it; held here at 3,000 instances."""
_SCRAPES = 30
_SURVEYS = 8


def measure(instances: int) -> None:
    with programs.sandbox(instances) as environment:
        with programs.exporter(environment, poll_interval_seconds=3600) as (url, _):
            print(f"scrape of {instances} instances, {_SCRAPES} scrapes in turn with a static body, medians")
            for encoding in ("gzip", "identity"):
                _print_scrapes(url, encoding)
        with programs.exporter(environment, poll_interval_seconds=1) as (url, pid):
            programs.wait_for_surveys(url, _SURVEYS)
            now, peak = programs.resident_mebibytes(pid)
        print(
            f"  memory    after {_SURVEYS} surveys {now:.0f} MiB, at most {peak:.0f} MiB:"
            f" {peak / MEMORY_LIMIT_MEBIBYTES:.2f} × of {MEMORY_LIMIT_MEBIBYTES} MiB"
        )


def _print_scrapes(url: str, encoding: str) -> None:
    size = len(_Connection(url, "/metrics", encoding).scrape()[0])
    with _static_server(size) as static_url:
        seconds, static_seconds = _medians(
            _Connection(url, "/metrics", encoding), _Connection(static_url, "/", "identity")
        )
    print(
        f"  {encoding:9} {size / 1e6:7.3f} MB {seconds * 1e3:8.2f} ms,"
        f" a static body {static_seconds * 1e3:.2f} ms: {seconds / static_seconds:.2f} ×"
    )


class _Connection:
    """Stays open from scrape to scrape, as Prometheus's does."""

    def __init__(self, url: str, path: str, encoding: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc)
        self._path = path
        self._headers = {"Accept-Encoding": encoding}

    def scrape(self) -> tuple[bytes, float]:
        """The body and the seconds that it took."""
        started = time.perf_counter()
        self._connection.request("GET", self._path, headers=self._headers)
        body = self._connection.getresponse().read()
        return body, time.perf_counter() - started


def _medians(one: _Connection, other: _Connection) -> tuple[float, float]:
    """Of scrapes in turn, so that a machine that gets slower gets slower for both."""
    pairs = [(one.scrape()[1], other.scrape()[1]) for _ in range(_SCRAPES)]
    return statistics.median(first for first, _ in pairs), statistics.median(second for _, second in pairs)


@contextmanager
def _static_server(size: int) -> Iterator[str]:
    port = programs.free_port()
    with programs.process(["-m", "bench.static_server", str(port), str(size)], {}):
        url = f"http://127.0.0.1:{port}"
        programs.wait_for(url)
        yield url

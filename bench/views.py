"""
What the page costs at a size of fleet: each kind of view, and scrapes while somebody reads the page without pause.

The views differ each time, so that none is one that the exporter has rendered before.
"""

import argparse
import http.client
import itertools
import statistics
import time
from urllib.parse import urlsplit

from bench import programs

_VIEWS = {
    "everything that waits": "/?hours=0900-{hour:02}{minute:02}",
    "all instances, a page in the middle": "/?show=all&page=9&hours=0900-{hour:02}{minute:02}",
    "a text": "/?text=a{number}",
    "severity, availability, sorted by name": "/?severity=critical&ha=yes&sort=-name&hours=0900-{hour:02}{minute:02}",
    "one page of the JSON": "/backlog.json?page=1&hours=0900-{hour:02}{minute:02}",
    "all of the CSV": "/backlog.csv?hours=0900-{hour:02}{minute:02}",
    "all of the JSON": "/backlog.json?hours=0900-{hour:02}{minute:02}",
}
_REPEATED = 15
_PAUSE_SECONDS = 0.05
_READERS = {"somebody opens another view each second": 1, "somebody does without pause": 0}
_SCRAPES = 60
COLUMNS = ("view", "ms, median", "ms, slowest", "kB", "kB, gzip")


class _Client:
    """Keeps its connection, as browsers and Prometheus do."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc)

    def get(self, path: str, encoding: str = "identity") -> tuple[int, float]:
        """The size of the answer in bytes, and the seconds that it took."""
        started = time.perf_counter()
        self._connection.request("GET", path, headers={"Accept-Encoding": encoding})
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(f"{path}: {answer.status}")
        return len(body), time.perf_counter() - started


def _path(pattern: str, number: int) -> str:
    return pattern.format(number=number, hour=10 + number // 60, minute=number % 60)


def _print_views(url: str) -> None:
    client = _Client(url)
    print(programs.markdown_header(COLUMNS))
    for name, pattern in _VIEWS.items():
        answers = []
        for number in range(_REPEATED):
            answers.append(client.get(_path(pattern, number)))
            time.sleep(answers[-1][1] + _PAUSE_SECONDS)
        packed, _ = client.get(_path(pattern, _REPEATED), "gzip")
        seconds = sorted(seconds for _, seconds in answers)
        size = max(size for size, _ in answers)
        median, slowest = statistics.median(seconds) * 1e3, seconds[-1] * 1e3
        print(f"| {name} | {median:.0f} | {slowest:.0f} | {size / 1e3:,.0f} | {packed / 1e3:,.0f} |", flush=True)


def _print_scrapes(url: str) -> None:
    """In turn with and without a reader, so that a machine that gets slower gets slower for both."""
    client = _Client(url)
    for who, pause_seconds in _READERS.items():
        alone, beside = list[float](), list[float]()
        for _ in range(4):
            alone += _scrapes(client)
            with programs.process(["-m", "bench.views", "--read", url, "--pause", str(pause_seconds)], {}):
                time.sleep(1)
                beside += _scrapes(client)
        first, second = statistics.median(alone), statistics.median(beside)
        print(
            f"a scrape alone {first * 1e3:.1f} ms, while {who} {second * 1e3:.1f} ms: {second / first:.2f} ×",
            flush=True,
        )


def _scrapes(client: _Client) -> list[float]:
    seconds = []
    for _ in range(_SCRAPES // 4):
        seconds.append(client.get("/metrics", "gzip")[1])
        time.sleep(0.05)
    return seconds


def _read(url: str, pause_seconds: float) -> None:
    """Until this process is ended."""
    client = _Client(url)
    for number in itertools.count():
        client.get(_path("/?show=all&text=a{number}", number))
        time.sleep(pause_seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=int, default=20_000, help="default: %(default)s")
    parser.add_argument("--read", metavar="URL", help=argparse.SUPPRESS)
    parser.add_argument("--pause", type=float, default=0, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.read:
        _read(arguments.read, arguments.pause)
    with (
        programs.sandbox(arguments.instances) as environment,
        programs.exporter(environment, poll_interval_seconds=3600) as (url, _),
    ):
        _print_views(url)
        _print_scrapes(url)


if __name__ == "__main__":
    with programs.interruptible():
        main()

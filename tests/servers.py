"""Prometheus, Alertmanager and somebody to be told, each on a free port of the loopback, for as long as a block lasts."""

import contextlib
import json
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import requests

from tests.exporter_process import free_port

DEADLINE_SECONDS = 90
"""For a busy machine; what is as it should be is waited for no longer."""
FOUR_TIMES_A_SECOND = {"scrape_interval": "250ms", "scrape_timeout": "250ms", "evaluation_interval": "250ms"}


def wait_until(
    is_so: Callable[[], bool], what: Callable[[], object], deadline_seconds: float = DEADLINE_SECONDS
) -> None:
    """Looks again and again; `what` says what there is instead, when time is up."""
    deadline = time.monotonic() + deadline_seconds
    while not is_so():
        assert time.monotonic() < deadline, f"not so after {deadline_seconds} s: {what()}"
        time.sleep(0.1)


@dataclass(frozen=True)
class Prometheus:
    url: str

    def series(self, expression: str) -> dict[frozenset[tuple[str, str]], float]:
        """What the expression has now: values by labels, the metric's name left out."""
        reply = requests.get(f"{self.url}/api/v1/query", params={"query": expression}, timeout=5)
        assert reply.ok, f"{expression}: {reply.text}"
        return {
            frozenset((name, value) for name, value in row["metric"].items() if name != "__name__"): float(
                row["value"][1]
            )
            for row in reply.json()["data"]["result"]
        }

    def values(self, expression: str) -> list[float]:
        return sorted(self.series(expression).values())

    def failed_rules(self) -> dict[str, str]:
        """By rule: why its last evaluation failed."""
        groups = requests.get(f"{self.url}/api/v1/rules", timeout=5).json()["data"]["groups"]
        return {rule["name"]: rule["lastError"] for group in groups for rule in group["rules"] if "lastError" in rule}

    def wait_for(self, expression: str, *values: float) -> None:
        """Until the expression has exactly these values, in rising order; none at all where none are given."""
        wait_until(
            lambda: self.values(expression) == list(values),
            lambda: f"{expression} has {self.values(expression)}, not {list(values)}",
        )


@contextmanager
def running_prometheus(
    folder: Path,
    targets: Sequence[str],
    rules: Path | None = None,
    alertmanager: "Alertmanager | None" = None,
    external_labels: Mapping[str, str] | None = None,
) -> Iterator[Prometheus]:
    """Scrapes `host:port` targets and evaluates rules four times a second."""
    config: dict[str, object] = {
        "global": {**FOUR_TIMES_A_SECOND, "external_labels": dict(external_labels or {})},
        "rule_files": [str(rules)] if rules else [],
        "scrape_configs": [{"job_name": "elasticache", "static_configs": [{"targets": list(targets)}]}],
    }
    if alertmanager:
        address = alertmanager.url.removeprefix("http://")
        config["alerting"] = {"alertmanagers": [{"static_configs": [{"targets": [address]}]}]}
    with configured_prometheus(folder, config) as prometheus:
        yield prometheus


@contextmanager
def configured_prometheus(
    folder: Path, config: Mapping[str, object], flags: Sequence[str] = ()
) -> Iterator[Prometheus]:
    port = free_port()
    path = folder / f"prometheus-{port}.json"
    path.write_text(json.dumps(config))
    command = (
        "prometheus",
        f"--config.file={path}",
        f"--storage.tsdb.path={folder / f'tsdb-{port}'}",
        f"--web.listen-address=127.0.0.1:{port}",
        *flags,
    )
    with _running(command, folder, f"http://127.0.0.1:{port}") as url:
        yield Prometheus(url)


@dataclass(frozen=True)
class Alertmanager:
    url: str

    def alerts(self) -> list[str]:
        """Names of those that are neither inhibited nor silenced."""
        reply = requests.get(f"{self.url}/api/v2/alerts", params={"inhibited": "false"}, timeout=5)
        return sorted(alert["labels"]["alertname"] for alert in reply.json())


@contextmanager
def running_alertmanager(folder: Path, receiver: "Receiver", inhibit_rules: object) -> Iterator[Alertmanager]:
    """Tells the receiver of everything at once, but for what is inhibited."""
    port = free_port()
    config = {
        "route": {
            "receiver": "receiver",
            "group_by": ["alertname", "aws_region"],
            "group_wait": "0s",
            "group_interval": "250ms",
        },
        "receivers": [{"name": "receiver", "webhook_configs": [{"url": receiver.url}]}],
        "inhibit_rules": inhibit_rules,
    }
    path = folder / f"alertmanager-{port}.json"
    path.write_text(json.dumps(config))
    command = (
        "prometheus-alertmanager",
        f"--config.file={path}",
        f"--storage.path={folder / f'alertmanager-{port}'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    )
    with _running(command, folder, f"http://127.0.0.1:{port}") as url:
        yield Alertmanager(url)


@dataclass
class Receiver:
    """Whoever is told: every alert of every notification, as (name, status), in the order of arrival."""

    url: str
    told: list[tuple[str, str]] = field(default_factory=list)
    regions: list[tuple[str, str, str | None]] = field(default_factory=list)
    """The same, each with the AWS region that the alert is about."""

    def wait_for_region(self, name: str, status: str, region: str) -> None:
        wait_until(lambda: (name, status, region) in self.regions, lambda: f"told {self.regions}, not {name} {status}")

    def wait_for(self, name: str, status: str) -> None:
        wait_until(lambda: (name, status) in self.told, lambda: f"told {self.told}, but not that {name} is {status}")


@contextmanager
def listening_receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            notification = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            for alert in notification["alerts"]:
                labels, status = alert["labels"], alert["status"]
                receiver.told.append((labels["alertname"], status))
                receiver.regions.append((labels["alertname"], status, labels.get("aws_region")))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing on the test's stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}/")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def _running(command: Sequence[str], folder: Path, url: str) -> Iterator[str]:
    """From the moment it is ready until the block ends."""
    assert shutil.which(command[0]), f"{command[0]} is not installed: apt-get install {command[0]}"
    log_path = folder / f"{command[0]}-{url.rpartition(':')[2]}.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_until(lambda: process.poll() is not None or _is_ready(url), log_path.read_text)
        assert process.poll() is None, log_path.read_text()
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)


def _is_ready(url: str) -> bool:
    with contextlib.suppress(requests.RequestException):
        return requests.get(f"{url}/-/ready", timeout=1).ok
    return False

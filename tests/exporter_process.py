"""The exporter as users run it: a process of its own, on a free port of the loopback."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import requests
from prometheus_client.parser import text_string_to_metric_families

_DEADLINE_SECONDS = 30
NOWHERE = {
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
    "AWS_ENDPOINT_URL_ELASTICACHE": "http://127.0.0.1:9",
    "CF_API_ADDRESS": "http://127.0.0.1:9",
    "CF_CLIENT_ID": "nobody",
    "CF_CLIENT_SECRET": "nothing",
}
"""Right settings of a platform that is not there, for programs that end before they have asked it much."""
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def free_port() -> int:
    """Below the ports that the system hands out, so that no other test's server is given it meanwhile."""
    while True:
        port = random.randint(15_000, 32_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def environment_of(*parts: Mapping[str, str]) -> dict[str, str]:
    """What the test set, and nothing of the machine's own AWS or Cloud Foundry."""
    environment = {"LISTEN_ADDRESS": "127.0.0.1", **os.environ}
    for part in parts:
        environment.update(part)
    return environment


@dataclass
class ExporterProcess:
    process: "subprocess.Popen[bytes]"
    url: str
    log_path: Path
    request_settings: dict[str, object] = field(default_factory=dict)

    def get(self, path: str, **settings: object) -> requests.Response:
        return requests.get(self.url + path, timeout=10, **{**self.request_settings, **settings})  # type: ignore[arg-type] # by name

    def samples(self) -> Samples:
        text = self.get("/metrics", headers={"Accept": "text/plain"}).text
        found: Samples = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                key = (sample.name, frozenset(sample.labels.items()))
                assert key not in found, f"{sample.name} twice with {sample.labels}"
                found[key] = sample.value
        return found

    def value(self, name: str, **labels: str) -> float | None:
        """Of the one series with this name and, among others, these labels; None where there is none."""
        values = [v for (n, pairs), v in self.samples().items() if n == name and labels.items() <= dict(pairs).items()]
        assert len(values) <= 1, f"{len(values)} series of {name} with {labels}"
        return values[0] if values else None

    def wait_until(self, name: str, at_least: float, **labels: str) -> None:
        """Until a counter has got so far; the program has then published everything that goes with it."""
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while (self.value(name, **labels) or 0) < at_least:
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < deadline, f"{name} stayed below {at_least}: {self.log()}"
            time.sleep(0.05)

    def wait_for_surveys(self, more: int = 1) -> None:
        """Until so many more surveys have both begun and ended."""
        name = "elasticache_update_exporter_surveys_total"
        self.wait_until(name, (self.value(name) or 0) + more + 1)

    def log(self) -> str:
        return self.log_path.read_text()

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=10)


@contextlib.contextmanager
def running_exporter(
    tmp_path: Path, *environments: Mapping[str, str], arguments: tuple[str, ...] = (), scheme: str = "http"
) -> Iterator[ExporterProcess]:
    """Until the block ends; it has answered /-/healthy before the block begins."""
    environment = environment_of({"PORT": str(free_port()), "POLL_INTERVAL": "0.3"}, *environments)
    host, port = environment["LISTEN_ADDRESS"] or "127.0.0.1", int(environment["PORT"])
    log_path = tmp_path / f"exporter-{port}.log"
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "exporter", *arguments],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
    exporter = ExporterProcess(process, f"{scheme}://{host}:{port}", log_path)
    try:
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while not _accepts(host, port):
            assert process.poll() is None, exporter.log()
            assert time.monotonic() < deadline, exporter.log()
            time.sleep(0.05)
        yield exporter
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def _accepts(host: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False

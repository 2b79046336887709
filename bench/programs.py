"""Starts what is measured, each program as a process of its own, so that they do not share a processor's time slice."""

import contextlib
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests

DEADLINE_SECONDS = 120
FLEET = ("--updates", "5")
"""Every group has an action for each of five updates, as AWS keeps them; 40 % of the instances wait for some."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def environment_with(settings: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, **settings}


def window() -> list[str]:
    """One that lies far enough ahead."""
    day = (datetime.now(UTC) + timedelta(days=40)).date().isoformat()
    return ["--maintenance-window-date", day, "--maintenance-window-time-range", "0900-1100"]


@contextlib.contextmanager
def process(
    arguments: list[str], environment: Mapping[str, str], stdout: int = subprocess.PIPE
) -> Iterator["subprocess.Popen[str]"]:
    """A Python program, ended with the block; its log goes nowhere."""
    running = subprocess.Popen(
        [sys.executable, *arguments],
        env=environment_with(environment),
        stdout=stdout,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield running
    finally:
        running.terminate()
        running.wait()


@contextlib.contextmanager
def sandbox(instances: int, *faults: str, flags: Sequence[str] = ()) -> Iterator[dict[str, str]]:
    """The environment to use it with."""
    all_flags = [*FLEET, *flags, *(flag for fault in faults for flag in ("--fault", fault))]
    with process(["-m", "sandbox", "--port", "0", "--instances", str(instances), *all_flags], {}) as running:
        environment: dict[str, str] = {"AWS_EC2_METADATA_DISABLED": "true"}
        assert running.stdout  # noqa: S101 — it was asked for
        for line in running.stdout:
            if line.startswith("export "):
                name, _, value = line.removeprefix("export ").strip().partition("=")
                environment[name] = "".join(shlex.split(value))
            if "SANDBOX_CONTROL_URL" in environment:
                break
        wait_for(environment["SANDBOX_CONTROL_URL"] + "/faults")
        yield environment


@contextlib.contextmanager
def exporter(environment: Mapping[str, str], poll_interval_seconds: float) -> Iterator[tuple[str, int]]:
    """Its address and its process id, once a survey has succeeded."""
    port = free_port()
    settings = {"PORT": str(port), "LISTEN_ADDRESS": "127.0.0.1", "POLL_INTERVAL": str(poll_interval_seconds)}
    with process(["-m", "exporter"], {**environment, **settings}) as running:
        wait_for(f"http://127.0.0.1:{port}/-/ready")
        yield f"http://127.0.0.1:{port}", running.pid


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl-C ends a measurement that takes minutes without a word, once what it started has ended."""
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(130)


def wait_for(url: str) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(requests.RequestException):
            if requests.get(url, timeout=5).ok:
                return
        time.sleep(0.05)
    raise TimeoutError(url)


def wait_for_surveys(url: str, count: int) -> None:
    """Until so many have ended since the exporter's start."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        text = requests.get(f"{url}/metrics", headers={"Accept": "text/plain"}, timeout=30).text
        ended = re.search(r"^elasticache_update_exporter_surveys_total{.*} (\S+)$", text, re.MULTILINE)
        if ended and float(ended[1]) >= count:
            return
        time.sleep(0.5)
    raise TimeoutError(url)


def resident_mebibytes(pid: int) -> tuple[float, float]:
    """Now and at its highest."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    now, peak = (float(status[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    return now, peak


def markdown_header(columns: Sequence[str]) -> str:
    return f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}"

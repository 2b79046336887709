"""`make demo` as a newcomer runs it."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import requests

from tests.exporter_process import environment_of

DEMO = [sys.executable, "-m", "sandbox.demo", "--exporter-port", "0", "--prometheus-port", "0"]
"""On free ports: one that others would like too may be taken between the look and the start."""


def descendants(pid: int) -> set[int]:
    """Process ids below this one, however deep."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(fields[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


@contextlib.contextmanager
def running_demo(*options: str, environment: Mapping[str, str] | None = None) -> Iterator["subprocess.Popen[str]"]:
    """Stopped in the end, whatever the test found."""
    command = [*DEMO, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment or environment_of()) as demo:
        try:
            yield demo
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(timeout=20)


def printed(demo: "subprocess.Popen[str]") -> str:
    """All of it, until there is nothing to do but to stop it."""
    assert demo.stdout
    lines: list[str] = []
    for line in demo.stdout:
        if line == "Ctrl-C stops everything.\n":
            return "".join(lines)
        lines.append(line)
    raise AssertionError(f"it ended with status {demo.wait(timeout=20)} after {lines}; its stderr is below")


def driven(text: str) -> str:
    """What the printed window's commands say, each run as it stands but for the questions that it asks."""
    (window,) = re.findall(r"^  \. .+\n  set -- .+\n(?:  elasticache-update-notifier .+\n)+", text, re.MULTILINE)
    script = re.sub(r"^  elasticache-update-notifier apply", r"\g<0> --yes", window, flags=re.MULTILINE)
    ended = subprocess.run(["bash", "-uc", script], check=False, capture_output=True, text=True, timeout=240)
    assert "Traceback" not in ended.stderr
    return ended.stdout + ended.stderr


def test_the_demo_prints_addresses_and_the_fraction_and_leaves_nothing_running() -> None:
    """
    The share, the addresses, Prometheus's answer to the runbook's query, a window that can be driven to its end;
    Ctrl-C ends all of it with status 0.
    """
    with running_demo() as demo:
        text = printed(demo)
        started = descendants(demo.pid)
        (page,) = re.findall(r"^  (http://\S+/\?region=\S+)#plan$", text, re.MULTILINE)
        assert requests.get(page, timeout=10).status_code == 200
        said = driven(text)
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=20) == 0
        assert demo.stdout
        assert demo.stdout.read() == "Stopped.\n"
    assert "40% of the tenants' instances have an update waiting: 23 of 57." in text
    for address in (r":\d+/metrics$", r"mails: .*/inbox$", r"status page: .*:\d+$", r":\d+/alerts$"):
        assert re.search(address, text, re.MULTILINE)
    assert "An alert fires: Too many instances" in text
    (runbook,) = re.findall(r"^  file://(\S+)#elasticacheupdatebacklogabovethreshold$", text, re.MULTILINE)
    assert Path(runbook).samefile("docs/runbook.md")
    assert "count(paas_aws_elasticache_replication_group_nodes_count) = 0." in text
    assert len(started) == 3
    assert "Sent: 7" in said
    assert "deferral 1: instance" in said
    assert "Scheduled on the status page" in said
    assert "[x] **Updates applied**: complete: 11" in said
    assert not [pid for pid in started if os.path.exists(f"/proc/{pid}")]  # noqa: PTH110 — /proc is no place for paths


def test_the_demo_of_a_platform_without_cloud_foundry() -> None:
    """As `make demo PLATFORM=tags` starts it: the same fleet, and its share, by tags alone."""
    with running_demo("--platform", "tags") as demo:
        text = printed(demo)
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=20) == 0
    assert "Starting a stand-in for AWS, and the exporter on it" in text
    assert "of the tenants' instances have an update waiting: 23 of 56." in text


def test_without_prometheus_the_demo_says_so_and_runs(tmp_path: Path) -> None:
    """Everything else is offered."""
    environment = environment_of() | {"PATH": str(tmp_path)}
    with running_demo(environment=environment) as demo:
        text = printed(demo)
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=20) == 0
    assert "Prometheus is not installed here" in text
    assert "/inbox" in text
    assert "elasticache-update-notifier email" in text


def test_a_program_that_does_not_start_ends_the_demo_with_its_last_words(tmp_path: Path) -> None:
    """And nobody waits for the rest."""
    (tmp_path / "prometheus").write_text("#!/bin/sh\necho 'no space left' >&2\nexit 3\n")
    (tmp_path / "prometheus").chmod(0o755)
    environment = environment_of() | {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    ended = subprocess.run(DEMO, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert ended.returncode == 1
    assert ended.stderr == "demo: prometheus ended with status 3: no space left\n"

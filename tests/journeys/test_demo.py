"""`make demo` as a newcomer runs it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.exporter_process import environment_of


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


def test_the_demo_prints_addresses_and_the_fraction_and_leaves_nothing_running() -> None:
    """The share, the addresses, Prometheus's answer to the runbook's query; Ctrl-C ends all of it with status 0."""
    command = [sys.executable, "-m", "sandbox.demo"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment_of()) as demo:
        assert demo.stdout
        text = "".join(iter(demo.stdout.readline, "Ctrl-C stops everything.\n"))
        started = descendants(demo.pid)
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=20) == 0
        assert demo.stdout.read() == "Stopped.\n"
    assert "40% of the tenants' instances have an update waiting: 23 of 57." in text
    assert "/metrics" in text
    assert "count(paas_aws_elasticache_replication_group_nodes_count) = 0." in text
    assert len(started) == 3
    assert not [pid for pid in started if os.path.exists(f"/proc/{pid}")]  # noqa: PTH110 — /proc is no place for paths

"""`make demo` as a newcomer runs it."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import requests

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
    command = [sys.executable, "-m", "sandbox.demo"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment_of()) as demo:
        assert demo.stdout
        text = "".join(iter(demo.stdout.readline, "Ctrl-C stops everything.\n"))
        started = descendants(demo.pid)
        (page,) = re.findall(r"^  (http://\S+/\?region=\S+)#plan$", text, re.MULTILINE)
        assert requests.get(page, timeout=10).status_code == 200
        said = driven(text)
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=20) == 0
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
    command = [sys.executable, "-m", "sandbox.demo", "--platform", "tags"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment_of()) as demo:
        assert demo.stdout
        text = "".join(iter(demo.stdout.readline, "Ctrl-C stops everything.\n"))
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=20) == 0
    assert "Starting a stand-in for AWS, and the exporter on it" in text
    assert "of the tenants' instances have an update waiting: 23 of 56." in text


def test_without_prometheus_the_demo_says_so_and_runs(tmp_path: Path) -> None:
    """Everything else is offered."""
    environment = environment_of() | {"PATH": str(tmp_path)}
    command = [sys.executable, "-m", "sandbox.demo"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as demo:
        assert demo.stdout
        text = "".join(iter(demo.stdout.readline, "Ctrl-C stops everything.\n"))
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=20) == 0
    assert "Prometheus is not installed here" in text
    assert "/inbox" in text
    assert "elasticache-update-notifier email" in text

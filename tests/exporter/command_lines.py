"""Runs of the exporter's command line, and what one that was refused has said."""

import subprocess
import sys
from dataclasses import dataclass

import pytest

from exporter.__main__ import _run as run_here
from tests.exporter_process import environment_of


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "exporter", *arguments],
        env=environment_of(environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def refusal(completed: "subprocess.CompletedProcess[str]") -> str:
    """The one line of a run that was refused."""
    assert completed.returncode == 2, completed.stderr
    assert completed.stdout == ""
    (line,) = completed.stderr.splitlines()
    prefix = "elasticache-update-exporter: "
    assert line.startswith(prefix)
    return line.removeprefix(prefix)


@dataclass(frozen=True)
class Here:
    """The command line in this process, without the second that loading the libraries takes."""

    monkeypatch: pytest.MonkeyPatch
    capfd: pytest.CaptureFixture[str]

    def run(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        for name, value in environment.items():
            self.monkeypatch.setenv(name, value)
        status = run_here(list(arguments))
        return subprocess.CompletedProcess(arguments, status, *self.capfd.readouterr())

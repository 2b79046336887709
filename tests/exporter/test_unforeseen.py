"""What nobody thought of: it is said in one line where somebody looks, and takes nothing else with it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from exporter.unforeseen import cause_of
from sandbox.server import Sandbox
from tests.exporter_process import NOWHERE, environment_of, running_exporter

SUCCESS = "elasticache_update_exporter_last_survey_success"
FAILURES = "elasticache_update_exporter_survey_failures_total"


COUNTLESS = """\
import os, pathlib
from fleet.inventory import QuotaUse

made = QuotaUse.__init__

def countless(self, *values, **named):
    made(self, *values, **named)
    if pathlib.Path(os.environ["COUNTLESS_FILE"]).exists():
        object.__setattr__(self, "cache_nodes_count", 10**400)

QuotaUse.__init__ = countless
"""
"""A number of 400 digits, as AWS could send it: an integer like any other until it becomes a metric."""


def test_a_survey_that_cannot_be_shown_is_a_failed_one(sandbox: Sandbox, tmp_path: Path) -> None:
    """In metrics, page and log, the last good one stays; and the next that can be shown counts."""
    (tmp_path / "sitecustomize.py").write_text(COUNTLESS)
    file = tmp_path / "countless"
    settings = {"COUNTLESS_FILE": str(file), "PYTHONPATH": f"{tmp_path}:{Path.cwd()}"}
    with running_exporter(tmp_path, sandbox.environment, settings) as exporter:
        exporter.wait_until(SUCCESS, 1)
        counted = exporter.value("paas_aws_elasticache_node_count")
        file.touch()
        exporter.wait_until(FAILURES, 1)
        assert exporter.value(SUCCESS) == 0
        assert exporter.value("paas_aws_elasticache_node_count") == counted
        page = exporter.get("/").text
        assert "The last survey failed" in page
        assert "paas_aws_elasticache_node_count cannot be written: OverflowError" in page
        file.unlink()
        exporter.wait_until(SUCCESS, 1)
        lines = [json.loads(line) for line in exporter.log().splitlines() if '"survey failed"' in line]
        assert len(lines) == exporter.value(FAILURES)
    assert re.match(r"ValueError: paas_\w+ cannot be written: .+ \(exporter/exposition\.py:\d+\)", lines[0]["cause"])
    assert "exception" not in lines[0]


def run_with(code: str, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """The program, in a Python that has run this code first."""
    start = f"import sys; sys.argv[1:] = {list(arguments)!r}\n{code}\nfrom exporter.__main__ import main\nmain()"
    command = [sys.executable, "-c", start]
    return subprocess.run(
        command, env=environment_of(environment), capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "import sys; sys.modules['msgspec'] = None",
            r"ModuleNotFoundError: import of msgspec halted.* \(\w+/.+:\d+\)",
        ),
        (
            "import exporter.run; exporter.run.serve = lambda *_: 1 / 0",
            r"ZeroDivisionError: division by zero \(.+:\d+\)",
        ),
        (
            "import exporter.run; exporter.run.Publication = None",
            r"TypeError: 'NoneType' object is not callable \(exporter/run\.py:\d+\)",
        ),
        (
            """
import exporter.server
async def broken(*_): raise MemoryError
exporter.server.Server._accept_forever = broken
""",
            r"MemoryError \(exporter/server\.py:\d+\)",
        ),
        (
            """
import exporter.region_watch
def broken(_): raise SystemExit('enough')
exporter.region_watch.RegionWatch.survey = broken
""",
            r"SystemExit: enough \(exporter/schedule\.py:\d+\)",
        ),
        (
            """
import exporter.reload, exporter.web_access
def broken(_): raise OSError('gone')
exporter.web_access.WebAccess.reload_if_changed = broken
exporter.reload._LOOK_AGAIN_SECONDS = 0.1
""",
            r"OSError: gone \(exporter/reload\.py:\d+\)",
        ),
    ],
    ids=["import", "main thread", "start", "web thread", "survey thread", "reload thread"],
)
def test_the_program_ends_with_one_line_and_status_1(code: str, message: str) -> None:
    """Whichever of its threads it happens in; a program that goes on without one of them would be worse."""
    done = run_with(code, **NOWHERE, PORT="0", LOG_LEVEL="error")
    assert done.returncode == 1, done.stderr
    *log, last = done.stderr.splitlines()
    assert re.fullmatch(rf"elasticache-update-exporter: unexpected: {message}", last), done.stderr
    assert all(line.startswith('{"event": "survey failed"') for line in log)


@pytest.mark.parametrize("arguments", [["--once"], ["--help"], ["--version"], ["--check"]])
def test_a_full_disk_is_said(arguments: list[str], sandbox: Sandbox) -> None:
    """As with `--once > metrics.prom`, whose file would be cut off."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "exporter", *arguments],
            env=environment_of(sandbox.environment, {"LOG_LEVEL": "error"}),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert re.fullmatch(r"elasticache-update-exporter: .*No space left on device.*\n", done.stderr), done.stderr


def test_causes_are_short_and_on_one_line() -> None:
    """Some exceptions carry a whole fleet."""
    with pytest.raises(ValueError, match="first") as raised:
        raise ValueError("first\nsecond " + "x" * 10_000)
    cause = cause_of(raised.value)
    assert re.match(r"ValueError: first second x+ … \(.+test_unforeseen\.py:\d+\)$", cause)
    assert len(cause) < 400

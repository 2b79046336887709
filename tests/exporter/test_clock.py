"""The wall clock is set by others, back and forth: surveys go on in their rhythm."""

from pathlib import Path

from sandbox.server import Sandbox
from tests.exporter_process import running_exporter

SURVEYS = "elasticache_update_exporter_surveys_total"
SUCCESS = "elasticache_update_exporter_last_survey_success"
CLOCK = """\
import datetime, os, pathlib

class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        shift = int(pathlib.Path(os.environ["CLOCK_SHIFT_FILE"]).read_text())
        return super().now(tz) + datetime.timedelta(seconds=shift)

datetime.datetime = Clock
"""
"""Python runs a sitecustomize first of all; whoever asks for the time after it gets that of a clock that was set."""


def test_surveys_go_on_when_the_clock_is_set(sandbox: Sandbox, tmp_path: Path) -> None:
    """
    An hour back stopped them for that hour, while success stayed 1.

    Here it does not: AWS refuses signatures of another hour than its own, and as surveys go on, they say so.
    """
    (tmp_path / "sitecustomize.py").write_text(CLOCK)
    shift = tmp_path / "shift"
    shift.write_text("0")
    settings = {"CLOCK_SHIFT_FILE": str(shift), "PYTHONPATH": f"{tmp_path}:{Path.cwd()}"}
    with running_exporter(tmp_path, sandbox.environment, settings) as exporter:
        exporter.wait_until(SUCCESS, 1)
        for seconds in (-3600, 3600, -86400):
            shift.write_text(str(seconds))
            exporter.wait_until(SURVEYS, (exporter.value(SURVEYS) or 0) + 3)
            assert exporter.value(SUCCESS) == 0
        shift.write_text("0")
        exporter.wait_until(SUCCESS, 1)

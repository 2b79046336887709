"""A few of the table's rows, with both programs as users run them."""

import subprocess
import sys
from pathlib import Path

from tests.exporter_process import environment_of, running_exporter
from tests.faults.own_faults import Row
from tests.faults.platform import Platform, running_platform
from tests.faults.strike import struck
from tests.faults.table import FIRST_OF_KIND
from tests.notifier_program import WINDOW, Program

SUCCESS = "elasticache_update_exporter_last_survey_success"
FAILURES = "elasticache_update_exporter_survey_failures_total"
ROWS = {(row.system, row.kind): row for row in FIRST_OF_KIND}


def test_the_exporter_says_each_fault_and_goes_on_by_itself(tmp_path: Path) -> None:
    """One after another, in one process, which keeps the fleet's series throughout."""
    with running_platform() as platform, running_exporter(tmp_path, platform.environment) as exporter:
        exporter.wait_until(SUCCESS, 1)
        for row in (ROWS["elasticache", "deep"], ROWS["cloudfoundry", "refused"], ROWS["uaa", "401 always"]):
            failures = exporter.value(FAILURES) or 0
            with struck(platform, row):
                exporter.wait_until(FAILURES, failures + 1)
                assert exporter.value(SUCCESS) == 0
                assert exporter.value("paas_aws_elasticache_cluster_update_required") == 1
                assert "The last survey failed" in exporter.get("/").text
            exporter.wait_until(SUCCESS, 1)
        assert "Traceback" not in exporter.log()
        assert exporter.stop() == 0


def test_the_notifier_ends_with_3_and_continues(tmp_path: Path) -> None:
    """A mail whose sending was reset is sent by the next run, once."""
    with running_platform() as platform:
        environment = {**platform.environment, "LEDGER_URL": f"sqlite:///{tmp_path}/ledger.sqlite3"}
        notifier = Program({**environment, "NOTIFY_SETTLE_SECONDS": "0.1"})
        said = _struck_run(notifier, platform, ROWS["notify", "401 always"])
        assert "notify: GET /v2/notifications: HTTP 401" in said
        assert notifier.email().status == 0
        assert list(platform.inbox.accepted.values()) == [1, 1]
        assert notifier.run("status", *WINDOW).status == 0


def _struck_run(notifier: Program, platform: Platform, row: Row) -> str:
    with struck(platform, row):
        ended = notifier.email()
    assert ended.status == 3
    assert "Traceback" not in ended.err
    return ended.err


def test_once_ends_with_3(tmp_path: Path) -> None:
    with running_platform() as platform, struck(platform, ROWS["elasticache", "HTML"]):
        ended = subprocess.run(
            [sys.executable, "-m", "exporter", "--once"],
            env=environment_of(platform.environment, {"HOME": str(tmp_path)}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 3
    assert len(ended.stderr.splitlines()) == 1

"""The notifier × every fault of every system that it asks: one line and exit 3 or 1, nothing lost, and a re-run goes on."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.patience import Patience, with_patience
from tests.faults.platform import Platform, regions_toml, running_platform
from tests.faults.strike import struck
from tests.faults.table import RUNS, Row
from tests.notifier_here import Here
from tests.notifier_program import WINDOW

HURRIED = Patience(
    pause_factor=0.01,
    call_seconds=0.5,
    read_seconds=0.4,
    aws_read_seconds=0.4,
    aws_answer_seconds=0.5,
    survey_seconds=1.0,
    notify_silence_seconds=0.3,
    notify_slowness_seconds=0.3,
)
PATIENT = Patience(pause_factor=0.01, notify_silence_seconds=0.3, notify_slowness_seconds=0.3)


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    with running_platform() as running:
        yield running


@pytest.fixture
def notifier(platform: Platform, here: Here) -> Here:
    platform.inbox.accepted.clear()
    here.set({**platform.environment, "NOTIFY_SETTLE_SECONDS": "0.05"})
    return here


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Where the ledger of a window is that everybody was told about; empty until a test has made it."""
    return {"folder": tmp_path_factory.mktemp("told")}


@pytest.fixture
def told_notifier(notifier: Here, platform: Platform, told: dict[str, Path]) -> Here:
    """A copy of it is this test's ledger."""
    template = told["folder"] / "ledger.sqlite3"
    if not template.exists():
        notifier.set({"LEDGER_URL": f"sqlite:///{template}"})
        assert notifier.email().status == 0
    for reference in told_references(platform, told):
        platform.inbox.accepted[reference] = 1
    copy = notifier.folder / "copy.sqlite3"
    shutil.copy(template, copy)
    copy.chmod(0o600)
    notifier.set({"LEDGER_URL": f"sqlite:///{copy}"})
    return notifier


def told_references(platform: Platform, told: dict[str, Path]) -> list[str]:
    file = told["folder"] / "references"
    if not file.exists():
        file.write_text("\n".join(platform.inbox.accepted))
    return file.read_text().split()


@contextlib.contextmanager
def faulty(platform: Platform, row: Row, here: Here, only: str = "") -> Iterator[None]:
    """With a role to assume, where STS is what is faulty."""
    if row.system == "sts":
        file = here.folder / "regions.toml"
        file.write_text(regions_toml(platform, with_role=True))
        here.set({"REGIONS_FILE": str(file), "AWS_REGION": None, "CF_API_ADDRESS": None})
    with struck(platform, row, only), with_patience(HURRIED if row.hangs else PATIENT):
        yield


def lines_of_program(err: str, command: str) -> list[str]:
    return [line for line in err.splitlines() if line.startswith(f"elasticache-update-notifier {command}: ")]


@pytest.mark.parametrize("row", RUNS["print"], ids=lambda row: row.id)
def test_print_says_in_one_line_what_it_could_not_ask(row: Row, notifier: Here, platform: Platform) -> None:
    """And prints nothing that somebody could take for the whole answer."""
    with faulty(platform, row, notifier):
        ended = notifier.run("print", *WINDOW, "--format", "json")
    assert "Traceback" not in ended.err
    if row.survives:
        assert ended.status == 0
        return
    assert ended.status == 3
    assert ended.out == ""
    (line,) = lines_of_program(ended.err, "print")
    assert len(line) < 800
    assert {"sts": "elasticache", "accounts": "paas-accounts"}.get(row.system, row.system) in line


@pytest.mark.parametrize("row", [row for row in RUNS["email"] if row.system != "notify"], ids=lambda row: row.id)
def test_email_tells_nobody_where_it_could_not_ask(row: Row, notifier: Here, platform: Platform) -> None:
    with faulty(platform, row, notifier):
        ended = notifier.email()
    assert ended.status == (0 if row.survives else 3)
    assert len(platform.inbox.accepted) == (2 if row.survives else 0)


@pytest.mark.parametrize("row", [row for row in RUNS["email"] if row.system == "notify"], ids=lambda row: row.id)
def test_email_loses_no_mail(row: Row, notifier: Here, platform: Platform) -> None:
    """It says what is missing, and the same command again sends that, and only that."""
    with faulty(platform, row, notifier, "POST"):
        ended = notifier.email()
    assert "Traceback" not in ended.err
    assert ended.status in (1, 3)
    assert sum(" notify: " in line for line in ended.err.splitlines()) == (ended.status == 3)
    again = notifier.email("--resend-failed") if row.kind == "400" else notifier.email()
    assert again.status == 0, again.err
    assert list(platform.inbox.accepted.values()) == [1, 1]


@pytest.mark.parametrize("row", RUNS["status"], ids=lambda row: row.id)
def test_status_says_what_it_could_not_learn(row: Row, told_notifier: Here, platform: Platform) -> None:
    with faulty(platform, row, told_notifier):
        ended = told_notifier.run("status", *WINDOW)
    assert "Traceback" not in ended.err
    assert ended.status in (1, 3)
    assert told_notifier.run("status", *WINDOW).status == 0


@pytest.mark.parametrize("row", RUNS["cancel"], ids=lambda row: row.id)
def test_cancel_loses_no_mail(row: Row, told_notifier: Here, platform: Platform) -> None:
    before = set(platform.inbox.accepted)
    with faulty(platform, row, told_notifier, "POST"):
        ended = told_notifier.run("cancel", "--yes", *WINDOW)
    assert "Traceback" not in ended.err
    assert ended.status in (1, 3)
    again = told_notifier.run("cancel", "--yes", *WINDOW)
    assert again.status == 0, again.err
    cancelled = [count for reference, count in platform.inbox.accepted.items() if reference not in before]
    assert cancelled == [1, 1]

"""The platform and the notifier, for all that strike the one and look at the other."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.platform import Platform, running_platform
from tests.notifier_here import Here


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    with running_platform() as running:
        yield running


@pytest.fixture
def notifier(platform: Platform, here: Here) -> Here:
    platform.forget()
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

"""Which revision runs: said by the build, by pip or by git, and never made up."""

import json
import subprocess
from pathlib import Path

import pytest

from fleet.program import revision as module
from fleet.program.revision import revision

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The metadata of an installation, and no checkout beside it."""
    metadata = tmp_path / "site" / "elasticache_updates-0.1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.4\nName: elasticache-updates\nVersion: 0.1.0\n")
    monkeypatch.syspath_prepend(str(metadata.parent))
    monkeypatch.setattr(module, "_CHECKOUT", tmp_path / "nowhere")
    return metadata


def test_what_the_build_recorded_counts(installed: Path) -> None:
    recorded = installed / "extra_metadata" / "REVISION"
    recorded.parent.mkdir()
    recorded.write_text(f"{COMMIT}\n")
    assert revision() == COMMIT
    recorded.write_text("not set yet\n")
    assert revision() == "unknown"


def test_what_pip_installed_from_a_repository_is_known(installed: Path) -> None:
    (installed / "direct_url.json").write_text(json.dumps({"url": "x", "vcs_info": {"commit_id": COMMIT}}))
    assert revision() == COMMIT


@pytest.mark.parametrize(
    "direct_url", [None, "{", '{"url": "x", "archive_info": {}}', '{"vcs_info": {"commit_id": 1}}']
)
def test_where_nothing_says_it_nothing_is_made_up(direct_url: str | None, installed: Path) -> None:
    if direct_url is not None:
        (installed / "direct_url.json").write_text(direct_url)
    assert revision() == "unknown"


def test_a_checkout_is_asked_itself(installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was recorded when it was installed, because its files change afterwards."""
    (installed / "direct_url.json").write_text(json.dumps({"url": "x", "dir_info": {"editable": True}}))
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    monkeypatch.setattr(module, "_CHECKOUT", checkout)
    assert revision() == "unknown"

    def git(*words: str) -> str:
        command = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org", *words)
        return subprocess.run(command, cwd=checkout, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "--quiet")
    assert revision() == "unknown"
    (checkout / "file").write_text("before")
    git("add", ".")
    git("commit", "--quiet", "--message=first")
    git("tag", "v1")
    commit = git("rev-parse", "HEAD")
    assert revision() == commit
    (checkout / "file").write_text("after")
    assert revision() == f"{commit}-modified"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert revision() == "unknown"

"""What is handed to operators: a source distribution, the wheel built from it, and two programs that need nothing else."""

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_string
from pathlib import Path

import pytest

import fleet
from sandbox.server import Sandbox
from tests.deployment.conftest import REVISION
from tests.notifier_program import WINDOW

ROOT = Path(__file__).parents[2]
PACKAGES = {"fleet", "ledger", "exporter", "notifier"}
DATA = {
    *(str(path.relative_to(ROOT)) for path in (ROOT / "exporter" / "templates").iterdir()),
    "notifier/mail/templates/maintenance.md.j2",
}
PROGRAMS = ("elasticache-update-exporter", "elasticache-update-notifier")


@dataclass(frozen=True)
class Distributions:
    source: Path
    wheel: Path

    def source_names(self) -> set[str]:
        """Without the folder that holds all of it."""
        with tarfile.open(self.source) as archive:
            return {name.partition("/")[2] for name in archive.getnames()}

    def wheel_names(self) -> set[str]:
        return set(zipfile.ZipFile(self.wheel).namelist())

    def metadata(self) -> str:
        (name,) = (name for name in self.wheel_names() if name.endswith(".dist-info/METADATA"))
        return zipfile.ZipFile(self.wheel).read(name).decode()


@pytest.fixture(scope="module")
def distributions(release: Path) -> Distributions:
    """The wheel is built from the unpacked source distribution alone, as `python -m build` does it."""
    (source,), (wheel,) = release.glob("*.tar.gz"), release.glob("*.whl")
    return Distributions(source, wheel)


@dataclass(frozen=True)
class Installed:
    """An empty virtual environment into which the locked requirements and the wheel went, and no file of this checkout."""

    bin: Path

    def run(self, program: str, *arguments: str, environment: Mapping[str, str], folder: Path) -> str:
        """What it prints, from another folder than the checkout's."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        ran = subprocess.run(
            [self.bin / program, *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd=folder,
            env={**inherited, **environment},
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, distributions: Distributions) -> Installed:
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False, symlinks=True)
    pip = (sys.executable, "-m", "pip", f"--python={folder}/bin/python", "install", "--quiet", "--no-compile")
    for what in (
        ("--require-hashes", "--no-deps", f"--requirement={ROOT}/requirements.txt"),
        ("--no-deps", str(distributions.wheel)),
    ):
        ran = subprocess.run((*pip, *what), check=False, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
    return Installed(folder / "bin")


def test_the_source_distribution_holds_what_the_wheel_is_built_from_and_no_more(distributions: Distributions) -> None:
    """The packages, what describes them, and the locked requirements; no tests, no sandbox, no dashboards."""
    names = distributions.source_names()
    assert {name.partition("/")[0] for name in names} == PACKAGES | {
        *(".gitignore", "CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "REVISION", "build", "hatch_build.py"),
        *("pyproject.toml", "requirements.txt", "requirements-build.txt"),
    }
    assert names >= DATA


def test_the_wheel_holds_the_packages_whole(distributions: Distributions) -> None:
    """Every file of theirs, templates among them, and nothing beside them."""
    names = distributions.wheel_names()
    files = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert files > DATA
    information = f"elasticache_updates-{fleet.__version__}.dist-info"
    pages = {name for name in names if "/share/man/man1/" in name}
    assert {name for name in names if not name.startswith(f"{information}/")} - pages == files
    assert f"{information}/licenses/LICENSE" in names
    assert {f"{program}.1" for program in PROGRAMS} < {name.rpartition("/")[2] for name in pages}


def test_what_a_package_index_shows_stands_by_itself(distributions: Distributions) -> None:
    """The version of the code; a description whose links and pictures, if any, lead somewhere from anywhere."""
    metadata = message_from_string(distributions.metadata())
    assert metadata["Version"] == fleet.__version__
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Description-Content-Type"] == "text/markdown"
    description = str(metadata.get_payload())
    assert all(program in description for program in PROGRAMS)
    assert "](" not in description.replace("](https://", "")


def test_the_changelog_begins_with_this_version() -> None:
    """A release whose changes nobody wrote down is not one."""
    headings = [line for line in (ROOT / "CHANGELOG.md").read_text().splitlines() if line.startswith("## ")]
    assert headings[0].startswith(f"## {fleet.__version__}, "), (
        f"CHANGELOG.md: begin a section '## {fleet.__version__}, unreleased' or with the day of its release"
    )


@pytest.mark.parametrize("program", PROGRAMS)
def test_both_programs_are_there(program: str, installed: Installed, tmp_path: Path) -> None:
    """Under the names that documents and manifests use."""
    version = installed.run(program, "--version", environment={}, folder=tmp_path)
    assert version == f"{program}, version {fleet.__version__}\n"
    assert f"Usage: {program}" in installed.run(program, "--help", environment={}, folder=tmp_path)


def test_the_installed_exporter_surveys(installed: Installed, sandbox: Sandbox, tmp_path: Path) -> None:
    text = installed.run(PROGRAMS[0], "--once", environment=sandbox.environment, folder=tmp_path)
    assert 'elasticache_update_exporter_last_survey_success{aws_region="eu-west-1"} 1.0' in text
    assert f'revision="{REVISION}"' in text


def test_the_installed_notifier_prints_and_writes(installed: Installed, sandbox: Sandbox, tmp_path: Path) -> None:
    """Its template and the bank holidays' data came with it; so did the ledger's place in the user's state folder."""
    environment = {**sandbox.environment, "XDG_STATE_HOME": str(tmp_path / "state")}
    printed = installed.run(PROGRAMS[1], "print", *WINDOW, environment=environment, folder=tmp_path)
    assert "people to tell" in printed
    assert (tmp_path / "state" / "elasticache-updates" / "ledger.sqlite3").exists()
    installed.run(PROGRAMS[1], "preview", *WINDOW, "--to-files", "mails", environment=environment, folder=tmp_path)
    mails = sorted((tmp_path / "mails").glob("*.txt"))
    assert "because you manage the organisation" in mails[0].read_text()

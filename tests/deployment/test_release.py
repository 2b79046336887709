"""The release workflow: each step that needs no registry and no GitHub is run here, by its own words."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest

import fleet
from tests.deployment.conftest import CONTAINER_DOCUMENT
from tests.deployment.release_workflow import JOBS, ROOT, run, run_well, steps

NOT_HERE = {
    "The base, by its digest": "asks the registry for it",
    "Push": "needs a registry and its password",
    "Release": "needs GitHub",
}
RUN_HERE = {
    "The tag is the version, and the changelog has its day",
    "Source distribution and wheel",
    "What is in them",
    "Notes",
    "Checksums",
    "Build",
    "The files are those that were attested",
}
"""The image is built in conftest.py, and looked at in test_image.py."""


def test_every_step_is_run_here_or_has_a_reason_why_not() -> None:
    """And those that are not are at least sound shell."""
    scripts = {name: script for job in JOBS for name, script in steps(job).items()}
    assert scripts.keys() == RUN_HERE | NOT_HERE.keys()
    for script in scripts.values():
        subprocess.run(("bash", "-n", "-c", script), check=True)


@pytest.mark.parametrize(
    ("tag", "heading", "is_right"),
    [
        (f"v{fleet.__version__}", f"## {fleet.__version__}, 29 November 2026", True),
        (f"v{fleet.__version__}", f"## {fleet.__version__}, unreleased", False),
        ("v9.9.9", f"## {fleet.__version__}, 29 November 2026", False),
        (fleet.__version__, f"## {fleet.__version__}, 29 November 2026", False),
    ],
)
def test_only_a_version_that_the_changelog_dates_is_released(
    tag: str, heading: str, *, is_right: bool, tmp_path: Path
) -> None:
    (tmp_path / "fleet").mkdir()
    (tmp_path / "fleet" / "__init__.py").write_bytes((ROOT / "fleet" / "__init__.py").read_bytes())
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n{heading}\n\nWhat is new.\n")
    done = run(
        steps("distributions")["The tag is the version, and the changelog has its day"], tmp_path, GITHUB_REF_NAME=tag
    )
    assert (done.returncode == 0) is is_right


def test_nothing_is_handed_out_before_the_tag_is_found_right() -> None:
    """Neither an image nor a release."""
    first = JOBS["distributions"]
    assert next(step["name"] for step in first["steps"] if "run" in step).startswith("The tag is the version")
    assert JOBS["image"]["needs"] == "distributions"
    assert set(JOBS["publish"]["needs"]) == {"distributions", "image"}


def test_the_notes_are_the_newest_part_of_the_changelog(tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir()
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 2, today\n\n- Newer.\n\n## 1, before\n\n- Older.\n")
    run_well(steps("distributions")["Notes"], tmp_path)
    assert (tmp_path / "dist" / "NOTES.md").read_text().split() == ["-", "Newer."]


def test_the_checksums_are_of_all_files_and_notice_a_change(release: Path, tmp_path: Path) -> None:
    """By the very command that publishes."""
    listed = {line.split()[1] for line in (release / "SHA256SUMS").read_text().splitlines()}
    assert listed == {path.name for path in release.iterdir()} - {"SHA256SUMS", "NOTES.md"}
    (tmp_path / "dist").mkdir()
    for path in release.iterdir():
        (tmp_path / "dist" / path.name).write_bytes(path.read_bytes())
    check = steps("publish")["The files are those that were attested"]
    run_well(check, tmp_path)
    with next((tmp_path / "dist").glob("*.whl")).open("ab") as wheel:
        wheel.write(b"!")
    assert run(check, tmp_path).returncode != 0


def test_the_list_of_what_is_in_it_is_the_lock(release: Path) -> None:
    """Every locked library, with its version and a hash; and the version that this is."""
    (file,) = release.glob("*.cdx.json")
    listed = json.loads(file.read_text())
    assert listed["bomFormat"] == "CycloneDX"
    assert listed["metadata"]["component"]["name"] == "elasticache-updates"
    assert listed["metadata"]["component"]["version"] == fleet.__version__
    locked = re.findall(r"^([\w.-]+)==([\w.!+-]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert {(part["name"], part["version"]) for part in listed["components"]} == set(locked)
    hashed = [reference for part in listed["components"] for reference in part["externalReferences"]]
    assert len(hashed) >= len(locked)
    assert all(reference["hashes"] for reference in hashed)


def test_the_image_is_built_as_its_document_says() -> None:
    """With the base by its digest, and labels that say what it was made of."""
    (documented,) = re.findall(r"^    (buildah build .+) \.$", CONTAINER_DOCUMENT, re.MULTILINE)
    words = shlex.split(steps("image")["Build"])
    assert words[: len(shlex.split(documented))] == shlex.split(documented)
    assert {"BASE=$BASE", "REVISION=$REVISION", "SOURCE=$SOURCE"} <= set(words)
    assert "@$digest" in steps("image")["The base, by its digest"]

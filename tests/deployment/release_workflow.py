"""The release workflow's steps, run by their own words as GitHub runs them, on a copy of this checkout."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
WORKFLOW = ROOT / ".github" / "workflows" / "release.yml"
JOBS: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text())["jobs"]


def steps(job: str) -> dict[str, str]:
    """The commands of each step that has some, by its name."""
    return {step["name"]: step["run"] for step in JOBS[job]["steps"] if "run" in step}


def run(script: str, folder: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ("bash", "-e", "-c", script),
        cwd=folder,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def run_well(script: str, folder: Path, **variables: str) -> None:
    done = run(script, folder, **variables)
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"


def checkout(folder: Path) -> Path:
    """What git has or would add of this checkout, and its .venv, which counts as made."""
    listing = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    (folder / ".venv").mkdir()
    for entry in Path(sys.prefix).iterdir():
        if entry.name != "ready":
            (folder / ".venv" / entry.name).symlink_to(entry)
    (folder / ".venv" / "ready").touch()
    return folder


def release(folder: Path, variables: Mapping[str, str]) -> Path:
    """The folder `dist` of a release: distributions, what is in them, notes and checksums."""
    made = checkout(folder)
    for name, script in steps("distributions").items():
        if not name.startswith("The tag"):  # it has a test of its own
            run_well(script, made, **variables)
    return made / "dist"

"""What watches over a change besides `make test`: hooks before a commit, CI elsewhere, updates of dependencies."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
TOOLS = Path(sys.executable).parent
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
MAY_WRITE = {
    ("distributions", "attestations"),
    ("distributions", "id-token"),
    ("image", "attestations"),
    ("image", "id-token"),
    ("publish", "contents"),
}
"""The jobs of a release, and what GitHub lets each of them change."""
BAD_FILES = {
    "unused.py": "import os\n",
    "unformatted.py": "x = {  }\n",
    "space.md": "A line. \n",
    "no-newline.md": "A line.",
    "conflict.md": "<<<<<<< HEAD\n",
    "key.txt": "-----BEGIN RSA " + "PRIVATE KEY-----\n",
    "large.bin": "0" * 600_000,
}
"""One for each hook."""


def run(*command: str | Path, folder: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    """`variables` are added to the environment."""
    assert shutil.which(command[0]), f"{command[0]} is not installed: apt-get install git, or make .venv/ready"
    return subprocess.run(
        command, cwd=folder, check=False, capture_output=True, text=True, env={**os.environ, **variables}
    )


def committing(folder: Path, files: dict[str, str]) -> dict[str, str]:
    """What each hook but mypy, which asks for the whole project, says of these files: Passed, Failed or Skipped."""
    for name in (".pre-commit-config.yaml", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    (folder / ".gitignore").write_text(".venv\n")
    (folder / ".venv").mkdir()
    (folder / ".venv" / "bin").symlink_to(TOOLS)
    for name, text in files.items():
        (folder / name).write_text(text)
    run("git", "init", "--quiet", folder=folder)
    run("git", "add", "--all", folder=folder)
    ran = run(TOOLS / "pre-commit", "run", "--color=never", folder=folder, SKIP="mypy", COLUMNS="80")
    said = dict(re.findall(r"^(.+?)\.{3,}(?:\(.+\))?(Passed|Failed|Skipped)$", ran.stdout, re.MULTILINE))
    assert said, ran.stdout + ran.stderr
    return {name: verdict for name, verdict in said.items() if name != "mypy"}


def test_each_hook_stops_what_it_is_for(tmp_path: Path) -> None:
    """A commit with one bad file for each of them passes none."""
    verdicts = committing(tmp_path, BAD_FILES)
    assert len(verdicts) == len(BAD_FILES)
    assert set(verdicts.values()) == {"Failed"}, verdicts


def test_hooks_let_a_clean_commit_pass(tmp_path: Path) -> None:
    verdicts = committing(tmp_path, {"clean.py": '"""Nothing to complain of."""\n'})
    assert "Failed" not in verdicts.values(), verdicts


@pytest.mark.parametrize(
    ("schema", "file"),
    [*(("vendor.github-workflows", path) for path in WORKFLOWS), ("vendor.renovate", ROOT / "renovate.json")],
)
def test_configurations_are_what_their_readers_accept(schema: str, file: Path) -> None:
    checked = run(TOOLS / "check-jsonschema", "--builtin-schema", schema, file)
    assert checked.returncode == 0, checked.stdout


def test_ci_runs_everything_on_each_python_that_the_package_claims() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    claimed = [text.rpartition(" ")[2] for text in project["classifiers"] if re.search(r":: 3\.\d+$", text)]
    assert project["requires-python"] == f">={claimed[0]}"
    job = yaml.safe_load(WORKFLOW.read_text())["jobs"]["test"]
    assert job["strategy"]["matrix"]["python"] == claimed, ".github/workflows/ci.yml: one entry for each classifier"
    assert job["steps"][-1] == {"run": "bash .ci/run"}


def test_workflows_may_only_read_but_for_a_release() -> None:
    """A job that needs more says so itself."""
    writes = set()
    for path in WORKFLOWS:
        workflow = yaml.safe_load(path.read_text())
        assert workflow["permissions"] == {"contents": "read"}
        for name, job in workflow["jobs"].items():
            writes |= {(name, what) for what, right in job.get("permissions", {}).items() if right != "read"}
    assert writes == MAY_WRITE


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_its_commit_and_names_its_version(path: Path) -> None:
    """A tag can be moved to other code. Renovate reads the version behind it."""
    used = re.findall(r"uses: (.+)$", path.read_text(), re.MULTILINE)
    assert used
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action) for action in used), used


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_each_lock_states_the_command_that_made_it(lock: str) -> None:
    """Renovate runs what it reads there; and it reads only options whose values come after an equals sign."""
    stated = (ROOT / lock).read_text().splitlines()[1].removeprefix("#").strip()
    would_run = [line.partition(" >")[0] for line in run("make", "--dry-run", "lock").stdout.splitlines()]
    assert stated in would_run, f"{lock}: run `make lock`"
    assert all(word.startswith("--") or word in {"uv", "pip", "compile", "pyproject.toml"} for word in stated.split())
    (pattern,) = json.loads((ROOT / "renovate.json").read_text())["pip-compile"]["managerFilePatterns"]
    assert re.search(pattern.strip("/"), lock)

"""What `cf push` and the Python buildpack do: choose the files, fill in the manifest, install, run the command."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
MACHINE = dict(os.environ)
"""As it was before any test changed it: pip's settings, its cache, the way to a package index."""


def application(variables: Mapping[str, str]) -> dict[str, Any]:
    """The manifest's one application, its ((variables)) filled in; cf refuses a variable that has no value, and so does this."""
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text())
    assert set(manifest) == {"version", "applications"}
    (found,) = manifest["applications"]
    filled: dict[str, Any] = _filled(found, variables)
    return filled


def manifest_environment() -> dict[str, str]:
    """Without values for its variables. Staging has it as well as the program."""
    environment: dict[str, str] = application(dict.fromkeys(variable_names(), ""))["env"]
    return environment


def variable_names() -> set[str]:
    return set(re.findall(r"\(\((.+?)\)\)", (ROOT / "manifest.yml").read_text()))


def _filled(part: Any, variables: Mapping[str, str]) -> Any:  # noqa: ANN401 — YAML
    if isinstance(part, dict):
        return {key: _filled(value, variables) for key, value in part.items()}
    if isinstance(part, list):
        return [_filled(value, variables) for value in part]
    if isinstance(part, str):
        return re.sub(r"\(\((.+?)\)\)", lambda found: variables[found[1]], part)
    return part


def is_pushed(path: str) -> bool:
    """
    Whether `.cfignore` lets a path in the checkout through. As cf reads it, the last line that matches decides.

    Only the three forms that the file uses are understood: `*`, `!/name` in the checkout's root, `name` in any folder.
    """
    pushed = True
    for line in (ROOT / ".cfignore").read_text().splitlines():
        if line == "*":
            pushed = False
        elif match := re.fullmatch(r"!/([\w.]+)", line):
            pushed = pushed or path.split("/", maxsplit=1)[0] == match[1]
        elif re.fullmatch(r"\w+", line):
            pushed = pushed and line not in path.split("/")
        else:
            assert line.startswith("#"), f".cfignore: '{line}' is of a form that this test does not understand"
    return pushed


def push(destination: Path) -> None:
    """Copy to an empty folder what cf would upload of this checkout, but for the operator's own files."""
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for path in filter(is_pushed, filter(None, tracked.split("\0"))):
        target = destination / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, target)


def python_version() -> str:
    """Such as 3.13, of `runtime.txt`."""
    match = re.fullmatch(r"python-(3\.\d+)\.x\n", (ROOT / "runtime.txt").read_text())
    assert match, "runtime.txt: write python-3.N.x, so that the buildpack takes its latest patch"
    return match[1]


def stage(app: Path, deps: Path) -> None:
    """What the buildpack does with an app that has a requirements.txt and no vendor folder."""
    subprocess.run([_python(), "-m", "venv", deps], env=MACHINE, check=True, capture_output=True)
    command = [
        *(str(deps / "bin" / "python"), "-m", "pip", "install", "-r", str(app / "requirements.txt")),
        *("--ignore-installed", "--exists-action=w", f"--src={deps / 'src'}"),
        *("--disable-pip-version-check", "--no-warn-script-location"),
    ]
    settings = {name: value for name, value in manifest_environment().items() if name.startswith("PIP_")}
    environment = {**MACHINE, **settings}
    installed = subprocess.run(command, cwd=app, env=environment, check=False, capture_output=True, text=True)
    assert installed.returncode == 0, installed.stdout + installed.stderr


def _python() -> str:
    """The Python that runtime.txt asks for where this machine has it, else the one that runs the tests."""
    version = python_version()
    found = shutil.which(f"python{version}")
    if found:
        says = subprocess.run([found, "--version"], env=MACHINE, check=False, capture_output=True, text=True).stdout
        if says.startswith(f"Python {version}."):
            return found
    return sys.executable

"""
What a build adds: the revision of the source, and the manual pages where they have been made.

The revision is that of REVISION in the environment (the image's build argument), else of the file of that name in a
source distribution, else git's. Where none knows it, none is recorded.
"""

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NAME = "REVISION"
PAGES = "build/man"


class CustomBuildHook(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """An editable installation gets nothing: its source changes after it."""
        self.for_this_build = tempfile.TemporaryDirectory()
        if version == "editable":
            return
        root = Path(self.root)
        is_wheel = self.target_name == "wheel"
        if revision := _revision(root):
            recorded = Path(self.for_this_build.name) / NAME
            recorded.write_text(revision + "\n")
            build_data["extra_metadata" if is_wheel else "force_include"][str(recorded)] = NAME
        pages = root / PAGES
        if pages.is_dir():
            into = "share/man/man1" if is_wheel else PAGES
            build_data["shared_data" if is_wheel else "force_include"][str(pages)] = into


def _revision(root: Path) -> str | None:
    if given := os.environ.get(NAME, "").strip():
        return given
    if (root / NAME).is_file():
        return (root / NAME).read_text().strip()
    if not (root / ".git").exists():
        return None
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty=-modified"],  # noqa: S607 — whichever git there is
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
    return done.stdout.strip() or None

"""Which revision of the source runs: as the build recorded it, else as pip or git know it, else unknown."""

import json
import re
import subprocess
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

UNKNOWN = "unknown"
_DISTRIBUTION = "elasticache-updates"
_RECORDED = "extra_metadata/REVISION"
"""Within the distribution's metadata; hatch_build.py writes it."""
_CHECKOUT = Path(__file__).parents[2]
_REVISION = re.compile(r"[0-9a-f]{7,64}(-modified)?")
_PATIENCE_SECONDS = 2


def revision() -> str:
    """A commit's hash, with `-modified` where files differ from it. Never a guess: `unknown` if nothing says it."""
    try:
        installed = distribution(_DISTRIBUTION)
    except PackageNotFoundError:
        installed = None
    found = None
    if installed is not None and not _is_editable(installed):
        found = installed.read_text(_RECORDED) or _vcs_commit(installed)
    elif (_CHECKOUT / ".git").exists():
        found = _described(_CHECKOUT)
    return found.strip() if found and _REVISION.fullmatch(found.strip()) else UNKNOWN


def _origin(installed: Distribution) -> dict[str, dict[str, object]]:
    """What PEP 610 has pip record of a distribution that does not come from an index."""
    try:
        origin: dict[str, dict[str, object]] = json.loads(installed.read_text("direct_url.json") or "{}")
    except ValueError:
        return {}
    return origin


def _is_editable(installed: Distribution) -> bool:
    """Then the source may have changed since it was installed."""
    return bool(_origin(installed).get("dir_info", {}).get("editable"))


def _vcs_commit(installed: Distribution) -> str | None:
    commit = _origin(installed).get("vcs_info", {}).get("commit_id")
    return commit if isinstance(commit, str) else None


def _described(checkout: Path) -> str | None:
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty=-modified"],  # noqa: S607 — whichever git there is
            cwd=checkout,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return None
    return done.stdout if done.returncode == 0 else None

"""A Debian with its own Python, made by debootstrap from where this machine gets its packages."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import platformdirs

_SUITE = "bookworm"
_PACKAGES = "python3-venv,ca-certificates"
_CACHED = platformdirs.user_cache_path("elasticache-updates-tests") / f"{_SUITE}-{_PACKAGES}.tar"
"""Kept from run to run; known before a test is told that its home is elsewhere."""
_LEFT_BY_APT = ("var/cache/apt", "var/lib/apt/lists")


def debian_base() -> Path:
    """A tar of the root file system, a minute's work where it is not there yet."""
    for program, package in (("debootstrap", "debootstrap"), ("apt-get", "apt"), ("tar", "tar")):
        assert shutil.which(program), f"{program} is not installed: apt-get install {package}"
    assert os.geteuid() == 0, "debootstrap needs root: run this test as root"
    if not _CACHED.exists():
        _CACHED.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=_CACHED.parent) as folder:
            tar = Path(folder) / "base.tar"
            _make(Path(folder) / "root", tar)
            tar.rename(_CACHED)  # whole, or not there
    return _CACHED


def _make(root: Path, tar: Path) -> None:
    command = ("debootstrap", "--variant=minbase", f"--include={_PACKAGES}", _SUITE, str(root), _mirror())
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "TMPDIR": "/tmp"})
    assert done.returncode == 0, done.stdout + done.stderr
    for name in _LEFT_BY_APT:
        shutil.rmtree(root / name)
        (root / name).mkdir()
    subprocess.run(("tar", "-C", str(root), "--numeric-owner", "-cf", str(tar), "."), check=True)


def _mirror() -> str:
    """The one that apt asks for its own packages; that of the security updates has no whole system."""
    fields = "$(REPO_URI) $(CODENAME) $(LABEL)"
    command = ("apt-get", "indextargets", "--format", fields, "Created-By: Packages")
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    mirrors = [line.split()[0] for line in lines if line.split()[1:3] == [_SUITE, "Debian"]]
    assert mirrors, f"apt knows no mirror of {_SUITE}: add one to its sources and run apt-get update; it knows {lines}"
    return mirrors[0]

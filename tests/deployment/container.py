"""An image run as its configuration says, in namespaces of its own and on this machine's loopback: no daemon needed."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_DEADLINE_SECONDS = 30

# $1: the root file system; $2: ro or rw; $3: volumes, as HERE:THERE. The program takes this shell's place: process 1.
_ENTER = """
set -eu
root=$1 mode=$2 volumes=$3; shift 3
mount --bind "$root" "$root"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero random urandom; do touch "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"; done
for volume in $volumes; do mkdir -p "$root${volume#*:}"; mount --bind "${volume%%:*}" "$root${volume#*:}"; done
mount -o "remount,bind,$mode" "$root"
exec "$@"
"""


@dataclass(frozen=True)
class Image:
    root: Path
    configuration: Mapping[str, Any]

    @property
    def environment(self) -> dict[str, str]:
        return dict(pair.split("=", 1) for pair in self.configuration["Env"])

    @property
    def user(self) -> str:
        user: str = self.configuration["User"]
        return user


@dataclass
class Container:
    user: str
    environment: Mapping[str, str]
    outer: "subprocess.Popen[bytes]"
    log_path: Path
    pid: int = field(init=False)
    """Of its process 1, as this machine counts."""

    def wait_for(self, line_part: str) -> None:
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while line_part not in self.log():
            assert self.outer.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.05)

    def log(self) -> str:
        return self.log_path.read_text()

    def execute(self, command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        """As `docker exec` does, and the HEALTHCHECK: in the same namespaces, with the same user and environment."""
        uid, _, gid = self.user.partition(":")
        enter = (
            "nsenter",
            f"--target={self.pid}",
            "--mount",
            "--pid",
            "--root",
            "--wd=/",
            f"--setuid={uid}",
            f"--setgid={gid}",
        )
        settings = [f"{name}={value}" for name, value in self.environment.items()]
        return subprocess.run(
            (*enter, "/usr/bin/env", "-i", *settings, *command), capture_output=True, text=True, timeout=20, check=False
        )

    def terminate(self) -> tuple[int, float]:
        """By SIGTERM to process 1: its exit status, and how many seconds it took."""
        began = time.monotonic()
        subprocess.run(("kill", "-TERM", str(self.pid)), check=True)
        return self.outer.wait(timeout=20), time.monotonic() - began


def command_in(  # noqa: PLR0913 — as many as there are ways to run one
    image: Image,
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    user: str = "",
    mode: str = "ro",
    volumes: Sequence[str] = (),
) -> list[str]:
    """Runs the command instead of the entry point; for what the rest means, see `running_container`."""
    for program, package in (("unshare", "util-linux"), ("nsenter", "util-linux"), ("chroot", "coreutils")):
        assert shutil.which(program), f"{program} is not installed: apt-get install {package}"
    folder = image.configuration.get("WorkingDir") or "/"
    settings = [f"{name}={value}" for name, value in {**image.environment, **environment}.items()]
    return [
        *("unshare", "--mount", "--pid", "--fork", "sh", "-c", _ENTER, "sh"),
        *(str(image.root), mode, " ".join(volumes)),
        *("chroot", f"--userspec={user or image.user}", "--groups=", str(image.root)),
        *("/usr/bin/env", "-i", f"--chdir={folder}", *settings, *command),
    ]


@contextmanager
def running_container(  # noqa: PLR0913 — as many as there are ways to run one
    image: Image,
    log_path: Path,
    environment: Mapping[str, str],
    *,
    arguments: Sequence[str] = (),
    user: str = "",
    mode: str = "ro",
    volumes: Sequence[str] = (),
    began: str = '"started"',
) -> Iterator[Container]:
    """
    Runs the entry point from when its log says that it has begun until the block ends.

    The user is the image's unless given, the root file system read-only unless the mode is `rw`, and a volume is
    written as `/here:/there`.
    """
    entry = [*image.configuration["Entrypoint"], *arguments]
    command = command_in(image, entry, environment, user=user, mode=mode, volumes=volumes)
    with log_path.open("wb") as log:
        outer = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    container = Container(user or image.user, {**image.environment, **environment}, outer, log_path)
    try:
        container.wait_for(began)
        (container.pid,) = _children(outer)
        yield container
    finally:
        _end(outer)


def _children(outer: "subprocess.Popen[bytes]") -> list[int]:
    """The container's process 1, as this machine counts; empty once it has ended."""
    if outer.poll() is not None:
        return []
    return [int(pid) for pid in Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text().split()]


def _end(outer: "subprocess.Popen[bytes]") -> None:
    """
    By process 1, with which the kernel ends everything else in there; whoever waits for it ends by itself.

    Killing the one that waits would leave it running: unshare's --kill-child is forgotten when the user changes.
    """
    inner = _children(outer)
    for pid in inner:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    if not inner:
        outer.kill()
    outer.wait(timeout=_DEADLINE_SECONDS)

"""A real PostgreSQL of the tests' own: in a temporary folder, on a free port of the loopback, as a user who may."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.exporter_process import free_port

_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
_DEADLINE_SECONDS = 60
_SYSTEM_USER = "postgres"


class CannotStart(Exception):  # noqa: N818 — the name says it
    """PostgreSQL is not installed, or does not start here."""


@contextmanager
def postgresql_server() -> Iterator[str]:
    """The URL of a database on it. Raises CannotStart, with the reason."""
    if not _BINARIES:
        raise CannotStart("PostgreSQL is not installed: apt-get install postgresql")
    binaries = _BINARIES[-1]
    folder = Path(tempfile.mkdtemp(prefix="notifier-postgresql-"))
    try:
        data = folder / "data"
        as_user = _as_another_user(folder)
        _run([*as_user, binaries / "initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync"])
        port = free_port()
        settings = ["listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={folder}"]
        options = [part for setting in settings for part in ("-c", setting)]
        with (folder / "log").open("wb") as log:
            command = [*as_user, str(binaries / "postgres"), "-D", str(data), *options]
            server = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            ready = [str(binaries / "pg_isready"), "-h", "127.0.0.1", "-p", str(port), "-t", "1"]
            deadline = time.monotonic() + _DEADLINE_SECONDS
            while subprocess.run(ready, stdout=subprocess.DEVNULL, check=False).returncode != 0:
                if server.poll() is not None or time.monotonic() > deadline:
                    raise CannotStart((folder / "log").read_text())
            yield f"postgresql://tester@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: nobody needs what it would still write
            server.wait(timeout=_DEADLINE_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_another_user(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root, so that there it runs as the user of its Debian package."""
    if os.geteuid() != 0:
        return []
    try:
        user = pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        raise CannotStart(f"there is no user {_SYSTEM_USER}, and PostgreSQL does not run as root") from None
    os.chown(folder, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def _run(command: list[object]) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, cwd="/")
    if done.returncode != 0:
        raise CannotStart(done.stdout + done.stderr)

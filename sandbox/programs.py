"""Programs that are started as their users start them, each as a process of its own, and stopped together."""

import contextlib
import random
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import requests

HOST = "127.0.0.1"
DEADLINE_SECONDS = 120
"""For a busy machine; what answers sooner is waited for no longer."""
ANSWER_SECONDS = 30
STOP_SECONDS = 5
_BELOW_THE_SYSTEMS = range(15_000, 32_000)


class DemoError(Exception):
    """A program did not start; the message has its last words."""


class Program:
    """One of them. What it prints on stderr is kept in a file and shown only if it fails."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        self.name = name
        self._log = folder / f"{name}.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603 — the demo's own programs
                command, env=dict(environment), stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
            )

    def check(self) -> None:
        if self.process.poll() is not None:
            last = self._log.read_text().strip().splitlines()[-1:]
            raise DemoError(f"{self.name} ended with status {self.process.returncode}: {''.join(last)}")

    def wait_for(self, url: str) -> None:
        """Until it answers there with success."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while True:
            self.check()
            with contextlib.suppress(requests.RequestException):
                if requests.get(url, timeout=1).ok:
                    return
            if time.monotonic() > deadline:
                raise DemoError(f"{self.name} did not answer {url} within {DEADLINE_SECONDS} s")
            time.sleep(0.1)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Programs:
    """Those that were started so far: each is stopped in the end, also where the next one fails to start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._started: list[Program] = []

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> Program:
        program = Program(name, command, environment, self.folder)
        self._started.append(program)
        return program

    def check(self) -> None:
        for program in self._started:
            program.check()

    def stop(self) -> None:
        for program in reversed(self._started):
            program.stop()


@contextlib.contextmanager
def running_programs() -> Iterator[Programs]:
    with tempfile.TemporaryDirectory(prefix="elasticache-updates-") as folder:
        programs = Programs(Path(folder))
        try:
            yield programs
        finally:
            programs.stop()


def free_port(wanted: int) -> int:
    """
    The wanted one, or another where that is taken or 0: below those that the system hands out, so that no connection
    is given it before the program listens.
    """
    for port in (wanted, *random.sample(_BELOW_THE_SYSTEMS, 100)):
        with contextlib.suppress(OSError), socket.create_server((HOST, port)):
            if port:
                return port
    raise DemoError("no port is free")

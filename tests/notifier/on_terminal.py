"""The notifier at a real terminal: a pseudo-terminal on which it reads and writes, and what is typed there."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

_DEADLINE_SECONDS = 60
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class OnTerminal:
    """stdout is a pipe's, as with `| tee`; stdin and stderr are the terminal's."""

    def __init__(self, process: "subprocess.Popen[str]", descriptor: int) -> None:
        self.process = process
        self.raw = ""
        self._descriptor = descriptor

    @property
    def seen(self) -> str:
        """All that was written so far, without what moves the cursor."""
        return _ESCAPES.sub("", self.raw).replace("\r", "")

    def type(self, text: str) -> None:
        os.write(self._descriptor, text.encode())

    def until(self, pattern: str, after: int = 0) -> int:
        """Waits until it is seen. Answers where it ends."""
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while (found := re.compile(pattern, re.DOTALL).search(self.seen, after)) is None:
            assert time.monotonic() < deadline, f"no {pattern!r} in {self.seen!r}"
            if not self._read() and self.process.poll() is not None and not self._read():
                raise AssertionError(f"it ended with {self.process.returncode}, without {pattern!r}: {self.seen}")
        return found.end()

    def ended(self) -> tuple[int, str]:
        """Its exit status, and its stdout."""
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"it does not end: {self.seen}"
            self._read()
        while self._read():
            pass
        assert self.process.stdout is not None
        return self.process.returncode, self.process.stdout.read()

    def _read(self) -> bool:
        if not select.select([self._descriptor], [], [], 0.05)[0]:
            return False
        try:
            self.raw += os.read(self._descriptor, 65536).decode(errors="replace")
        except OSError:  # nobody has it open any more
            return False
        return True


@contextmanager
def on_terminal(environment: Mapping[str, str], *arguments: str, columns: int = 80) -> Iterator[OnTerminal]:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "notifier", *arguments],
        env={**os.environ, "TERM": "xterm-256color", **environment},
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0) and None,  # noqa: PLW1509 — Ctrl-C becomes a signal
    )
    os.close(theirs)
    try:
        yield OnTerminal(process, ours)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
        os.close(ours)

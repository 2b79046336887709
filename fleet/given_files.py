"""Reads files that the operator names, which may be anything: a pipe, a device, somebody else's, far too large."""

import errno
import os
import select
import stat
import time
from pathlib import Path

LARGEST_BYTES = 16 * 2**20
_AT_ONCE_BYTES = 2**16
_WAIT_FOR_A_WRITER_SECONDS = 5.0
_NOT_ORDINARY = "it is not an ordinary file"
_LOOKS_EACH_SECONDS = 0.05


def whole_file(path: Path, most_bytes: int = LARGEST_BYTES) -> bytes:
    """
    Also what a program writes into a pipe, for which it may take its time, as a password manager that asks for a PIN.

    Raises OSError, also for more than `most_bytes`, and for a pipe into which nobody writes.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # otherwise a pipe without a writer blocks
    try:
        content = bytearray()
        while part := _next_part(descriptor, is_first=not content):
            content += part
            if len(content) > most_bytes:
                raise OSError(errno.EFBIG, f"it is larger than {_size(most_bytes)}")
        return bytes(content)
    finally:
        os.close(descriptor)


def refuse_endless(path: Path) -> None:
    """For files that a library reads whole. One that is not there, or empty as `/dev/null`, is its matter."""
    try:
        status = path.stat()
    except OSError:
        return
    if not stat.S_ISREG(status.st_mode) and status.st_rdev != Path(os.devnull).stat().st_rdev:
        raise OSError(errno.EINVAL, _NOT_ORDINARY)


def require_ordinary(path: Path) -> None:
    """For files that a library opens itself, which would wait for a pipe for ever. Raises OSError."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, _NOT_ORDINARY)


def _next_part(descriptor: int, *, is_first: bool) -> bytes:
    """Empty at the end."""
    is_pipe = stat.S_ISFIFO(os.fstat(descriptor).st_mode)
    gives_up_at = time.monotonic() + _WAIT_FOR_A_WRITER_SECONDS
    while True:
        try:
            part = os.read(descriptor, _AT_ONCE_BYTES)
        except BlockingIOError:  # somebody has it open for writing, and has not written yet
            ready = select.poll()
            ready.register(descriptor, select.POLLIN)
            ready.poll()
            is_first = False
            continue
        if part or not is_pipe or not is_first:
            return part
        if time.monotonic() > gives_up_at:
            raise OSError(errno.EPIPE, "it is a pipe into which nobody writes")
        time.sleep(_LOOKS_EACH_SECONDS)


def _size(count: int) -> str:
    return f"{count // 2**20} MiB" if count >= 2**20 else f"{count // 2**10} KiB"

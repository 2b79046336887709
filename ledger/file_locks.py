"""
Asks the system who locks an SQLite file, without locking, opening or changing it as a database.

Where SQLite keeps its locks is part of the format of its files, so that all its versions can share them.
"""

import fcntl
import os
import struct
from contextlib import suppress
from pathlib import Path

_IN_FILE = (0x40000000, 512)  # pending, reserved and shared: a write lock on any of them keeps others from writing
_IN_INDEX = (120, 1), (122, 1)  # of `-shm`: who writes to the log, and who recovers it
_FORM = "hhqqi4x"  # struct flock on 64-bit Linux: type, whence, start, length, process


def is_kept_by_a_writer(path: Path) -> bool:
    """
    Whether another program holds a lock at this moment that keeps everybody else from writing.

    False on systems other than Linux, which cannot be asked.
    """
    if not hasattr(fcntl, "F_OFD_GETLK"):
        return False
    index = path.with_name(f"{path.name}-shm")
    return _is_locked(path, *_IN_FILE) or any(_is_locked(index, *place) for place in _IN_INDEX)


def _is_locked(path: Path, start: int, length: int) -> bool:
    """False for a file that is not there."""
    with suppress(FileNotFoundError):
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            asked = struct.pack(_FORM, fcntl.F_RDLCK, os.SEEK_SET, start, length, 0)
            answer = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, asked)
        finally:
            os.close(descriptor)
        kind: int = struct.unpack(_FORM, answer)[0]
        return kind != fcntl.F_UNLCK
    return False

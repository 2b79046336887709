"""Files that only their owner may read, write or replace."""

import os
import stat
from pathlib import Path

from ledger.errors import LedgerError

_MISREAD = "?#%"
_BESIDE = ("", "-wal", "-shm", "-journal", ".runs", ".rescued")
_PRIVATE = 0o600
_REMEDY = "or set LEDGER_URL to another place"


def refuse_misread(path: Path) -> None:
    """Raises LedgerError if the database would read the path as that of another file."""
    if not str(path).isprintable() or any(character in str(path) for character in _MISREAD):
        raise LedgerError(
            f"ledger {str(path)!r}: a path with one of {' '.join(_MISREAD)} or a control character in it could be taken"
            f" for another one; {_REMEDY[3:]}"
        )


def refuse_unsafe_place(path: Path) -> None:
    """Makes the folder for a ledger's file if it does not exist. Raises LedgerError and OSError."""
    refuse_misread(path)
    private_folder(path.parent)
    refuse_links(path)


def refuse_links(path: Path) -> None:
    """Raises LedgerError if the ledger's file, or one beside it, is a link."""
    for beside in (path.with_name(path.name + suffix) for suffix in _BESIDE):
        if beside.is_symlink():
            raise LedgerError(f"ledger {beside}: it is a symbolic link; put the file itself there, {_REMEDY}")


def private_folder(folder: Path) -> None:
    """Makes the folder if it does not exist. Raises OSError, and LedgerError if everybody may write into it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    refuse_open_folder(folder)


def refuse_open_folder(folder: Path) -> None:
    """Raises OSError, and LedgerError if everybody may write into it."""
    if folder.stat().st_mode & stat.S_IWOTH:
        raise LedgerError(f"ledger: everybody may write into its folder {folder}; chmod o-w '{folder}', {_REMEDY}")


def private_file(path: Path, flags: int = os.O_RDWR | os.O_CREAT) -> int:
    """Opens the user's own file and takes all rights from others. Raises LedgerError and OSError."""
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, _PRIVATE)
    try:
        _make_private(descriptor, path)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _make_private(descriptor: int, path: Path) -> None:
    status = os.fstat(descriptor)
    refuse_not_ours(status, path)
    if stat.S_IMODE(status.st_mode) != _PRIVATE:
        os.fchmod(descriptor, _PRIVATE)


def refuse_not_ours(status: os.stat_result, path: Path) -> None:
    """Raises LedgerError for what is not a file, or is somebody else's."""
    if not stat.S_ISREG(status.st_mode):
        raise LedgerError(f"ledger {path}: it is not a file; move it away, {_REMEDY}")
    if os.geteuid() not in (0, status.st_uid):
        raise LedgerError(f"ledger {path}: it belongs to somebody else (user {status.st_uid}); {_REMEDY[3:]}")

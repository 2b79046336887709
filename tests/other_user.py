"""Folders that the program's user may not look into, whoever runs the tests."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NOBODY = 65534


@contextmanager
def out_of_reach(folder: Path) -> Iterator[None]:
    """Nobody may look into the folder. For root, who may look everywhere, the block runs as somebody else."""
    was, mode = os.geteuid(), folder.stat().st_mode
    folder.chmod(0)
    if was == 0:
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(was)
        folder.chmod(mode)

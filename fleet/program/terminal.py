"""Reads what somebody types at the terminal, without ever missing a Ctrl-C."""

import os
import select
import sys
from collections.abc import Callable

_LOOK_SECONDS = 0.1
_LONGEST_LINE = 4096


def typed_line(question: str, is_moot: Callable[[], bool] = lambda: False) -> str | None:
    """
    The answer to the question, which is written to stderr; None at the end of the input, or once the question is moot.

    Looks in short turns: a Ctrl-C just before a read that waits would be noticed only once a line was typed. And it
    reads past Python's buffer, in which a second line would be seen by nobody who looks whether something was typed.
    """
    sys.stderr.write(f"{question} ")
    sys.stderr.flush()
    while not is_moot():
        if select.select([sys.stdin], [], [], _LOOK_SECONDS)[0]:
            if line := _read():
                return line.decode(errors="replace")
            break
    sys.stderr.write("\n")
    return None


def _read() -> bytes:
    """A line of a terminal; empty at its end, also where the terminal has gone away."""
    try:
        return os.read(sys.stdin.fileno(), _LONGEST_LINE)
    except OSError:
        return b""

"""stdout and stderr for as long as a program runs: whatever is printed or logged leaves through outlets."""

import os
import sys
from collections.abc import Mapping, Sequence

from fleet.program.outlet import Outlet
from fleet.program.secrecy import secrets_given, without_secrets
from fleet.program.text import printable

_MOST_ERRORS_WAITING = 10_000
_ERRORS_PATIENCE_SECONDS = 5.0


class Streams:
    def __init__(self, out: Outlet, errors: Outlet) -> None:
        self._out = out
        self._errors = errors

    def close(self, patience_seconds: float | None) -> str | None:
        """
        Waits until stdout is written; after so long without a reader, or at Ctrl-C, no longer.

        Why something is lost that somebody wanted to have; None where all has arrived, or nobody listens any more.
        """
        try:
            is_written = self._out.drained(patience_seconds)
        except KeyboardInterrupt:
            return "interrupted"
        if not is_written:
            return f"nobody has read it for {patience_seconds:.0f} s"
        return self._out.failure.strerror if self._out.failure and self._out.is_lost else None

    def close_errors(self) -> None:
        """Last of all, and without much patience: what nobody reads is no reason to stay."""
        self._errors.drained(_ERRORS_PATIENCE_SECONDS)


def taken_over(arguments: Sequence[str], environment: Mapping[str, str]) -> Streams:
    """From here on, saying something neither waits nor fails; stderr shows nothing that may be a secret."""
    open_closed_streams()
    known = secrets_given(arguments, environment)
    out = Outlet(sys.stdout, 1, printable)
    errors = Outlet(sys.stderr, 2, lambda text: printable(without_secrets(text, known)), _MOST_ERRORS_WAITING)
    sys.stdout, sys.stderr = out, errors
    return Streams(out, errors)


def open_closed_streams() -> None:
    """A closed one becomes the null device; else the next file or socket to be opened would take its number."""
    for descriptor, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
        if getattr(sys, name) is None:
            setattr(sys, name, open(descriptor, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 — for good

"""Replaces stdout and stderr by outlets for as long as a program runs."""

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
        Waits until stdout is written, until nobody has read for so long, or until Ctrl-C.

        Returns why some output was lost, or None if all of it arrived or its reader went away.
        """
        try:
            is_written = self._out.drained(patience_seconds)
        except KeyboardInterrupt:
            return "interrupted"
        if not is_written:
            return f"nobody has read it for {patience_seconds:.0f} s"
        return self._out.failure.strerror if self._out.failure and self._out.is_lost else None

    def close_errors(self) -> None:
        """Waits a few seconds until stderr is written. Call it last."""
        self._errors.drained(_ERRORS_PATIENCE_SECONDS)


def taken_over(arguments: Sequence[str], environment: Mapping[str, str]) -> Streams:
    """From now on, printing neither waits nor fails, and stderr shows nothing that may be a secret."""
    open_closed_streams()
    known = secrets_given(arguments, environment)
    out = Outlet(sys.stdout, 1, printable)
    errors = Outlet(sys.stderr, 2, lambda text: printable(without_secrets(text, known)), _MOST_ERRORS_WAITING)
    sys.stdout, sys.stderr = out, errors
    return Streams(out, errors)


def open_closed_streams() -> None:
    """Opens the null device for closed streams, because the next file or socket would take their number otherwise."""
    for descriptor, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
        if getattr(sys, name) is None:
            setattr(sys, name, open(descriptor, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 — for good

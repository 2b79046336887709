"""Configures logging for both programs: one event per line on stderr, as logfmt for people or JSON for machines."""

import functools
import logging
import sys
from typing import Literal, TextIO

LogFormat = Literal["text", "json"]
_OURS = ("fleet", "ledger", "exporter", "notifier")
_TWICE = ("botocore.credentials", "botocore.tokens")
"""They log warnings with a traceback for errors that they also raise."""


def configure_logging(level: str, log_format: LogFormat | None, stream: TextIO = sys.stderr) -> None:
    """
    Without a format, chooses text on a terminal and JSON elsewhere.

    The level applies to our own events. Libraries log only warnings and errors, because botocore's debug level prints
    request headers, and with them session tokens.
    """
    chosen = log_format or ("text" if stream.isatty() else "json")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_OnFirstEvent(chosen))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in _OURS:
        logging.getLogger(name).setLevel(level.upper())
    for name in _TWICE:
        logging.getLogger(name).setLevel(logging.ERROR)


class _OnFirstEvent(logging.Formatter):
    """Loads structlog, and with it Rich, for the first event: most commands log nothing, and people wait for them."""

    def __init__(self, log_format: LogFormat) -> None:
        super().__init__()
        self._log_format = log_format

    @functools.cached_property
    def _formatter(self) -> logging.Formatter:
        from fleet.program.log_formats import formatter  # noqa: PLC0415 — see above

        return formatter(self._log_format)

    def format(self, record: logging.LogRecord) -> str:
        return self._formatter.format(record)

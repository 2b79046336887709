"""Configures logging for both programs: one event per line on stderr, as logfmt for people or JSON for machines."""

import logging
import sys
from typing import Literal, TextIO

import structlog

from fleet.printable import visible

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
    rendering: list[structlog.typing.Processor] = (
        [structlog.processors.JSONRenderer()]
        if chosen == "json"
        else [
            _visible,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], bool_as_flag=False),
        ]
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            *rendering,
        ],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in _OURS:
        logging.getLogger(name).setLevel(level.upper())
    for name in _TWICE:
        logging.getLogger(name).setLevel(logging.ERROR)


def _visible(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Keeps other systems' text on the event's line, and from moving the cursor. JSON needs no such escaping."""
    return {name: visible(value) if isinstance(value, str) else value for name, value in event.items()}

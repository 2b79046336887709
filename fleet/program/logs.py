"""How both programs log: one event a line on stderr, with fields, logfmt for people and JSON for machines."""

import logging
import sys
from typing import Literal, TextIO

import structlog

LogFormat = Literal["text", "json"]
_OURS = ("fleet", "ledger", "exporter", "notifier")
_TWICE = ("botocore.credentials", "botocore.tokens")
"""What they warn of, with a traceback, they raise as well."""


def configure_logging(level: str, log_format: LogFormat | None, stream: TextIO = sys.stderr) -> None:
    """
    Without a format, text on a terminal and JSON elsewhere.

    The level is for our own events. Libraries speak from warning upwards only: at debug level botocore
    prints request headers, and with them session tokens.
    """
    chosen = log_format or ("text" if stream.isatty() else "json")
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if chosen == "json"
        else structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], bool_as_flag=False)
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
            renderer,
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

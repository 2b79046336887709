"""How an event becomes a line: logfmt for people, JSON for machines."""

import logging
from typing import Literal

import structlog

from fleet.printable import visible


def formatter(log_format: Literal["text", "json"]) -> logging.Formatter:
    rendering: list[structlog.typing.Processor] = (
        [structlog.processors.JSONRenderer()]
        if log_format == "json"
        else [
            _visible,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], bool_as_flag=False),
        ]
    )
    return structlog.stdlib.ProcessorFormatter(
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


def _visible(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Keeps other systems' text on the event's line, and from moving the cursor. JSON needs no such escaping."""
    return {name: visible(value) if isinstance(value, str) else value for name, value in event.items()}

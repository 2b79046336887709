"""What `sanitise_content_for` does to a value that somebody else has written."""

import re

_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_DOTTED = re.compile(r"(?<=\w)\.(?=\w)")
_SPECIAL = re.compile(r"[`*_(){}\[\]<>#+\-.!|\\]")


def sanitised(value: str) -> str:
    """No addresses of web pages, no words joined by a dot, and nothing that Markdown would take for formatting."""
    return _SPECIAL.sub(r"\\\g<0>", _DOTTED.sub(". ", _URL.sub("", value)))

"""Escapes names that tenants chose for Markdown as GitHub and others show it. Pure."""

import re

from fleet.printable import visible
from notifier.mail.plain_text import ZERO_WIDTH_SPACE, unlinked

_ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+(\.[\w-]+)+", re.ASCII)
_MENTION = re.compile(r"(?<!\w)@(?=\w)|#(?=\w)|(?<![^\W_])GH-(?=\d)", re.IGNORECASE)
"""Of a person, or of an issue: `#1`, `team/platform#1` and `GH-1`."""
_SPECIAL = re.compile(r"[&<>\\`*~|\[\]!#$" + ZERO_WIDTH_SPACE + r"]|(?<![^\W_])_|_(?![^\W_])")
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def markdown(text: str) -> str:
    """
    Reads as it was written, but is neither HTML nor formatting: a web address is not a link, `@team` mentions nobody,
    `#1` refers to no issue.

    The result may stand anywhere except at the start of a line, also in a table. E-mail addresses stay as they are.
    """
    shown = visible(text)
    if not _ADDRESS.fullmatch(shown):
        shown = _MENTION.sub(lambda match: match[0] + ZERO_WIDTH_SPACE, unlinked(shown))
    return _SPECIAL.sub(lambda match: _NAMED.get(match[0], f"&#{ord(match[0])};"), shown)

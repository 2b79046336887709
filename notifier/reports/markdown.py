"""Tenants' words within a page of Markdown, as GitHub and others show it. Pure."""

import re

from fleet.program.text import visible
from notifier.mail.plain_text import ZERO_WIDTH_SPACE, unlinked

_ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+(\.[\w-]+)+", re.ASCII)
_MENTION = re.compile(r"(?<!\w)[@#](?=\w)")
_SPECIAL = re.compile(r"[&<>\\`*~|\[\]!#$" + ZERO_WIDTH_SPACE + r"]|(?<![^\W_])_|_(?![^\W_])")
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def markdown(text: str) -> str:
    """
    Readable as it is written, and neither HTML nor formatting; an address of the web is no link, `@team` nobody's name.

    It may stand anywhere but at the start of a line, in a table too. An e-mail address stays one.
    """
    shown = visible(text)
    if not _ADDRESS.fullmatch(shown):
        shown = _MENTION.sub(lambda match: match[0] + ZERO_WIDTH_SPACE, unlinked(shown))
    return _SPECIAL.sub(lambda match: _NAMED.get(match[0], f"&#{ord(match[0])};"), shown)

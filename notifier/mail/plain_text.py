"""
Tenants' own words as plain text in GOV.UK Notify's Markdown.

Notify fills personalisation in before it renders Markdown, so an org called `[pay here](https://evil.example)` would
arrive as a link in a mail that bears the platform's name.
"""

import re
import unicodedata

_ZERO_WIDTH_SPACE = "\u200b"

# What Notify's Markdown lets a backslash take the meaning from. `<` and `>` are not among them: they are HTML-escaped
# before, and a backslash in front of `&lt;` would be shown. A full stop or hyphen matters at the start only.
_SPECIAL = re.compile(r"[\\`*\[\]{}~|#]|(?<![^\W_])_|_(?![^\W_])|!(?=\[)")
_LIST_OR_HEADING = re.compile(r"(\d+)([.)])|[-+=]")
_NOT_ESCAPABLE_AT_START = ("^", "•", ">", "<")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_ANGLE_LINK = re.compile(r"<(?=[^\s<>]*[:@])")
_WEB_ADDRESS = re.compile(r"(?:https?://|www\.|mailto:)\S*", re.IGNORECASE)


def plain_text(name: object) -> str:
    """On one line, readable as it is written, and in no position a link, heading, list, quote or picture."""
    line = " ".join("".join(_printable(character) for character in str(name)).split())
    unlinked = _WEB_ADDRESS.sub(_unlinked, line)
    inert = _ENTITY.sub(f"&{_ZERO_WIDTH_SPACE}", _ANGLE_LINK.sub(f"<{_ZERO_WIDTH_SPACE}", unlinked))
    escaped = _SPECIAL.sub(lambda match: f"\\{match[0]}", inert)
    if escaped.endswith("#"):
        escaped += _ZERO_WIDTH_SPACE  # a heading drops what closes it
    if escaped.startswith(_NOT_ESCAPABLE_AT_START):
        return _ZERO_WIDTH_SPACE + escaped
    return _LIST_OR_HEADING.sub(_escaped_marker, escaped, count=1) if _LIST_OR_HEADING.match(escaped) else escaped


def _printable(character: str) -> str:
    """Line breaks and other controls become spaces; what reorders or hides the text around it goes."""
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp", "Zs"):
        return " "
    return "" if category in ("Cf", "Cs", "Co") and character not in "\u200c\u200d" else character


def _unlinked(match: re.Match[str]) -> str:
    """Neither Notify nor a mail program recognises it: a character without width follows each colon and full stop."""
    return re.sub(r"[:.]", lambda mark: mark[0] + _ZERO_WIDTH_SPACE, match[0])


def _escaped_marker(match: re.Match[str]) -> str:
    return f"{match[1]}\\{match[2]}" if match[1] else f"\\{match[0]}"

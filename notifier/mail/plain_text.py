"""
Tenants' own words as plain text in GOV.UK Notify's Markdown.

Notify fills personalisation in before it renders Markdown, so an org called `[pay here](https://evil.example)` would
arrive as a link in a mail that bears the platform's name. What Notify leaves alone, a mail program may still make a
link of, such as `evil.example/pay`.

What is said here of Notify is what its published code does (alphagov/notifications-utils, with mistune 0.8.4).
"""

import re
import unicodedata

ZERO_WIDTH_SPACE = "\u200b"
"""Put between two characters, it parts them for programs and not for people."""

# What Notify's Markdown lets a backslash take the meaning from; a full stop or hyphen matters at the start only. `=` is
# not among them: the backslash would be shown. `&`, `<` and `>` mean other things in the HTML version than in the text
# version of a mail: as entities they arrive in both.
_SPECIAL = re.compile(r"[\\`*\[\]{}~|#]|(?<![^\W_])_|_(?![^\W_])|!(?=\[)")
_LIST_OR_HEADING = re.compile(r"(\d+)([.)])|[-+]")
_NOT_ESCAPABLE_AT_START = ("^", "•", "=")
_ENTITY = re.compile("[&<>]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# Notify's typography: a dash that stands alone takes the white space around it, line breaks included; the space before
# a comma or full stop goes; a backslash before some marks goes. Its code marks places with emoji that end in a bird.
_LONE_DASH = re.compile(r"(?:(?<=\s)|^)[-–—]{1,3}(?=\s|$)")
_AFTER_SPACE = re.compile(r"(?:(?<=\s)|^)(?=[,.])")
_BIRD = "🐦"

# What mail programs make links of: a full stop of any script before a word of letters, as in evil.example; four numbers
# with full stops; a scheme with its colon.
_DOMAIN = re.compile(r"(?<=[\w-])[.\u3002\uff0e\uff61](?=[^\W\d_]{2})")
_IP_ADDRESS = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])")
_SCHEME = re.compile(
    r":(?=//)|(?<=\b)(?:mailto|tel|sms|callto|facetime|skype|sips?|xmpp|javascript|vbscript|data|file|news|magnet):(?=\S)",
    re.IGNORECASE,
)


def plain_text(name: object) -> str:
    """On one line, readable as it is written, and in no position a link, heading, list, quote or picture."""
    line = unlinked(" ".join("".join(_printable(character) for character in str(name)).split()))
    inert = _LONE_DASH.sub(_parted, _AFTER_SPACE.sub(ZERO_WIDTH_SPACE, line)).replace(_BIRD, _BIRD + ZERO_WIDTH_SPACE)
    escaped = _ENTITY.sub(lambda match: _ENTITIES[match[0]], _SPECIAL.sub(_escaped, inert))
    if escaped.endswith("#"):
        escaped += ZERO_WIDTH_SPACE  # a heading drops what closes it
    if escaped.startswith(_NOT_ESCAPABLE_AT_START):
        return ZERO_WIDTH_SPACE + escaped
    return _LIST_OR_HEADING.sub(_escaped_marker, escaped, count=1) if _LIST_OR_HEADING.match(escaped) else escaped


def unlinked(text: str) -> str:
    """The same to read, and nothing in it that a mail program or a browser recognises as an address of the web."""
    parted = _IP_ADDRESS.sub(lambda match: match[0].replace(".", f".{ZERO_WIDTH_SPACE}"), text)
    return _SCHEME.sub(_parted, _DOMAIN.sub(_parted, parted))


def _printable(character: str) -> str:
    """Line breaks and other controls become spaces; what reorders or hides the text around it goes."""
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp", "Zs"):
        return " "
    return "" if category in ("Cf", "Cs", "Co") and character not in "\u200c\u200d" else character


def _parted(match: re.Match[str]) -> str:
    """From what follows."""
    return match[0] + ZERO_WIDTH_SPACE


def _escaped(match: re.Match[str]) -> str:
    return f"\\{match[0]}{ZERO_WIDTH_SPACE if match[0] == chr(92) else ''}"


def _escaped_marker(match: re.Match[str]) -> str:
    return f"{match[1]}\\{match[2]}" if match[1] else f"\\{match[0]}"

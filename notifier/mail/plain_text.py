"""
Turns names that tenants chose into plain text in GOV.UK Notify's Markdown.

Notify inserts the personalisation before it renders Markdown, so an org called `[pay here](https://evil.example)` would
arrive as a link in a mail that bears the platform's name. And mail programs make links of text such as
`evil.example/pay`, which Notify leaves alone.

The rules about Notify follow its published code (alphagov/notifications-utils, with mistune 0.8.4).
"""

import functools
import re
import unicodedata

ZERO_WIDTH_SPACE = "\u200b"
"""Between two characters, it separates them for programs but not for people's eyes."""

# The characters that a backslash makes harmless in Notify's Markdown. A full stop or hyphen matters at the start only.
# `=` is not among them, because its backslash would be shown. `&`, `<` and `>` are written as entities, which arrive
# intact in both the HTML and the text version of a mail.
_SPECIAL = re.compile(r"[\\`*\[\]{}~|#]|(?<![^\W_])_|_(?![^\W_])|!(?=\[)")
_LIST_OR_HEADING = re.compile(r"(\d+)([.)])|[-+]")
_NOT_ESCAPABLE_AT_START = ("^", "•", "=")
_ENTITY = re.compile("[&<>]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# Notify's typography removes the white space around a dash that stands alone, even line breaks; the space before a
# comma or full stop; and a backslash before some marks. Its code uses emoji that end in a bird as placeholders.
_LONE_DASH = re.compile(r"(?:(?<=\s)|^)[-–—]{1,3}(?=\s|$)")
_AFTER_SPACE = re.compile(r"(?:(?<=\s)|^)(?=[,.])")
_BIRD = "🐦"

# Mail programs make links of a full stop (in any script) before a word of letters, as in evil.example; of four numbers
# with full stops between them; and of a scheme with its colon.
_DOMAIN = re.compile(r"(?<=[\w-])[.\u3002\uff0e\uff61](?=[^\W\d_]{2})")
_IP_ADDRESS = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])")
_SCHEME = re.compile(
    r":(?=//)|(?<=\b)(?:mailto|tel|sms|callto|facetime|skype|sips?|xmpp|javascript|vbscript|data|file|news|magnet):(?=\S)",
    re.IGNORECASE,
)


def plain_text(name: object) -> str:
    """One line that reads as it was written, and is nowhere a link, heading, list, quote or picture."""
    return _plain_text(str(name))


@functools.lru_cache(maxsize=50_000)  # mails repeat names, and a run plans its mails several times
def _plain_text(text: str) -> str:
    is_simple = text.isascii() and text.isprintable()
    printable = text if is_simple else "".join(_printable(character) for character in text)
    line = unlinked(" ".join(printable.split()))
    inert = _LONE_DASH.sub(_parted, _AFTER_SPACE.sub(ZERO_WIDTH_SPACE, line)).replace(_BIRD, _BIRD + ZERO_WIDTH_SPACE)
    escaped = _ENTITY.sub(lambda match: _ENTITIES[match[0]], _SPECIAL.sub(_escaped, inert))
    if escaped.endswith("#"):
        escaped += ZERO_WIDTH_SPACE  # Markdown drops `#` from the end of a heading
    if escaped.startswith(_NOT_ESCAPABLE_AT_START):
        return ZERO_WIDTH_SPACE + escaped
    return _LIST_OR_HEADING.sub(_escaped_marker, escaped, count=1) if _LIST_OR_HEADING.match(escaped) else escaped


def unlinked(text: str) -> str:
    """Reads the same, but mail programs and browsers recognise no web address in it."""
    parted = _IP_ADDRESS.sub(lambda match: match[0].replace(".", f".{ZERO_WIDTH_SPACE}"), text)
    return _SCHEME.sub(_parted, _DOMAIN.sub(_parted, parted))


def _printable(character: str) -> str:
    """Line breaks and other control characters become spaces; characters that reorder or hide text are removed."""
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp", "Zs"):
        return " "
    return "" if category in ("Cf", "Cs", "Co") and character not in "\u200c\u200d" else character


def _parted(match: re.Match[str]) -> str:
    """Separates the match from the text that follows it."""
    return match[0] + ZERO_WIDTH_SPACE


def _escaped(match: re.Match[str]) -> str:
    return f"\\{match[0]}{ZERO_WIDTH_SPACE if match[0] == chr(92) else ''}"


def _escaped_marker(match: re.Match[str]) -> str:
    return f"{match[1]}\\{match[2]}" if match[1] else f"\\{match[0]}"

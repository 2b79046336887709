"""Makes text that somebody else wrote safe to look at. Pure."""

import re
import unicodedata

# Unicode counts these as letters, marks or symbols, but they show nothing: fillers, joiners, variation selectors
# (except the two that choose between emoji and text), and the blank Braille pattern.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0d\uffa0\U000e0100-\U000e01ef]")


def one_line(text: str, most_characters: int | None = None) -> str:
    """Like `visible`, with white space collapsed, and cut if the text is longer than `most_characters`."""
    line = " ".join(text.split())
    if most_characters is not None and len(line) > most_characters:
        line = line[:most_characters] + "…"
    return visible(line)


def visible(text: str) -> str:
    r"""The text on one line, with each invisible character written as its code, such as `\x1b` or `\u202e`."""
    if text.isprintable() and not _BLANK.search(text):
        return text
    return "".join(character if _is_seen(character) else _code(character) for character in text)


def _is_seen(character: str) -> bool:
    return (character.isprintable() or unicodedata.category(character) == "Zs") and not _BLANK.match(character)


def _code(character: str) -> str:
    return character.encode("unicode_escape").decode()

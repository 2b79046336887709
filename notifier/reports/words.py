"""Words for people."""

import unicodedata


def counted(count: int, singular: str, plural: str | None = None) -> str:
    """Such as `1 org` and `2 orgs`."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def visible(text: str) -> str:
    """A tenant's words on a terminal: what would move the cursor or reorder the line is shown as its code instead."""
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") and character != "\u200d":
        return character.encode("unicode_escape").decode()
    return character

"""What counts as an e-mail address, and how one is found in a text that says more. Pure."""

import re

MOST_CHARACTERS = 320
_LABEL = r"[^\W_](?:[^\W_]|-)*"
_ADDRESS = re.compile(rf"[a-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})+", re.IGNORECASE)
"""Each character that Notify takes, such as the apostrophe of o'neil@example.org."""
_SEPARATED = re.compile(r"[ \t\r\n]+")
_SAYS_WHOSE = re.compile(r"(?:[^@:/]+:)+")
_ENCLOSED = re.compile(r"[^@]*(?:\((.+)\)|<(.+)>|\[(.+)\]|\{(.+)\}|\"(.+)\"|'(.+)')")
_JOINED = re.compile(r"[,;/|]")
_OPENING, _CLOSING = '(<["', ')>]"'
_PUNCTUATION = ".,;:!?"


def is_address(text: str) -> bool:
    """True for a text that is one address and nothing else, as far as its form tells."""
    return len(text) <= MOST_CHARACTERS and ".." not in text and _ADDRESS.fullmatch(text) is not None


def address_in(text: str) -> str | None:
    """
    In lower case, the one address that a text holds: alone, or as in `Team: a@example.org` and `Team (a@example.org)`.

    None for a text without any, or with several. None also if something in it may be an address that cannot be told
    from what is around it: part of an address may be the address of somebody else.
    """
    found = {address for word in _SEPARATED.split(text.strip()) if "@" in word for address in _addresses(word)}
    return next(iter(found)) if len(found) == 1 else None


def _addresses(word: str) -> list[str | None]:
    """None stands for what looks like an address and is none."""
    for reading in _readings(word):
        if is_address(reading):
            return [reading.lower()]
    parts = [part for part in _JOINED.split(word) if part]
    if all(map(is_address, parts)):
        return [part.lower() for part in parts]
    local, _, domain = word.rpartition("@")
    return [None] if local and "." in domain else []


def _readings(word: str) -> list[str]:
    """What the word may mean, the plainest first."""
    without_label = _SAYS_WHOSE.sub("", word, count=1).strip() if _SAYS_WHOSE.match(word) else word.strip()
    bare = without_label.rstrip(_PUNCTUATION)
    enclosed = _ENCLOSED.fullmatch(bare)
    inner = next((group for group in enclosed.groups() if group), "").strip() if enclosed else ""
    return [word, without_label, bare, inner, bare.lstrip(_OPENING).rstrip(_CLOSING).rstrip(_PUNCTUATION)]

"""What counts as an e-mail address, and how one is found in a text that says more. Pure."""

import re

MOST_CHARACTERS = 320
_BETWEEN = re.compile(r"[\s()<>\[\]{},;:=/|\"']+")


def is_address(text: str) -> bool:
    """True for a text that is one address and nothing else, as far as its form tells."""
    local, at, domain = text.rpartition("@")
    if not (at and local and "@" not in local and text.isprintable() and len(text) <= MOST_CHARACTERS):
        return False
    has_dots = "." in domain and not domain.startswith((".", "-")) and not domain.endswith((".", "-"))
    return has_dots and ".." not in text and _BETWEEN.search(text) is None


def addresses_in(text: str) -> list[str]:
    """Each once, in lower case: of `a@example.org`, `Team: a@example.org` and `Team (a@example.org)` the one."""
    words = (word.strip(".") for word in _BETWEEN.split(text))
    return list(dict.fromkeys(word.lower() for word in words if is_address(word)))

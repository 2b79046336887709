r"""
Half characters in JSON: `\ud800` without its other half is no text, and cannot be written to anything.

Tenants choose names and tags, and one such escape would fail whatever shows or keeps it. Pure.
"""

import re

_MAY_BE_ONE = re.compile(rb"\\u[dD][89a-fA-F]")
_BACKSLASH = rb"\\\\"
_PAIR = rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_HALF = rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
_FOUND = re.compile(rb"(" + _BACKSLASH + rb"|" + _PAIR + rb")|" + _HALF)
_REPLACEMENT = rb"\ufffd"


def with_whole_characters(body: bytes) -> bytes:
    """The same JSON with U+FFFD in place of each half character; bodies without one, of whatever kind, stay."""
    if _MAY_BE_ONE.search(body) is None:
        return body
    return _FOUND.sub(lambda match: match[1] or _REPLACEMENT, body)

"""Checks the addresses that operators give, before anything is sent there."""

import re

from fleet.errors import ConfigurationError
from fleet.plain_http import warn_if_readable
from fleet.printable import one_line
from fleet.remote_address import AddressError, remote_address

_LOOKS_LIKE_AN_ADDRESS = re.compile(
    r"(?i:[a-z][a-z0-9+.-]{1,9}://)[^@?#]*|[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+(:[0-9]+)?"
)
_MOST_CHARACTERS = 200


def checked_address(name: str, text: str, example: str, *, may_have_path: bool = False) -> str:
    """
    The address without a slash at its end. `name` is the name of its setting.

    Raises ConfigurationError. Accepts plain http to another machine, but warns that others on the network can read
    what is sent.
    """
    address = text.strip().rstrip("/")
    try:
        parsed = remote_address(address)
    except AddressError as error:
        raise ConfigurationError(f"{_shown(name, address)}: {error}; write it with its scheme, as {example}") from None
    if parsed.has_query or (parsed.path and not may_have_path):
        what = "query" if parsed.has_query else "path"
        raise ConfigurationError(f"{_shown(name, address)}: it has a {what}; write it without, as {example}")
    warn_if_readable(name, parsed)
    return address


def _shown(name: str, address: str) -> str:
    """Names the setting, and shows its value only if that cannot be a secret in the wrong place."""
    plain = address.partition("?")[0].partition("#")[0]
    return f"{name} '{one_line(plain, _MOST_CHARACTERS)}'" if _LOOKS_LIKE_AN_ADDRESS.fullmatch(plain) else name

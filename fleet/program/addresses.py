"""Addresses that operators give: checked before anything is sent there."""

import logging
import re

from fleet.errors import ConfigurationError
from fleet.one_line import one_line
from fleet.remote_address import AddressError, remote_address

log = logging.getLogger(__name__)

_LOOKS_LIKE_AN_ADDRESS = re.compile(
    r"(?i:[a-z][a-z0-9+.-]{1,9}://)[^@?#]*|[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+(:[0-9]+)?"
)
_MOST_CHARACTERS = 200


def checked_address(name: str, text: str, example: str, *, may_have_path: bool = False) -> str:
    """
    The address without a slash at its end. `name` is the setting's.

    Raises ConfigurationError. Plain http to another machine is what the operator asked for, and warned of: whoever is
    on the way can read what is sent.
    """
    address = text.strip().rstrip("/")
    try:
        parsed = remote_address(address)
    except AddressError as error:
        raise ConfigurationError(f"{_shown(name, address)}: {error}; write it with its scheme, as {example}") from None
    if parsed.has_query or (parsed.path and not may_have_path):
        what = "query" if parsed.has_query else "path"
        raise ConfigurationError(f"{_shown(name, address)}: it has a {what}; write it without, as {example}")
    if parsed.is_readable_on_the_way:
        log.warning(
            "plain http: others on the network can read what is sent there, secrets included; use https",
            extra={"setting": name, "origin": parsed.origin},
        )
    return address


def _shown(name: str, address: str) -> str:
    """Not what may be a secret in the wrong place."""
    plain = address.partition("?")[0].partition("#")[0]
    return f"{name} '{one_line(plain, _MOST_CHARACTERS)}'" if _LOOKS_LIKE_AN_ADDRESS.fullmatch(plain) else name

"""Somebody to be told for an org. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody who is to be told, with the address or the reason why there is none."""

    name: str | None
    """None if the reason concerns the whole org, so that nobody in it can be told."""
    address: str | None
    """Lower-case."""
    missing_because: str = ""


Contacts = Mapping[str, tuple[Contact, ...]]
"""By org guid. An org without any contact is one that nobody is to be told of, on purpose."""


def nobody(reason: str) -> Contact:
    return Contact(None, None, reason)

"""Warns of addresses where others on the network can read what is sent, once for each in a program's life."""

import logging

from fleet.remote_address import RemoteAddress

log = logging.getLogger(__name__)

_warned: set[str] = set()


def warn_if_readable(setting: str, address: RemoteAddress) -> None:
    """`setting` is what led there."""
    if address.is_readable_on_the_way and address.origin not in _warned:
        _warned.add(address.origin)
        log.warning(
            "plain http: others on the network can read what is sent there, secrets included; use https",
            extra={"setting": setting, "origin": address.origin},
        )

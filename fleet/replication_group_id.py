"""The broker's rule that turns a service instance's guid into the id of its replication group."""

import base64
import re

_FNV_OFFSET_BASIS = 0xCBF29CE484222325
_FNV_PRIME = 0x100000001B3
_DERIVED = re.compile("cf-[a-z2-7]{13}")


def replication_group_id(service_instance_guid: str) -> str:
    """
    `cf-` + lower-case base32 (RFC 4648, no padding) of the 8 big-endian bytes of FNV-1a-64 of the guid.

    Source: `GenerateReplicationGroupName` in alphagov/paas-elasticache-broker, `providers/redis/redis.go`.
    The digest always has eight bytes. Formatting it as hexadecimal first would lose leading zeros, and so give the
    wrong id for one tenant in sixteen.
    """
    digest = _FNV_OFFSET_BASIS
    for byte in service_instance_guid.encode():
        digest = (digest ^ byte) * _FNV_PRIME % 2**64
    return "cf-" + base64.b32encode(digest.to_bytes(8, "big")).decode().rstrip("=").lower()


def is_derived(group_id: str) -> bool:
    """True if the rule could have made the id, from the guid of some platform's service instance."""
    return _DERIVED.fullmatch(group_id) is not None

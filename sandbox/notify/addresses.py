"""Which e-mail addresses Notify takes, and which have a meaning of their own."""

import re

LONGEST = 320
LONGEST_HOST = 253
LONGEST_LABEL = 63
FEWEST_LABELS = 2
SMOKE = frozenset(f"simulate-delivered{suffix}@notifications.service.gov.uk" for suffix in ("", "-2", "-3"))

_SHAPE = re.compile(r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~\-]+@([^.@][^@\s]+)")
_LABEL = re.compile(r"(xn|[a-z0-9]+)(-?-[a-z0-9]+)*", re.IGNORECASE)
_TOP_LEVEL = re.compile(r"[a-z]{2,63}|xn--([a-z0-9]+-)*[a-z0-9]+", re.IGNORECASE)
_OBSCURE = dict.fromkeys(map(ord, "\u180e\u200b\u200c\u200d\u2060\ufeff\u00a0"))


def formatted(address: str) -> str | None:
    """Trimmed and in lower case, or None where it is no address."""
    address = address.translate(_OBSCURE).strip()
    match = _SHAPE.fullmatch(address)
    if match is None or len(address) > LONGEST or ".." in address:
        return None
    try:
        host = match[1].encode("idna").decode()
    except UnicodeError:
        return None
    labels = host.split(".")
    if len(host) > LONGEST_HOST or len(labels) < FEWEST_LABELS or not _TOP_LEVEL.fullmatch(labels[-1]):
        return None
    if not all(len(label) <= LONGEST_LABEL and _LABEL.fullmatch(label) for label in labels):
        return None
    return address.lower()

"""Names: of replication groups as the broker derives them, of people and things, and those that attack a reader."""

from base64 import b32encode
from random import Random
from uuid import UUID

FNV_OFFSET_BASIS = 0xCBF29CE484222325
FNV_PRIME = 0x100000001B3
LEADING_ZERO = 1 << 60
HOSTILE_INSTANCE = 3
GROUP_IDS = "cf-{fnv1a}"

HOSTILE_NAMES = (
    'say "cheese"',
    "back\\slash\\n",
    "line one\nline two",
    "caf\u00e9 \U0001f680\U0001f9c0",
    "\u202egnp.exe \u05e9\u05dc\u05d5\u05dd",
    "<script>alert(1)</script>",
    "[pay here](https://evil.example)",
    "# Urgent",
    "n" * 200,
    "((contents)) {{ braces }} %s",
    "comma, separated",
    "it's 1 = 1; --",
    " spaces  around ",
)

_QUALITIES = ("brave", "calm", "early", "fair", "grand", "keen", "late", "mild", "neat", "plain", "quick", "sunny")
_BODIES = ("buses", "canals", "courts", "forests", "gardens", "grants", "health", "libraries", "ports", "trains")
_USES = ("cache", "sessions", "queue", "rate-limits", "flags", "locks", "search", "redis")
_STAGES = ("production", "staging", "sandbox", "development")
_FIRST_NAMES = ("ada", "bo", "chi", "dele", "eva", "finn", "grace", "hana", "ines", "jo", "kofi", "lena", "mo", "noor")


def fnv1a_64(text: str) -> int:
    digest = FNV_OFFSET_BASIS
    for byte in text.encode():
        digest = ((digest ^ byte) * FNV_PRIME) & 0xFFFFFFFFFFFFFFFF
    return digest


def replication_group_id(instance_guid: str, rule: str = GROUP_IDS) -> str:
    """The id that the broker gives the replication group of a service instance."""
    hashed = b32encode(fnv1a_64(instance_guid).to_bytes(8, "big")).decode().rstrip("=").lower()
    short = instance_guid.replace("-", "")[:16]
    return rule.replace("{fnv1a}", hashed).replace("{short}", short).replace("{guid}", instance_guid)


def guid(random: Random) -> str:
    return str(UUID(int=random.getrandbits(128), version=4))


def guid_with_leading_zero(random: Random) -> str:
    """A guid whose hash starts with a zero nibble, which a careless hexadecimal conversion would lose."""
    while fnv1a_64(found := guid(random)) >= LEADING_ZERO:
        pass
    return found


def organization_name(number: int) -> str:
    if number % 4 == 1:
        return hostile(6 + number // 4)
    return f"{_QUALITIES[number % len(_QUALITIES)]}-{_BODIES[number % len(_BODIES)]}{_suffix(number, 60)}"


def space_name(organization_number: int, within: int) -> str:
    if within == 0 and organization_number % 5 == 1:
        return hostile(11 + organization_number // 5)
    return _STAGES[within % len(_STAGES)]


def instance_name(number: int) -> str:
    if number % 5 == HOSTILE_INSTANCE:
        return hostile(number // 5)
    return f"{_QUALITIES[number % len(_QUALITIES)]}-{_USES[number % len(_USES)]}-{number}"


def email_address(number: int) -> str:
    return f"{_FIRST_NAMES[number % len(_FIRST_NAMES)]}.{number}@example.org"


def hostile(number: int) -> str:
    return HOSTILE_NAMES[number % len(HOSTILE_NAMES)] + _suffix(number, len(HOSTILE_NAMES))


def _suffix(number: int, period: int) -> str:
    """Nothing for the first round of names, then a number, so that names stay distinct."""
    return f"-{number // period}" if number >= period else ""

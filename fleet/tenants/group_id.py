"""How a broker names an instance's replication group: a template with the instance's guid in it, or with its hash."""

import base64
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fleet.errors import ConfigurationError
from fleet.printable import one_line

SETTING = "REPLICATION_GROUP_ID"
DEFAULT = "cf-{fnv1a}"

_GUID, _FNV1A = "{guid}", "{fnv1a}"
_SHAPES = {_GUID: "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", _FNV1A: "[a-z2-7]{13}"}
_LENGTHS = {_GUID: 36, _FNV1A: 13}
_GUID_WITHIN = re.compile(f"(?=({_SHAPES[_GUID]}))")
_MOST_CHARACTERS = 40
_MOST_SHOWN = 200
_ALLOWED = re.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*")
_FNV_OFFSET_BASIS = 0xCBF29CE484222325
_FNV_PRIME = 0x100000001B3


@dataclass(frozen=True, slots=True)
class GroupIds:
    """The ids that one broker gives."""

    template: str = DEFAULT
    """With exactly one of `{guid}` and `{fnv1a}`."""

    def id_of(self, guid: str) -> str:
        """In lower case, as AWS keeps ids."""
        stands_for = guid if self._placeholder == _GUID else fnv1a(guid)
        return self.template.replace(self._placeholder, stands_for).lower()

    def may_have_made(self, group_id: str) -> bool:
        """True if the id could be that of some platform's service instance."""
        before, _, after = self.template.lower().partition(self._placeholder)
        shape = re.escape(before) + _SHAPES[self._placeholder] + re.escape(after)
        return re.fullmatch(shape, group_id) is not None

    @property
    def _placeholder(self) -> str:
        return _GUID if _GUID in self.template else _FNV1A


def group_ids(template: str, where: str = "") -> GroupIds:
    """Reads the setting; `where` names its file. Raises ConfigurationError for ids that AWS would refuse."""
    wrong = f"{where}{SETTING} '{one_line(template, _MOST_SHOWN)}'"
    placeholders = re.findall(r"\{guid\}|\{fnv1a\}", template)
    if len(placeholders) != 1:
        raise ConfigurationError(f"{wrong}: put exactly one of {_GUID} and {_FNV1A} into it, as {DEFAULT}")
    length = len(template) - len(placeholders[0]) + _LENGTHS[placeholders[0]]
    if length > _MOST_CHARACTERS:
        raise ConfigurationError(f"{wrong}: a guid makes it {length} characters, and AWS allows {_MOST_CHARACTERS}")
    if not _ALLOWED.fullmatch(template.replace(placeholders[0], "7").lower()):  # guids and hashes may begin with it
        raise ConfigurationError(
            f"{wrong}: AWS allows letters, digits and single hyphens, a letter first and no hyphen last"
        )
    return GroupIds(template)


def fnv1a(guid: str) -> str:
    """
    Lower-case base32 (RFC 4648, no padding) of the 8 big-endian bytes of FNV-1a-64 of the guid: 13 characters.

    Source: `GenerateReplicationGroupName` in alphagov/paas-elasticache-broker, `providers/redis/redis.go`.
    The digest always has eight bytes. Formatting it as hexadecimal first would lose leading zeros, and so give the
    wrong id for one tenant in sixteen.
    """
    digest = _FNV_OFFSET_BASIS
    for byte in guid.encode():
        digest = (digest ^ byte) * _FNV_PRIME % 2**64
    return base64.b32encode(digest.to_bytes(8, "big")).decode().rstrip("=").lower()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A template that would find groups of known instances; one of them, with its instance's guid, shows it."""

    template: str
    guid: str
    group_id: str


def proposal(guids: Iterable[str], ids_at_aws: Iterable[str]) -> Proposal | None:
    """The template that fits most of the ids that hold a known guid, or the hash of one; None if no id does."""
    known = {guid.lower(): guid for guid in guids}
    hashes = {fnv1a(guid): guid for guid in known.values()}
    found = [fitting for group_id in sorted(ids_at_aws) for fitting in _fitting(group_id, known, hashes)]
    if not found:
        return None
    counts = Counter(fitting.template for fitting in found)
    best = min(counts, key=lambda template: (-counts[template], template))
    return next(fitting for fitting in found if fitting.template == best)


def _fitting(group_id: str, known: dict[str, str], hashes: dict[str, str]) -> Iterator[Proposal]:
    for match in _GUID_WITHIN.finditer(group_id):
        if guid := known.get(match[1]):
            yield Proposal(_with(_GUID, group_id, match.start()), guid, group_id)
    for start in range(len(group_id) - _LENGTHS[_FNV1A] + 1):
        if guid := hashes.get(group_id[start : start + _LENGTHS[_FNV1A]]):
            yield Proposal(_with(_FNV1A, group_id, start), guid, group_id)


def _with(placeholder: str, group_id: str, start: int) -> str:
    return group_id[:start] + placeholder + group_id[start + _LENGTHS[placeholder] :]

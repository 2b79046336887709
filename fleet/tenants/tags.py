"""Which tags of a replication group say whose it is."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from fleet.errors import ConfigurationError
from fleet.printable import one_line

SETTING = "TENANT_TAGS"
_MOST_SHOWN = 200
_LONGEST_KEY = 128
_NEED_ORG = ("space", "name", "address")


@dataclass(frozen=True, slots=True)
class TenantTags:
    """
    Tag keys, by what their values say. Empty where no tag says it.

    Either `guid`, or `org` with or without the others, or none at all.
    """

    guid: str = ""
    """The guid of Cloud Foundry's service instance."""
    org: str = ""
    """Who is told; Cloud Foundry is not asked."""
    space: str = ""
    name: str = ""
    """What the tenant calls it; without one, the group's id."""
    address: str = ""

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(key for key in asdict(self).values() if key)


NO_TAGS = TenantTags()
WORDS = tuple(asdict(NO_TAGS))


def tenant_tags(text: str, where: str = "") -> TenantTags:
    """Reads `org=owner,space=namespace`; `where` names a file. Raises ConfigurationError."""
    wrong = f"{where}{SETTING} '{one_line(text, _MOST_SHOWN)}'"
    pairs = [tuple(part.strip() for part in entry.partition("=")) for entry in text.split(",")]
    return _read(((word, key) for word, _, key in pairs), wrong, where)


def tenant_tags_of_table(table: Mapping[str, str], where: str) -> TenantTags:
    """The same, from a table of REGIONS_FILE."""
    shown = ",".join(f"{word}={key}" for word, key in table.items())
    return _read(table.items(), f"{where}{SETTING} '{one_line(shown, _MOST_SHOWN)}'", where)


def _read(pairs: Iterable[tuple[str, str]], wrong: str, where: str) -> TenantTags:
    found: dict[str, str] = {}
    for word, key in pairs:
        if word not in WORDS:
            known = ", ".join(WORDS)
            raise ConfigurationError(
                f"{wrong}: '{one_line(word, _MOST_SHOWN)}' is not one of {known}; write it as org=owner"
            )
        if word in found:
            raise ConfigurationError(f"{wrong}: '{word}' is there twice; give it one tag key")
        if not key.strip() or not key.isprintable() or len(key.strip()) > _LONGEST_KEY:
            raise ConfigurationError(f"{wrong}: '{word}' has no tag key that AWS allows; write it as org=owner")
        found[word] = key.strip()
    tags = TenantTags(**found)
    if tags.guid and tags.org:
        raise ConfigurationError(
            f"{where}{SETTING}: 'guid' joins Cloud Foundry's instances and 'org' replaces them; give one of the two"
        )
    for word in _NEED_ORG:
        if word in found and not tags.org:
            raise ConfigurationError(f"{where}{SETTING}: '{word}' needs 'org'")
    return tags

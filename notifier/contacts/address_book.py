"""ADDRESS_BOOK: the team's own list of who is told for an org, which counts before anything else."""

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from fleet.errors import ConfigurationError
from fleet.given_files import whole_file
from fleet.known_types import known
from fleet.unreadable import UNREADABLE, why_unreadable
from notifier.contacts.contact import Contact, Contacts
from notifier.contacts.email_address import is_address

_MOST_NAMED = 10


class _File(msgspec.Struct, forbid_unknown_fields=True):
    addresses: dict[str, list[str]]


@dataclass(frozen=True)
class AddressBook:
    addresses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Lower-case, by an org's name or guid. An org without any is told to nobody, on purpose."""

    def contacts(self, orgs: Iterable[tuple[str, str]]) -> Contacts:
        """Of those of the orgs, each a guid and a name, that the book has; the guid comes before the name."""
        named = ((guid, next((key for key in (guid, name) if key in self.addresses), None)) for guid, name in orgs)
        return {
            guid: tuple(Contact(address, address) for address in self.addresses[key])
            for guid, key in named
            if key is not None
        }

    def unknown(self, orgs: Iterable[tuple[str, str]]) -> list[str]:
        """What the book has and no org is called, by name or guid; sorted."""
        return sorted(self.addresses.keys() - {called for org in orgs for called in org})

    def warnings(self, orgs: Iterable[tuple[str, str]]) -> list[str]:
        """One line that names what the book has for nothing, with what may be meant; none without such an entry."""
        orgs = list(orgs)
        unknown = self.unknown(orgs)
        if not unknown:
            return []
        names = {name.casefold(): name for _, name in orgs}
        shown = [f"'{entry}'{_meant(entry, names)}" for entry in unknown[:_MOST_NAMED]]
        more = f" and {len(unknown) - _MOST_NAMED} more" if len(unknown) > _MOST_NAMED else ""
        return [f"ADDRESS_BOOK has addresses for what no instance here belongs to: {', '.join(shown)}{more}"]


def _meant(entry: str, names: Mapping[str, str]) -> str:
    close = difflib.get_close_matches(entry.casefold(), names, n=1, cutoff=0.8)
    return f" (is '{names[close[0]]}' meant?)" if close else ""


def address_book(path: str) -> AddressBook:
    """Raises ConfigurationError for a file that cannot be read, is no TOML, or has something that is no address."""
    where = f"ADDRESS_BOOK '{path}': "
    try:
        found = msgspec.toml.decode(whole_file(Path(path)), type=known(_File)).addresses
    except OSError as error:
        raise ConfigurationError(f"{where}{error.strerror}") from None
    except UNREADABLE as error:
        form = '[addresses], and in it lines such as my-org = ["team@example.org"]'
        raise ConfigurationError(f"{where}{why_unreadable(error)}; write {form}") from None
    for org, addresses in found.items():
        for address in addresses:
            if not is_address(address.strip()):
                raise ConfigurationError(f"{where}'{address}' of org '{org}' is not an e-mail address")
    twice = [org for org, count in Counter(org.strip() for org in found).items() if count > 1]
    if twice:
        raise ConfigurationError(f"{where}org '{twice[0]}' is there twice, with other white space around it")
    return AddressBook(
        {org.strip(): tuple(dict.fromkeys(a.strip().lower() for a in addresses)) for org, addresses in found.items()}
    )

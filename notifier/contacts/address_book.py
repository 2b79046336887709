"""ADDRESS_BOOK: the team's own list of who is told for an org, which counts before anything else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from fleet.errors import ConfigurationError
from fleet.remote_words import UNREADABLE
from notifier.contacts.contact import Contact, Contacts
from notifier.contacts.email_address import is_address


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


def address_book(path: str) -> AddressBook:
    """Raises ConfigurationError for a file that cannot be read, is no TOML, or has something that is no address."""
    where = f"ADDRESS_BOOK '{path}': "
    try:
        found = msgspec.toml.decode(Path(path).read_bytes(), type=_File).addresses
    except OSError as error:
        raise ConfigurationError(f"{where}{error.strerror}") from None
    except UNREADABLE as error:
        form = '[addresses], and in it lines such as my-org = ["team@example.org"]'
        raise ConfigurationError(f"{where}{error}; write {form}") from None
    for org, addresses in found.items():
        for address in addresses:
            if not is_address(address.strip()):
                raise ConfigurationError(f"{where}'{address}' of org '{org}' is not an e-mail address")
    return AddressBook(
        {org.strip(): tuple(dict.fromkeys(a.strip().lower() for a in addresses)) for org, addresses in found.items()}
    )

"""The managers of an org as its contacts, by what Cloud Foundry and PaaS Accounts say. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fleet.inventory import Organization, User
from notifier.contacts.contact import Contact, Contacts, nobody
from notifier.contacts.email_address import is_address


@dataclass(frozen=True, slots=True)
class Address:
    """A manager's address, or the reason why we have none."""

    address: str | None
    missing_because: str = ""


def contacts_of_managers(
    guids: Iterable[str], organizations: Mapping[str, Organization], addresses: Mapping[str, Address]
) -> Contacts:
    """Of these orgs. `organizations` by org guid, those that exist; `addresses` by user guid."""
    return {guid: _of(organizations.get(guid), addresses) for guid in guids}


def _of(organization: Organization | None, addresses: Mapping[str, Address]) -> tuple[Contact, ...]:
    if organization is None:
        return (nobody("the org is gone"),)
    if organization.is_suspended:
        return (nobody("the org is suspended"),)
    if not organization.managers:
        return (nobody("the org has no managers"),)
    found = ((user, addresses.get(user.guid, Address(None, "unknown user"))) for user in organization.managers)
    return tuple(Contact(user.username or user.guid, a.address, a.missing_because) for user, a in found)


def address_of_username(user: User) -> Address:
    """Without PaaS Accounts, the address is the user's name, if that looks like an address."""
    if user.username is None:
        return Address(None, "has no user name: a program, or a user that is gone")
    name = user.username.strip()
    if not is_address(name):
        return Address(None, "its user name is not an e-mail address")
    return Address(name.lower())

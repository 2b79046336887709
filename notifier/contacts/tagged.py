"""The addresses in tags of replication groups, as their orgs' contacts."""

from collections.abc import Iterable, Sequence

from fleet.inventory import ServiceInstance
from notifier.contacts.address_book import AddressBook
from notifier.contacts.contact import Contact, Contacts, nobody
from notifier.contacts.email_address import address_in


def contacts_of_tags(instances: Iterable[ServiceInstance], address_tag: str) -> Contacts:
    """Of the orgs of these instances. `address_tag` is the key of the tag; empty where no tag says whom to tell."""
    found: dict[str, list[Contact]] = {}
    for instance in instances:
        contacts = found.setdefault(instance.org_guid, [])
        if (contact := _contact(instance, address_tag)) not in contacts:
            contacts.append(contact)
    return {guid: tuple(contacts) for guid, contacts in found.items()}


def contacts_of_tags_and_book(instances: Sequence[ServiceInstance], address_tag: str, book: AddressBook) -> Contacts:
    """The book counts before the tags."""
    in_book = book.contacts((instance.org_guid, instance.org_name) for instance in instances)
    return {**contacts_of_tags(instances, address_tag), **in_book}


def _contact(instance: ServiceInstance, address_tag: str) -> Contact:
    if not address_tag:
        return nobody("nobody: no tag holds an address, and ADDRESS_BOOK does not have it")
    address = address_in(instance.contact)
    if address is None:
        return nobody(f"nobody: tag {address_tag} of {instance.replication_group_id} holds no address")
    return Contact(address, address)

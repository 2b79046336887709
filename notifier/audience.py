"""Who is told, and who cannot be told. A pure join of affected orgs, their managers, and the managers' addresses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from fleet.inventory import Organization, ServiceInstance, User
from notifier.affected import AffectedOrg


@dataclass(frozen=True)
class Recipient:
    """An org and an address, which get one mail even if several of the org's managers share the address."""

    org: AffectedOrg
    address: str
    """Lower-case."""


@dataclass(frozen=True)
class CouldNotBeTold:
    """A manager who should be told and cannot be; `manager` is None if nobody in the org can be told."""

    org: AffectedOrg
    manager: str | None
    reason: str


@dataclass(frozen=True)
class Address:
    """A manager's address, or the reason why we have none."""

    address: str | None
    missing_because: str = ""


@dataclass(frozen=True)
class Audience:
    recipients: tuple[Recipient, ...]
    """By org, then by address."""
    could_not_be_told: tuple[CouldNotBeTold, ...]
    """By org, then by manager."""

    @cached_property
    def addresses_by_org(self) -> dict[str, list[str]]:
        by_org: dict[str, list[str]] = {}
        for recipient in self.recipients:
            by_org.setdefault(recipient.org.guid, []).append(recipient.address)
        return by_org

    @property
    def instances(self) -> list[ServiceInstance]:
        """All that is affected: each org has a recipient, or somebody who could not be told."""
        orgs = {recipient.org.guid: recipient.org for recipient in self.recipients}
        orgs |= {entry.org.guid: entry.org for entry in self.could_not_be_told}
        return [instance.service_instance for org in orgs.values() for instance in org.instances]

    def without(self, deferred: Iterable[str]) -> "Audience":
        """Without these instances, and without whoever has nothing left to be told about."""
        guids = frozenset(deferred)
        return Audience(
            tuple(replace(r, org=org) for r in self.recipients if (org := r.org.without(guids)) is not None),
            tuple(replace(e, org=org) for e in self.could_not_be_told if (org := e.org.without(guids)) is not None),
        )


def audience(
    orgs: Iterable[AffectedOrg], organizations: Mapping[str, Organization], addresses: Mapping[str, Address]
) -> Audience:
    """`organizations` by org guid, `addresses` by user guid."""
    recipients: list[Recipient] = []
    could_not_be_told: list[CouldNotBeTold] = []
    for org in orgs:
        organization = organizations.get(org.guid)
        if (reason := _nobody_because(organization)) is not None or organization is None:
            could_not_be_told.append(CouldNotBeTold(org, None, reason or ""))
            continue
        found = {user: addresses.get(user.guid, Address(None, "unknown user")) for user in organization.managers}
        told = sorted({entry.address for entry in found.values() if entry.address})
        recipients += [Recipient(org, address) for address in told]
        could_not_be_told += [
            CouldNotBeTold(org, user.username or user.guid, entry.missing_because)
            for user, entry in found.items()
            if not entry.address
        ]
    return Audience(tuple(recipients), tuple(could_not_be_told))


def address_of_username(user: User) -> Address:
    """Without PaaS Accounts, the address is the user's name, if that looks like an address."""
    if user.username is None:
        return Address(None, "has no user name: a program, or a user that is gone")
    name = user.username.strip()
    local, at, domain = name.rpartition("@")
    if not (at and local and "." in domain) or any(character.isspace() for character in name):
        return Address(None, "its user name is not an e-mail address")
    return Address(name.lower())


def _nobody_because(organization: Organization | None) -> str | None:
    if organization is None:
        return "the org is gone"
    if organization.is_suspended:
        return "the org is suspended"
    if not organization.managers:
        return "the org has no managers"
    return None

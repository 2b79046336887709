"""Who is told, and who cannot be told. A pure join of affected orgs and their contacts."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from fleet.inventory import ServiceInstance
from ledger.window_record import Tenants
from notifier.affected import AffectedOrg
from notifier.contacts.contact import Contacts


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
class Audience:
    recipients: tuple[Recipient, ...]
    """By org, then by address."""
    could_not_be_told: tuple[CouldNotBeTold, ...]
    """By org, then by manager."""
    told_to_nobody: tuple[AffectedOrg, ...] = ()
    """The orgs of which nobody is to be told, on purpose."""
    tenants: Tenants | None = None
    """Where the orgs come from; None for orgs that somebody made up."""
    waiting: frozenset[str] = frozenset()
    """The guids of all instances on which any update waits, affected or not, with `unclaimed`."""
    unclaimed: tuple[str, ...] = ()
    """Groups on which an update waits and that nobody has although tags say whose each is."""

    @cached_property
    def addresses_by_org(self) -> dict[str, list[str]]:
        by_org: dict[str, list[str]] = {}
        for recipient in self.recipients:
            by_org.setdefault(recipient.org.guid, []).append(recipient.address)
        return by_org

    @property
    def instances(self) -> list[ServiceInstance]:
        """All that is affected: each org has a recipient, somebody who could not be told, or nobody on purpose."""
        orgs = {recipient.org.guid: recipient.org for recipient in self.recipients}
        orgs |= {entry.org.guid: entry.org for entry in self.could_not_be_told}
        orgs |= {org.guid: org for org in self.told_to_nobody}
        return [instance.service_instance for org in orgs.values() for instance in org.instances]

    def without(self, deferred: Iterable[str]) -> "Audience":
        """Without these instances, and without whoever has nothing left to be told about."""
        guids = frozenset(deferred)
        return replace(
            self,
            recipients=tuple(replace(r, org=o) for r in self.recipients if (o := r.org.without(guids)) is not None),
            could_not_be_told=tuple(
                replace(e, org=o) for e in self.could_not_be_told if (o := e.org.without(guids)) is not None
            ),
            told_to_nobody=tuple(left for org in self.told_to_nobody if (left := org.without(guids)) is not None),
        )


def audience(orgs: Iterable[AffectedOrg], contacts: Contacts, tenants: Tenants | None = None) -> Audience:
    """`contacts` has each of the orgs, whoever found them."""
    recipients: list[Recipient] = []
    could_not_be_told: list[CouldNotBeTold] = []
    left_alone: list[AffectedOrg] = []
    for org in orgs:
        found = contacts[org.guid]
        recipients += [Recipient(org, address) for address in sorted({c.address for c in found if c.address})]
        could_not_be_told += [CouldNotBeTold(org, c.name, c.missing_because) for c in found if not c.address]
        if not found:
            left_alone.append(org)
    return Audience(tuple(recipients), tuple(could_not_be_told), tuple(left_alone), tenants)

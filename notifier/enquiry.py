"""Asks AWS, Cloud Foundry and PaaS Accounts what a maintenance is about and whom it concerns."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fleet.inventory import ServiceUpdate
from fleet.program.threads import LISTENS_AFTER_SECONDS, Threads
from fleet.region import Region
from fleet.survey import Survey
from fleet.surveyor import Surveyor
from fleet.tenants.belonging import doubts
from fleet.tenants.tenancy import Words
from ledger.window_record import Tenants
from notifier.affected import AffectedOrg, Selection, affected_orgs, left_out_major_updates
from notifier.audience import Audience, audience
from notifier.contacts.accounts_access import AccountsAccess
from notifier.contacts.address_book import AddressBook
from notifier.contacts.contact import Contacts
from notifier.contacts.managers import address_of_username, contacts_of_managers
from notifier.contacts.tagged import contacts_of_tags_and_book

if TYPE_CHECKING:
    from fleet.cloudfoundry.organizations import Organizations


@dataclass(frozen=True)
class Findings:
    region_name: str
    """The name that people use, such as `Ireland`."""
    survey: Survey
    orgs: tuple[AffectedOrg, ...]
    audience: Audience
    left_out_updates: tuple[str, ...]
    """Major-version updates that some tenant's instance needs and the operator did not name."""

    words: Words = Words()  # noqa: RUF009 — a value that never changes
    """What the platform calls an org and a space."""
    warnings: tuple[str, ...] = ()
    """What in the settings is for nothing in the survey, and what in the survey is in doubt."""

    @property
    def unclaimed(self) -> tuple[str, ...]:
        """The groups that nobody has although tags say whose each is; empty where Cloud Foundry is asked."""
        return self.audience.unclaimed

    @property
    def updates(self) -> list[ServiceUpdate]:
        """The updates that the orgs need; an update that several orgs need is listed several times."""
        return [update for org in self.orgs for update in org.updates]

    def without(self, deferred: Iterable[str]) -> "Findings":
        """Without these instances, which the window leaves alone; the survey still has them."""
        guids = frozenset(deferred)
        orgs = tuple(left for org in self.orgs if (left := org.without(guids)) is not None)
        return replace(self, orgs=orgs, audience=self.audience.without(guids))


@dataclass(frozen=True)
class Enquiry:
    """What to ask AWS, Cloud Foundry and PaaS Accounts."""

    region: Region
    selection: Selection
    accounts: AccountsAccess | None
    """None if PaaS Accounts is not used: then user names that look like addresses are the addresses."""
    tenants: Tenants
    """Where the orgs come from."""
    book: AddressBook = AddressBook()  # noqa: RUF009 — a value that never changes

    @contextmanager
    def begun(self) -> Iterator[Future[Findings]]:
        """
        Asks while the block prepares what takes its time too. Leaving the block raises as `findings` does.

        The block begins once the first requests are under way, so that it does not hold them up.
        """
        are_under_way = threading.Event()
        with Threads(1, "enquiry") as pool:
            asking = pool.submit(self._found, are_under_way.set)
            asking.add_done_callback(lambda _: are_under_way.set())
            while not are_under_way.wait(LISTENS_AFTER_SECONDS):
                pass
            yield asking

    def findings(self) -> Findings:
        """Raises RemoteError, and ConfigurationError if the region and the Cloud Foundry do not belong together."""
        with self.begun() as asking:
            pass
        return asking.result()

    def _found(self, when_under_way: Callable[[], None]) -> Findings:
        surveyor = Surveyor(self.region, with_quota_use=False)
        with surveyor.begun() as under_way:
            when_under_way()
            asking = under_way.beside(lambda survey: self._contacts(surveyor, survey))
            survey = under_way.survey()
        contacts = asking.result()
        orgs = affected_orgs(survey, self.selection, self.region.tenancy.words.org_in_short)
        unclaimed = () if self.tenants.is_cloudfoundry else survey.unclaimed_group_ids
        waiting = survey.waiting_instance_guids.union(unclaimed)
        return Findings(
            region_name=self.region.name,
            survey=survey,
            orgs=orgs,
            audience=replace(audience(orgs, contacts, self.tenants), waiting=waiting, unclaimed=unclaimed),
            left_out_updates=left_out_major_updates(survey, self.selection),
            words=self.region.tenancy.words,
            warnings=(
                *self.book.warnings({(i.org_guid, i.org_name) for i in survey.service_instances}),
                *doubts(survey, self.region.tenancy),
            ),
        )

    def _contacts(self, surveyor: Surveyor, survey: Survey) -> Contacts:
        """Of the orgs on which something waits: those in the address book are told at those addresses only."""
        orgs = affected_orgs(survey, self.selection, self.region.tenancy.words.org_in_short)
        in_book = self.book.contacts((org.guid, org.name) for org in orgs)
        others = [org for org in orgs if org.guid not in in_book]
        if self.region.cloudfoundry is not None and surveyor.tokens is not None:
            from fleet.cloudfoundry.organizations import Organizations  # noqa: PLC0415 — as in fleet.gathering

            asking = Organizations(
                self.region.cloudfoundry.api_address, surveyor.tokens, surveyor.tally, surveyor.limit
            )
            return {**self._managers(asking, surveyor, [org.guid for org in others]), **in_book}
        affected = [instance.service_instance for org in orgs for instance in org.instances]
        return contacts_of_tags_and_book(affected, self.region.tenancy.address_tag, self.book)

    def _managers(self, asking: "Organizations", surveyor: Surveyor, guids: Sequence[str]) -> Contacts:
        organizations = asking.with_managers(guids, with_usernames=self.accounts is None)
        told = (organization for organization in organizations.values() if not organization.is_suspended)
        managers = {user.guid: user for organization in told for user in organization.managers}
        if self.accounts is None:
            addresses = {guid: address_of_username(user) for guid, user in managers.items()}
        else:
            from notifier.contacts.paas_accounts import PaasAccounts  # noqa: PLC0415 — as above

            addresses = PaasAccounts(self.accounts, surveyor.tally, surveyor.limit).addresses(managers.values())
        return contacts_of_managers(guids, organizations, addresses)

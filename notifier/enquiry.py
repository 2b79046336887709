"""Asks AWS, Cloud Foundry and PaaS Accounts what a maintenance is about and whom it concerns."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace

from fleet.cloudfoundry.organizations import Organizations
from fleet.inventory import Organization, ServiceUpdate
from fleet.region import Region
from fleet.survey import Survey
from fleet.surveyor import Surveyor
from notifier.affected import AffectedOrg, Selection, affected_orgs, left_out_major_updates
from notifier.audience import Address, Audience, address_of_username, audience
from notifier.paas_accounts import AccountsAccess, PaasAccounts


@dataclass(frozen=True)
class Findings:
    region_name: str
    """The name that people use, such as `Ireland`."""
    survey: Survey
    orgs: tuple[AffectedOrg, ...]
    audience: Audience
    left_out_updates: tuple[str, ...]
    """Major-version updates that some tenant's instance needs and the operator did not name."""

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

    @contextmanager
    def begun(self) -> Iterator[Future[Findings]]:
        """
        Asks while the block prepares what takes its time too. On leaving, nobody is asked any more.

        The block begins once the first requests are under way, so that it does not hold them up.
        """
        are_under_way = threading.Event()
        with ThreadPoolExecutor(1, thread_name_prefix="enquiry") as pool:
            asking = pool.submit(self.findings, are_under_way.set)
            asking.add_done_callback(lambda _: are_under_way.set())
            are_under_way.wait()
            yield asking

    def findings(self, when_under_way: Callable[[], None] = lambda: None) -> Findings:
        """Raises RemoteError, and ConfigurationError if the region and the Cloud Foundry do not belong together."""
        surveyor = Surveyor(self.region, with_quota_use=False)
        with surveyor.begun() as under_way:
            when_under_way()
            asking = under_way.beside(lambda survey: self._people(surveyor, survey))
            survey = under_way.survey()
        people = asking.result()
        orgs = affected_orgs(survey, self.selection)
        return Findings(
            region_name=self.region.name,
            survey=survey,
            orgs=orgs,
            audience=audience(orgs, people.organizations, people.addresses),
            left_out_updates=left_out_major_updates(survey, self.selection),
        )

    def _people(self, surveyor: Surveyor, survey: Survey) -> "_People":
        """Who manages the orgs on which something waits."""
        asking = Organizations(self.region.cf_api_address, surveyor.tokens, surveyor.tally, surveyor.limit)
        organizations = asking.with_managers(
            [org.guid for org in affected_orgs(survey, self.selection)], with_usernames=self.accounts is None
        )
        told = (organization for organization in organizations.values() if not organization.is_suspended)
        managers = {user.guid: user for organization in told for user in organization.managers}
        if self.accounts is None:
            return _People(organizations, {guid: address_of_username(user) for guid, user in managers.items()})
        accounts = PaasAccounts(self.accounts, surveyor.tally, surveyor.limit)
        return _People(organizations, accounts.addresses(managers.values()))


@dataclass(frozen=True)
class _People:
    organizations: Mapping[str, Organization]
    addresses: Mapping[str, Address]

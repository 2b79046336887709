"""Asks AWS, Cloud Foundry and PaaS Accounts what a maintenance is about and whom it concerns."""

from dataclasses import dataclass

from fleet.organizations import Organizations
from fleet.regions import Region
from fleet.survey import Survey
from fleet.surveyor import Surveyor
from notifier.affected import AffectedOrg, Selection, affected_orgs, left_out_major_updates, refuse_mismatch
from notifier.paas_accounts import PaasAccounts
from notifier.recipients import Audience, address_of_username, audience


@dataclass(frozen=True)
class Findings:
    survey: Survey
    orgs: tuple[AffectedOrg, ...]
    audience: Audience
    left_out_updates: tuple[str, ...]
    """Major-version updates that wait for somebody and that nobody named."""


def findings(region: Region, selection: Selection, accounts: tuple[str, str, str] | None) -> Findings:
    """Raises RemoteError, and ConfigurationError where region and Cloud Foundry do not belong together."""
    surveyor = Surveyor(region)
    survey = surveyor.survey()
    refuse_mismatch(survey)
    orgs = affected_orgs(survey, selection)
    organizations = Organizations(region.cf_api_address, surveyor.tokens, surveyor.tally).with_managers(
        [org.guid for org in orgs], with_usernames=accounts is None
    )
    told = (organization for organization in organizations.values() if not organization.is_suspended)
    managers = {user.guid: user for organization in told for user in organization.managers}
    if accounts is None:
        addresses = {guid: address_of_username(user) for guid, user in managers.items()}
    else:
        addresses = PaasAccounts(*accounts, surveyor.tally).addresses(managers.values())
    return Findings(
        survey=survey,
        orgs=orgs,
        audience=audience(orgs, organizations, addresses),
        left_out_updates=left_out_major_updates(survey, selection),
    )

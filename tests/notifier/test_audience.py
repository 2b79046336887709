"""Who is told, who cannot be, and what PaaS Accounts does on a bad day."""

from dataclasses import replace

import pytest

from fleet.cloudfoundry.organizations import Organizations
from fleet.cloudfoundry.uaa import UaaTokens
from fleet.errors import RemoteError
from fleet.inventory import Organization, User
from fleet.tally import Tally
from notifier.affected import AffectedInstance, AffectedOrg
from notifier.audience import CouldNotBeTold, audience
from notifier.contacts.accounts_access import AccountsAccess
from notifier.contacts.contact import Contacts
from notifier.contacts.managers import Address, address_of_username, contacts_of_managers
from notifier.contacts.paas_accounts import PaasAccounts
from sandbox.server import Options, Sandbox
from tests.builders import service_instance, service_update
from tests.notifier_program import crowded
from tests.region_of import region_of

ORG = AffectedOrg(
    "org-guid",
    "org",
    (AffectedInstance(service_instance("guid-1"), is_highly_available=False, updates=(service_update(),)),),
)
ADA = User("ada-guid", "ada@example.org")


def organization(*managers: User, is_suspended: bool = False) -> dict[str, Organization]:
    return {"org-guid": Organization("org-guid", is_suspended, managers)}


def of_managers(organizations: dict[str, Organization], addresses: dict[str, Address]) -> Contacts:
    return contacts_of_managers(["org-guid"], organizations, addresses)


@pytest.mark.parametrize(
    ("organizations", "reason"),
    [
        ({}, "the org is gone"),
        (organization(ADA, is_suspended=True), "the org is suspended"),
        (organization(), "the org has no managers"),
    ],
)
def test_an_org_in_which_nobody_can_be_told(organizations: dict[str, Organization], reason: str) -> None:
    found = audience([ORG], of_managers(organizations, {"ada-guid": Address("ada@example.org")}))
    assert found.recipients == ()
    assert found.could_not_be_told == (CouldNotBeTold(ORG, None, reason),)


def test_a_manager_without_address_is_named_and_the_others_are_told() -> None:
    bo = User("bo-guid")
    addresses = {"ada-guid": Address("ada@example.org"), "bo-guid": Address(None, "has no address")}
    found = audience([ORG], of_managers(organization(ADA, bo), addresses))
    assert [recipient.address for recipient in found.recipients] == ["ada@example.org"]
    assert found.could_not_be_told == (CouldNotBeTold(ORG, "bo-guid", "has no address"),)


def test_one_address_gets_one_mail_an_org() -> None:
    addresses = {"ada-guid": Address("ada@example.org"), "bo-guid": Address("ada@example.org")}
    assert len(audience([ORG], of_managers(organization(ADA, User("bo-guid")), addresses)).recipients) == 1


@pytest.mark.parametrize(
    ("username", "address"),
    [
        ("ada@example.org", "ada@example.org"),
        (" Ada@Example.org ", "ada@example.org"),
        ("ada", None),
        ("ada@localhost", None),
        ("@example.org", None),
        ("ada lovelace@example.org", None),
        ("100000000042", None),
        (None, None),
    ],
)
def test_a_user_name_may_be_an_address(username: str | None, address: str | None) -> None:
    assert address_of_username(User("guid", username)).address == address


def accounts(sandbox: Sandbox, password: str | None = None) -> PaasAccounts:
    environment = sandbox.environment
    access = AccountsAccess(
        environment["PAAS_ACCOUNTS_URL"],
        environment["PAAS_ACCOUNTS_USERNAME"],
        password or environment["PAAS_ACCOUNTS_PASSWORD"],
    )
    return PaasAccounts(access, Tally())


def test_addresses_of_many_in_one_request(sandbox: Sandbox) -> None:
    """A program's client id is not asked for, an upper-case guid finds its user, nulls are people without address."""
    truth = sandbox.world.truth
    users = [User(guid.upper() if number % 2 else guid) for number, guid in enumerate(truth.users)]
    found = accounts(sandbox).addresses([*users, User("00000000-0000-4000-8000-000000000000")])
    assert sandbox.journal.by_call()["accounts", "/users"] == 1
    for user in users:
        account = truth.accounts.get(user.guid.lower())
        assert found[user.guid].address == (account.user_email if account else None)
    assert found["00000000-0000-4000-8000-000000000000"].missing_because == "not known to PaaS Accounts"
    assert found["tenant-deploy-client"].missing_because == "not a person: a UAA client"


def test_a_uuid_that_is_refused_costs_nobody_else_their_mail(sandbox: Sandbox) -> None:
    """The whole request fails with 400: halves are asked for, until it is alone."""
    guids = [guid for guid, account in sandbox.world.truth.accounts.items() if account.user_email]
    sandbox.faults.add("accounts:status:400,next=3")
    found = accounts(sandbox).addresses([User(guid) for guid in guids])
    assert all(found[guid].address for guid in guids)


def test_a_wrong_password_says_which_settings_to_check(sandbox: Sandbox) -> None:
    with pytest.raises(RemoteError, match="check PAAS_ACCOUNTS_USERNAME and PAAS_ACCOUNTS_PASSWORD"):
        accounts(sandbox, "wrong").addresses([User(next(iter(sandbox.world.truth.accounts)))])


@pytest.mark.parametrize("orgs", [1, 150, 450])
@pytest.mark.parametrize("with_usernames", [True, False])
def test_managers_of_all_orgs_in_few_requests(orgs: int, with_usernames: bool) -> None:  # noqa: FBT001 — a row each
    """Chunks of guids while they are few, one list of all when they are many."""
    with Sandbox(Options(instances=3)) as sandbox:
        sandbox.world.change(crowded(2 * orgs, orgs))
        first = replace(sandbox.world.truth.organizations["org-0"], is_suspended=True)
        organizations = {**sandbox.world.truth.organizations, "org-0": first}
        sandbox.world.change(lambda truth: replace(truth, organizations=organizations))
        access = region_of(sandbox).cloudfoundry
        assert access is not None
        tokens = UaaTokens(access.api_address, access.credentials, Tally())
        asking = Organizations(access.api_address, tokens, Tally())
        found = asking.with_managers([f"org-{n}" for n in range(orgs)] + ["gone"], with_usernames=with_usernames)
        assert len(found) == orgs
        assert [o.guid for o in found.values() if o.is_suspended] == ["org-0"]
        assert all(len(organization.managers) == 2 for organization in found.values())
        names = {user.username for organization in found.values() for user in organization.managers}
        assert (None in names) != with_usernames
        assert sandbox.journal.by_call()["cloudfoundry", "/v3/roles"] <= (5 if with_usernames else 2)
        assert sandbox.journal.by_call()["cloudfoundry", "/v3/organizations"] <= 2

"""Invents the tenants' side: organisations, spaces, the people who manage them, and their service instances."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sandbox import names
from sandbox.truth import Account, Organization, Role, ServiceInstance, ServicePlan, Space, User

INSTANCES_PER_ORGANIZATION = 12
FEWEST_ORGANIZATIONS = 6
UNMANAGED, SUSPENDED, MANAGED_BY_CLIENT, MANAGED_BY_NAMELESS = 2, 3, 4, 5
UNKNOWN_TO_ACCOUNTS, NAMELESS, SAME_ADDRESS_AS_FIRST = 6, 7, 8
OTHER_ROLES = ("organization_user", "organization_auditor", "organization_billing_manager")
LEADING_ZERO_EVERY = 12
USER_PROVIDED_EVERY = 3
FEWEST_CREATING = 10


@dataclass(frozen=True)
class People:
    users: list[User]
    accounts: list[Account]
    roles: list[Role]


def organizations(random: Random, instances: int, created_at: datetime) -> list[Organization]:
    return [
        Organization(names.guid(random), names.organization_name(number), created_at, is_suspended=number == SUSPENDED)
        for number in range(FEWEST_ORGANIZATIONS + instances // INSTANCES_PER_ORGANIZATION)
    ]


def spaces(random: Random, organizations: list[Organization], created_at: datetime) -> list[Space]:
    return [
        Space(names.guid(random), names.space_name(number, within), organization.guid, created_at)
        for number, organization in enumerate(organizations)
        for within in range(random.randint(1, 3))
    ]


def people(random: Random, organizations: list[Organization], created_at: datetime) -> People:
    users = [_user(random, number, created_at) for number in range(len(organizations) + 4)]
    accounts = [account for number, user in enumerate(users) if (account := _account(number, user))]
    client = User("tenant-deploy-client", None, None, created_at)
    awkward = {
        0: [users[0], users[SAME_ADDRESS_AS_FIRST]],
        1: [users[1], users[UNKNOWN_TO_ACCOUNTS], users[0]],
        UNMANAGED: [],
        MANAGED_BY_CLIENT: [client, users[4]],
        MANAGED_BY_NAMELESS: [users[NAMELESS]],
    }
    roles: list[Role] = []
    for number, organization in enumerate(organizations):
        usual = [users[number], *random.sample(users, random.randint(0, 2))]
        roles += [
            Role(names.guid(random), "organization_manager", user_guid, organization.guid, created_at)
            for user_guid in dict.fromkeys(user.guid for user in awkward.get(number, usual))
        ]
        roles += [
            Role(names.guid(random), random.choice(OTHER_ROLES), user.guid, organization.guid, created_at)
            for user in random.sample(users, 2)
        ]
    return People([*users, client], accounts, roles)


def _user(random: Random, number: int, created_at: datetime) -> User:
    """Most are known by their e-mail address, some only to Google, some no longer to UAA."""
    match number % 10:
        case 4:
            return User(names.guid(random), str(100_000_000_000 + number), "google", created_at)
        case 7:
            return User(names.guid(random), None, None, created_at)
    return User(names.guid(random), names.email_address(number), "uaa", created_at)


def _account(number: int, user: User) -> Account | None:
    """Some users are unknown to PaaS Accounts, some have no address there, some share one."""
    match number % 10:
        case 6:
            return None
        case 7:
            return Account(user.guid, None, None)
        case 8:
            return Account(user.guid, names.email_address(number - 8), user.username)
    return Account(user.guid, names.email_address(number), user.username)


def redis_instances(
    random: Random, plans: list[ServicePlan], spaces: list[Space], created_at: datetime
) -> list[ServiceInstance]:
    """The tenants' Redis and Valkey instances, one for each plan given; about one in a hundred is being created."""
    still_creating = set(random.sample(range(len(plans)), max(len(plans) // 100, int(len(plans) >= FEWEST_CREATING))))
    return [
        ServiceInstance(
            guid=(names.guid if number % LEADING_ZERO_EVERY else names.guid_with_leading_zero)(random),
            name=names.instance_name(number),
            space_guid=random.choice(spaces).guid,
            plan_guid=plan.guid,
            is_created=number not in still_creating,
            created_at=(since := created_at + timedelta(hours=number % 5000)),
            updated_at=since + timedelta(minutes=9),
        )
        for number, plan in enumerate(plans)
    ]


def other_instances(
    random: Random, count: int, spaces: list[Space], plans: list[ServicePlan], created_at: datetime
) -> list[ServiceInstance]:
    """Databases, and user-provided services without a plan: what a careless listing would take for Redis."""
    return [
        ServiceInstance(
            guid=names.guid(random),
            name=f"{'postgres' if is_managed else 'syslog-drain'}-{number}",
            space_guid=random.choice(spaces).guid,
            plan_guid=random.choice(plans).guid if is_managed else None,
            is_created=True,
            created_at=created_at,
            updated_at=created_at,
        )
        for number in range(3 + count // 5)
        for is_managed in [number % USER_PROVIDED_EVERY != 0]
    ]

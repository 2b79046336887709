"""Asks Cloud Foundry's v3 API who manages which org, and which orgs are suspended."""

from collections.abc import Collection, Iterator
from typing import TypeVar

import msgspec

from fleet.cloudfoundry.pages import PER_PAGE, SYSTEM, CloudFoundryPages, Nothing, Page, Text, ToOne
from fleet.cloudfoundry.uaa import TokenSource
from fleet.errors import RemoteError
from fleet.inventory import Organization, User
from fleet.tally import Tally
from fleet.time_limit import TimeLimit

_ORGS_PER_REQUEST = 100  # 100 guids make a query of 3.7 kB, which every router accepts
_REQUESTS_BEFORE_ASKING_FOR_ALL = 2
_MANAGER = "organization_manager"

Included = TypeVar("Included")


class _Organization(msgspec.Struct):
    guid: Text
    suspended: bool = False


class _RoleRelationships(msgspec.Struct):
    user: ToOne
    organization: ToOne


class _Role(msgspec.Struct):
    guid: Text
    type: str
    relationships: _RoleRelationships


class _User(msgspec.Struct):
    guid: Text
    username: Text | None = None


class _Users(msgspec.Struct):
    users: list[_User] = []


class Organizations:
    """
    Needs a client or user with `cloud_controller.global_auditor` (or `admin_read_only`, `admin`).

    Makes far fewer requests than there are orgs or managers. Raises RemoteError rather than answer incompletely.
    """

    def __init__(self, api_address: str, tokens: TokenSource, tally: Tally, limit: TimeLimit | None = None) -> None:
        self._pages = CloudFoundryPages(api_address, tokens, tally, limit)

    def with_managers(self, guids: Collection[str], *, with_usernames: bool) -> dict[str, Organization]:
        """
        Those of the named orgs that exist, by guid.

        For user names, Cloud Foundry has to ask its UAA, which can fail too; so ask for them only if needed.
        """
        wanted = sorted(set(guids))
        suspended = {
            organization.guid: organization.suspended
            for params in _filters(wanted, "guids")
            for page in self._pages.of("/v3/organizations", (*params, PER_PAGE), Page[_Organization, Nothing])
            for organization in page.resources
        }
        managers = self._managers(wanted, with_usernames=with_usernames)
        return {
            guid: Organization(guid, suspended[guid], tuple(managers.get(guid, {}).values()))
            for guid in wanted
            if guid in suspended
        }

    def _managers(self, wanted: list[str], *, with_usernames: bool) -> dict[str, dict[str, User]]:
        """The managers by org guid and then by user guid, both sorted."""
        include = (("include", "user"),) if with_usernames else ()
        usernames: dict[str, str | None] = {}
        held: set[tuple[str, str]] = set()
        for filters in _filters(wanted, "organization_guids", ask_for_all=not with_usernames):
            params = (("types", _MANAGER), *filters, *include, PER_PAGE)
            for page in self._pages.of("/v3/roles", params, Page[_Role, _Users]):
                held.update(_managed(page))
                usernames.update((user.guid, user.username) for user in (page.included or _Users()).users)
        if with_usernames and (missing := {user for _, user in held} - usernames.keys()):
            what = f"user {min(missing)} is not included"
            raise RemoteError(SYSTEM, "GET /v3/roles", f"unexpected body: {what}")
        managers: dict[str, dict[str, User]] = {}
        for organization, user in sorted(held):
            managers.setdefault(organization, {})[user] = User(user, usernames.get(user))
        return managers


def _filters(guids: list[str], name: str, *, ask_for_all: bool = True) -> Iterator[tuple[tuple[str, str], ...]]:
    """The filter of each request; no filter if one big list of all orgs costs less. Without guids, no request."""
    chunks = [guids[start : start + _ORGS_PER_REQUEST] for start in range(0, len(guids), _ORGS_PER_REQUEST)]
    if ask_for_all and len(chunks) > _REQUESTS_BEFORE_ASKING_FOR_ALL:
        yield ()
    else:
        yield from (((name, ",".join(chunk)),) for chunk in chunks)


def _managed(page: Page[_Role, Included]) -> Iterator[tuple[str, str]]:
    for role in page.resources:
        if role.type != _MANAGER:
            continue
        organization, user = role.relationships.organization.guid, role.relationships.user.guid
        if not organization or not user:
            raise RemoteError(SYSTEM, "GET /v3/roles", f"unexpected body: role {role.guid} names no org or no user")
        yield organization, user

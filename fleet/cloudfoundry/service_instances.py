"""Reads the tenants' service instances from Cloud Foundry's v3 API, in as few requests as its pages allow."""

import sys
from collections.abc import Iterator, Sequence

import msgspec

from fleet.cloudfoundry.pages import PER_PAGE, SYSTEM, CloudFoundryPages, Page, Text, ToOne
from fleet.cloudfoundry.service_offerings import plan_names
from fleet.cloudfoundry.uaa import TokenSource
from fleet.errors import RemoteError
from fleet.inventory import ServiceInstance
from fleet.tally import Tally
from fleet.time_limit import TimeLimit

_PLANS_PER_REQUEST = 50  # 50 guids make a query of 1.9 kB, which every router accepts
_FIELDS = (
    ("fields[space]", "guid,name,relationships.organization"),
    ("fields[space.organization]", "guid,name"),
)


class _Named(msgspec.Struct):
    guid: Text
    name: Text


class _Organization(_Named):
    pass


class _SpaceRelationships(msgspec.Struct):
    organization: ToOne


class _Space(_Named):
    relationships: _SpaceRelationships


class _InstanceRelationships(msgspec.Struct):
    space: ToOne
    service_plan: ToOne = msgspec.field(default_factory=ToOne)


class _Instance(_Named):
    relationships: _InstanceRelationships


class _SpacesAndOrganizations(msgspec.Struct):
    spaces: list[_Space]
    organizations: list[_Organization]


class CloudFoundry:
    """
    Needs a client or user with `cloud_controller.global_auditor` (or `admin_read_only`, `admin`).

    Raises RemoteError rather than return an incomplete list.
    """

    def __init__(self, api_address: str, tokens: TokenSource, tally: Tally, limit: TimeLimit | None = None) -> None:
        self._pages = CloudFoundryPages(api_address, tokens, tally, limit)

    def service_instances(self, offerings: Sequence[str], brokers: Sequence[str] = ()) -> list[ServiceInstance]:
        """
        The instances of the named offerings, each once, also if its plan is no longer on offer.

        Without brokers, every broker that has such an offering counts. Raises ConfigurationError if Cloud Foundry has
        no such offering or broker.
        """
        plans = plan_names(self._pages, offerings, brokers)
        instances: dict[str, ServiceInstance] = {}
        plan_guids = sorted(plans)
        for start in range(0, len(plan_guids), _PLANS_PER_REQUEST):
            chunk = plan_guids[start : start + _PLANS_PER_REQUEST]
            params = (("service_plan_guids", ",".join(chunk)), PER_PAGE, *_FIELDS)
            for page in self._pages.of("/v3/service_instances", params, Page[_Instance, _SpacesAndOrganizations]):
                instances.update((instance.guid, instance) for instance in _joined(page, plans))
        return [instances[guid] for guid in sorted(instances)]


def _joined(page: Page[_Instance, _SpacesAndOrganizations], plans: dict[str, str]) -> Iterator[ServiceInstance]:
    included = page.included or _SpacesAndOrganizations([], [])
    spaces = {space.guid: space for space in included.spaces}
    organizations = {organization.guid: organization for organization in included.organizations}
    intern = sys.intern  # the same texts come back in every survey
    for instance in page.resources:
        plan_guid = instance.relationships.service_plan.guid
        if plan_guid not in plans:  # user-provided services have no plan
            continue
        space = spaces.get(instance.relationships.space.guid or "")
        organization = space and organizations.get(space.relationships.organization.guid or "")
        if not space or not organization:
            what = f"the space or org of service instance {instance.guid} is not included"
            raise RemoteError(SYSTEM, "GET /v3/service_instances", f"unexpected body: {what}")
        yield ServiceInstance(
            guid=intern(instance.guid),
            name=intern(instance.name),
            plan_name=intern(plans[plan_guid]),
            space_guid=intern(space.guid),
            space_name=intern(space.name),
            org_guid=intern(organization.guid),
            org_name=intern(organization.name),
        )

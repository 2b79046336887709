"""The tenants' service instances, from Cloud Foundry's v3 API, in as few requests as its pages allow."""

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar
from urllib.parse import urljoin, urlsplit

import msgspec

from fleet.errors import RemoteError
from fleet.inventory import ServiceInstance
from fleet.remote_http import RemoteHttp, Request, StatusError
from fleet.tally import Tally
from fleet.uaa import TokenSource

_SYSTEM = "cloudfoundry"
_PER_PAGE = "5000"  # the most that v3 allows; one big page cannot shift while it is read
_PLANS_PER_REQUEST = 50  # 50 guids make a query of 1.9 kB, which every router in front accepts
_FIELDS = (
    ("fields[space]", "guid,name,relationships.organization"),
    ("fields[space.organization]", "guid,name"),
)

Resource = TypeVar("Resource", bound="_Named")
Included = TypeVar("Included")


class _Guid(msgspec.Struct):
    guid: str


class _ToOne(msgspec.Struct):
    data: _Guid | None = None

    @property
    def guid(self) -> str | None:
        return self.data.guid if self.data else None


class _Named(msgspec.Struct):
    guid: str
    name: str


class _Plan(_Named):
    pass


class _Organization(_Named):
    pass


class _SpaceRelationships(msgspec.Struct):
    organization: _ToOne


class _Space(_Named):
    relationships: _SpaceRelationships


class _InstanceRelationships(msgspec.Struct):
    space: _ToOne
    service_plan: _ToOne = msgspec.field(default_factory=_ToOne)


class _Instance(_Named):
    relationships: _InstanceRelationships
    type: str = "managed"


class _Link(msgspec.Struct):
    href: str


class _Pagination(msgspec.Struct):
    total_results: int
    next: _Link | None = None


class _Nothing(msgspec.Struct):
    pass


class _SpacesAndOrganizations(msgspec.Struct):
    spaces: list[_Space]
    organizations: list[_Organization]


class _Page(msgspec.Struct, Generic[Resource, Included]):
    pagination: _Pagination
    resources: list[Resource]
    included: Included | None = None


class CloudFoundry:
    """
    Reads as a client or user with `cloud_controller.global_auditor` (or `admin_read_only`, `admin`).

    Every list raises RemoteError rather than being returned incomplete.
    """

    def __init__(self, api_address: str, tokens: TokenSource, tally: Tally) -> None:
        self._api_address = api_address
        self._tokens = tokens
        self._http = RemoteHttp(_SYSTEM, tally)

    def service_instances(self, offerings: Sequence[str]) -> list[ServiceInstance]:
        """The managed instances of the named offerings, each once, whether or not its plan is still on offer."""
        plans = {plan.guid: plan.name for plan in self._plans(offerings)}
        instances: dict[str, ServiceInstance] = {}
        plan_guids = sorted(plans)
        for start in range(0, len(plan_guids), _PLANS_PER_REQUEST):
            chunk = plan_guids[start : start + _PLANS_PER_REQUEST]
            params = (("type", "managed"), ("service_plan_guids", ",".join(chunk)), ("per_page", _PER_PAGE), *_FIELDS)
            for page in self._pages("/v3/service_instances", params, _Page[_Instance, _SpacesAndOrganizations]):
                instances.update((instance.guid, instance) for instance in _joined(page, plans))
        return [instances[guid] for guid in sorted(instances)]

    def _plans(self, offerings: Sequence[str]) -> list[_Plan]:
        # A comma inside a name has to be encoded twice: once here, once by requests.
        names = ",".join(offering.replace("%", "%25").replace(",", "%2C") for offering in offerings)
        params = (("service_offering_names", names), ("per_page", _PER_PAGE))
        pages = self._pages("/v3/service_plans", params, _Page[_Plan, _Nothing])
        return [plan for page in pages for plan in page.resources]

    def _pages(
        self, path: str, params: tuple[tuple[str, str], ...], promised: type[_Page[Resource, Included]]
    ) -> Iterator[_Page[Resource, Included]]:
        """Every page of a list, each asked for once, none from another origin than the API's."""
        call = f"GET {path}"
        url: str | None = self._api_address + path
        asked: set[str] = set()
        totals: set[int] = set()
        rows_count = 0
        while url is not None:
            if url in asked:
                raise RemoteError(_SYSTEM, call, "its pages go round in a circle")
            asked.add(url)
            page = self._get(url, call, () if totals else params, promised)
            totals.add(page.pagination.total_results)
            rows_count += len(page.resources)
            url = self._next_url(page.pagination, call)
            yield page
        # Pages are cut by position: a row that goes away between two of them hides another one.
        if len(asked) > 1 and (len(totals) > 1 or rows_count < totals.pop()):
            raise RemoteError(_SYSTEM, call, "the list changed while its pages were read")

    def _next_url(self, pagination: _Pagination, call: str) -> str | None:
        if pagination.next is None:
            return None
        url = urljoin(self._api_address + "/", pagination.next.href)
        if _origin(url) != _origin(self._api_address):
            raise RemoteError(_SYSTEM, call, f"its next page is on another origin, {_origin(url)}: not followed")
        return url

    def _get(
        self, url: str, call: str, params: tuple[tuple[str, str], ...], promised: type[_Page[Resource, Included]]
    ) -> _Page[Resource, Included]:
        try:
            return self._http.ask(Request("GET", url, call, self._tokens.token(), params), promised)
        except StatusError as error:
            if error.status != 401:  # noqa: PLR2004 — Unauthorized
                raise
            # Revoked, or expired by another clock than ours: one new token, one more try.
            self._tokens.discard()
            return self._http.ask(Request("GET", url, call, self._tokens.token(), params), promised)


def _joined(page: _Page[_Instance, _SpacesAndOrganizations], plans: dict[str, str]) -> Iterator[ServiceInstance]:
    included = page.included or _SpacesAndOrganizations([], [])
    spaces = {space.guid: space for space in included.spaces}
    organizations = {organization.guid: organization for organization in included.organizations}
    for instance in page.resources:
        plan_guid = instance.relationships.service_plan.guid
        if instance.type != "managed" or plan_guid not in plans:
            continue
        space = spaces.get(instance.relationships.space.guid or "")
        organization = space and organizations.get(space.relationships.organization.guid or "")
        if not space or not organization:
            what = f"the space or org of service instance {instance.guid} is not included"
            raise RemoteError(_SYSTEM, "GET /v3/service_instances", f"unexpected body: {what}")
        yield ServiceInstance(
            guid=instance.guid,
            name=instance.name,
            plan_name=plans[plan_guid],
            space_guid=space.guid,
            space_name=space.name,
            org_guid=organization.guid,
            org_name=organization.name,
        )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    default_port = {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or default_port}"

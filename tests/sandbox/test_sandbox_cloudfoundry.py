"""Cloud Foundry's v3 API over a socket, with unmodified requests."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from sandbox import Sandbox
from sandbox.truth import Truth

Start = Callable[..., Sandbox]
Ask = Callable[..., requests.Response]
FIELDS = {
    "fields[space]": "guid,name,relationships.organization",
    "fields[space.organization]": "guid,name",
    "fields[service_plan]": "guid,name,relationships.service_offering",
    "fields[service_plan.service_offering]": "guid,name",
    "fields[service_plan.service_offering.service_broker]": "guid,name",
}


@pytest.fixture
def truth(sandbox: Sandbox) -> Truth:
    return sandbox.world.truth


def error(reply: requests.Response) -> tuple[int, str, int]:
    [only] = reply.json()["errors"]
    return reply.status_code, only["title"], only["code"]


def guids(reply: requests.Response) -> list[str]:
    return [resource["guid"] for resource in reply.json()["resources"]]


def test_the_root_document_needs_no_token_and_leads_to_uaa(sandbox: Sandbox) -> None:
    """Every client begins there; a link may be null."""
    links = requests.get(sandbox.environment["CF_API_ADDRESS"], timeout=5).json()["links"]
    assert links["uaa"]["href"] == links["login"]["href"] == sandbox.origins["uaa"]
    assert links["cloud_controller_v3"]["meta"]["version"]
    assert links["credhub"] is None


def test_info_says_how_many_requests_are_allowed(sandbox: Sandbox) -> None:
    """Without a token too."""
    limits = requests.get(sandbox.environment["CF_API_ADDRESS"] + "/v3/info", timeout=5).json()["rate_limits"]
    assert limits == {"enabled": True, "general_limit": 60_000, "reset_interval_in_minutes": 60}


@pytest.mark.parametrize(
    ("path", "collection"),
    [
        ("/v3/organizations", "organizations"),
        ("/v3/spaces", "spaces"),
        ("/v3/users", "users"),
        ("/v3/roles", "roles"),
        ("/v3/service_offerings", "service_offerings"),
        ("/v3/service_plans", "service_plans"),
        ("/v3/service_instances", "service_instances"),
    ],
)
def test_each_list_holds_everything_once(sandbox: Sandbox, ask: Ask, path: str, collection: str) -> None:
    """As many as the pagination promises."""
    reply = ask(sandbox, path, {"per_page": 5000})
    assert sorted(guids(reply)) == sorted(getattr(sandbox.world.truth, collection))
    assert reply.json()["pagination"]["total_results"] == len(guids(reply))


def test_pages_lead_to_each_other_by_absolute_links_that_keep_the_query(sandbox: Sandbox, ask: Ask) -> None:
    """Brackets and commas come back encoded, so that a link can be followed as it is."""
    parameters = {"type": "managed", "per_page": 10, **FIELDS}
    url: str | None = f"{sandbox.environment['CF_API_ADDRESS']}/v3/service_instances"
    found: list[str] = []
    pages = 0
    while url:
        reply = ask(sandbox, url, None if pages else parameters)
        found += guids(reply)
        pages += 1
        pagination = reply.json()["pagination"]
        assert (pagination["previous"] is None) == (pages == 1)
        url = (pagination["next"] or {}).get("href")
        assert url is None or f"page={pages + 1}&per_page=10" in url
        assert url is None or "fields%5Bspace%5D=guid%2Cname" in url
    managed = [i.guid for i in sandbox.world.truth.service_instances.values() if i.plan_guid]
    assert sorted(found) == sorted(managed)
    assert pages == pagination["total_pages"] == -(-len(managed) // 10)


def test_a_page_holds_fifty_unless_told_otherwise(sandbox: Sandbox, ask: Ask) -> None:
    """Cloud Foundry's default."""
    assert len(guids(ask(sandbox, "/v3/service_instances"))) == 50


def test_page_size_caps_what_is_asked_for(start: Start, ask: Ask) -> None:
    """So that a small fleet has several pages too; the links say what was given."""
    reply = ask(start(page_size=7), "/v3/service_instances", {"per_page": 5000})
    assert len(guids(reply)) == 7
    assert "per_page=7" in reply.json()["pagination"]["next"]["href"]


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("/v3/organizations", {"per_page": 0}),
        ("/v3/organizations", {"per_page": 5001}),
        ("/v3/organizations", {"page": 0}),
        ("/v3/organizations", {"organization_guids": "a"}),
        ("/v3/organizations", {"order_by": "size"}),
        ("/v3/service_instances", {"include": "space"}),
        ("/v3/service_instances", {"service_offering_names": "redis"}),
        ("/v3/service_instances", {"fields[space]": "guid,size"}),
        ("/v3/service_instances", {"fields[organization]": "guid"}),
        ("/v3/roles", {"include": "quota"}),
    ],
)
def test_a_parameter_that_is_unknown_or_out_of_range_is_refused(
    sandbox: Sandbox, ask: Ask, path: str, parameters: dict[str, str | int]
) -> None:
    """400 CF-BadQueryParameter; there is no filter of instances by offering, for one."""
    assert error(ask(sandbox, path, parameters)) == (400, "CF-BadQueryParameter", 10005)


def test_redis_instances_are_found_by_way_of_their_plans(sandbox: Sandbox, ask: Ask, truth: Truth) -> None:
    """Active or not; databases and user-provided services are left out."""
    plans = ask(sandbox, "/v3/service_plans", {"service_offering_names": "redis"}).json()["resources"]
    chosen = ",".join(plan["guid"] for plan in plans)
    found = ask(sandbox, "/v3/service_instances", {"service_plan_guids": chosen, "per_page": 5000})
    redis = {plan["guid"] for plan in plans}
    assert len(guids(found)) == 57
    assert set(guids(found)) == {i.guid for i in truth.service_instances.values() if i.plan_guid in redis}
    assert {plan["available"] for plan in plans} == {True, False}


def test_filters_narrow_each_other_down(sandbox: Sandbox, ask: Ask, truth: Truth) -> None:
    """An organisation's managed instances of one plan, whose name may be written in any case."""
    instance = next(i for i in truth.service_instances.values() if i.plan_guid)
    organization = truth.spaces[instance.space_guid].organization_guid
    plan = truth.service_plans[str(instance.plan_guid)]
    asked = {"type": "managed", "organization_guids": organization, "service_plan_names": plan.name.upper()}
    expected = [
        i.guid
        for i in truth.service_instances.values()
        if i.plan_guid == plan.guid and truth.spaces[i.space_guid].organization_guid == organization
    ]
    assert guids(ask(sandbox, "/v3/service_instances", asked)) == expected


def test_a_comma_inside_a_name_is_encoded_twice(sandbox: Sandbox, ask: Ask, truth: Truth) -> None:
    """Once is taken for the comma between two names."""
    asked = {"names": "comma%2C separated"}
    [guid] = guids(ask(sandbox, "/v3/service_instances", asked))
    assert truth.service_instances[guid].name == "comma, separated"
    assert guids(ask(sandbox, "/v3/service_instances", {"names": "comma, separated"})) == []


def test_an_empty_filter_asks_for_the_empty_value(sandbox: Sandbox, ask: Ask) -> None:
    """Which is nothing, rather than everything."""
    assert guids(ask(sandbox, "/v3/spaces", {"organization_guids": ""})) == []
    assert guids(ask(sandbox, "/v3/organizations", {"guids": ""})) == []


def test_lists_are_ordered_when_asked(sandbox: Sandbox, ask: Ask) -> None:
    """By name, and backwards with a minus."""
    names = [o["name"] for o in ask(sandbox, "/v3/organizations", {"order_by": "-name"}).json()["resources"]]
    assert names == sorted(names, reverse=True)


def test_fields_bring_the_parents_of_a_page_with_only_the_keys_asked_for(
    sandbox: Sandbox, ask: Ask, truth: Truth
) -> None:
    """Each parent once; instance, space and organisation can be joined."""
    document = ask(sandbox, "/v3/service_instances", {"per_page": 5, **FIELDS}).json()
    included = document["included"]
    assert included.keys() == {"spaces", "organizations", "service_plans", "service_offerings", "service_brokers"}
    spaces = {space["guid"]: space for space in included["spaces"]}
    organizations = {organization["guid"]: organization for organization in included["organizations"]}
    assert len(spaces) == len(included["spaces"])
    assert all(set(organization) == {"guid", "name"} for organization in organizations.values())
    for instance in document["resources"]:
        space = spaces[instance["relationships"]["space"]["data"]["guid"]]
        assert set(space) == {"guid", "name", "relationships"}
        assert set(space["relationships"]) == {"organization"}
        organization = organizations[space["relationships"]["organization"]["data"]["guid"]]
        assert space["name"] == truth.spaces[space["guid"]].name
        assert organization["name"] == truth.organizations[organization["guid"]].name


def test_without_fields_nothing_is_included(sandbox: Sandbox, ask: Ask) -> None:
    """And without the key for it nothing can be joined."""
    assert "included" not in ask(sandbox, "/v3/service_instances").json()
    [space] = ask(sandbox, "/v3/service_instances", {"per_page": 1, "fields[space]": "name"}).json()["included"][
        "spaces"
    ]
    assert set(space) == {"name"}


def test_roles_bring_their_users_once_when_asked(sandbox: Sandbox, ask: Ask, truth: Truth) -> None:
    """A UAA client has neither user name nor origin, and its id for a guid."""
    asked = {"types": "organization_manager", "include": "user", "per_page": 5000}
    document = ask(sandbox, "/v3/roles", asked).json()
    users: dict[str, dict[str, Any]] = {user["guid"]: user for user in document["included"]["users"]}
    assert {role["type"] for role in document["resources"]} == {"organization_manager"}
    assert {role["relationships"]["user"]["data"]["guid"] for role in document["resources"]} == set(users)
    assert len(users) == len(document["included"]["users"]) < len(document["resources"])
    client = users["tenant-deploy-client"]
    assert (client["username"], client["origin"], client["presentation_name"]) == (None, None, "tenant-deploy-client")
    assert all(users[guid]["username"] == truth.users[guid].username for guid in users)


def test_roles_are_found_for_several_organizations_at_once(sandbox: Sandbox, ask: Ask, truth: Truth) -> None:
    """One request for the managers of all of them."""
    asked = list(truth.organizations)[:3]
    reply = ask(sandbox, "/v3/roles", {"organization_guids": ",".join(asked), "per_page": 5000})
    assert {r["relationships"]["organization"]["data"]["guid"] for r in reply.json()["resources"]} == set(asked)


def test_an_instance_that_is_being_created_says_so(sandbox: Sandbox, ask: Ask) -> None:
    """Its last operation is in progress."""
    resources = ask(sandbox, "/v3/service_instances", {"per_page": 5000}).json()["resources"]
    assert {r["last_operation"]["state"] for r in resources} == {"succeeded", "in progress"}


def test_a_user_provided_instance_has_no_plan(sandbox: Sandbox, ask: Ask) -> None:
    """Its relationships name only the space."""
    for instance in ask(sandbox, "/v3/service_instances", {"type": "user-provided"}).json()["resources"]:
        assert set(instance["relationships"]) == {"space"}


def test_without_a_token_nothing_is_listed(sandbox: Sandbox) -> None:
    """401 CF-NotAuthenticated without, CF-InvalidAuthToken with a wrong one."""
    url = sandbox.environment["CF_API_ADDRESS"] + "/v3/organizations"
    assert error(requests.get(url, timeout=5)) == (401, "CF-NotAuthenticated", 10002)
    wrong = {"Authorization": "bearer x.y.z"}
    assert error(requests.get(url, headers=wrong, timeout=5)) == (401, "CF-InvalidAuthToken", 1000)


def test_a_token_with_little_right_is_shown_a_part_without_a_word(start: Start, ask: Ask) -> None:
    """200 and a shorter list, consistent in itself: the trap that a wrong scope sets."""
    sandbox = start(scopes=("cloud_controller.read",))
    instances = ask(sandbox, "/v3/service_instances", {"per_page": 5000, **FIELDS}).json()
    spaces = guids(ask(sandbox, "/v3/spaces", {"per_page": 5000}))
    assert 0 < instances["pagination"]["total_results"] < len(sandbox.world.truth.service_instances)
    assert {i["relationships"]["space"]["data"]["guid"] for i in instances["resources"]} <= set(spaces)


def test_a_token_without_any_cloud_controller_scope_is_refused(start: Start, ask: Ask) -> None:
    """403 CF-NotAuthorized."""
    reply = ask(start(scopes=("uaa.none",)), "/v3/organizations")
    assert error(reply) == (403, "CF-NotAuthorized", 10003)


@pytest.mark.parametrize("scope", ["admin", "admin_read_only", "global_auditor"])
def test_each_of_three_scopes_sees_everything(start: Start, ask: Ask, scope: str) -> None:
    """So that a check for one of them alone would be wrong."""
    sandbox = start(scopes=(f"cloud_controller.{scope}",))
    assert len(guids(ask(sandbox, "/v3/organizations"))) == len(sandbox.world.truth.organizations)


def test_replies_tell_how_many_requests_remain(sandbox: Sandbox, ask: Ask) -> None:
    """Estimated in steps of a tenth, with the time at which counting begins anew."""
    headers = ask(sandbox, "/v3/organizations").headers
    assert headers["X-RateLimit-Limit"] == "60000"
    assert headers["X-RateLimit-Remaining"] == "54000"
    assert int(headers["X-RateLimit-Reset"]) % 3600 == 0


def test_an_unknown_path_is_not_found(sandbox: Sandbox, ask: Ask) -> None:
    """As Cloud Foundry says it."""
    assert error(ask(sandbox, "/v3/unicorns")) == (404, "CF-NotFound", 10000)


def test_a_change_shows_in_the_next_answer(start: Start, ask: Ask) -> None:
    """Pages are remembered, but only for as long as they are true."""
    sandbox = start()
    guid = next(iter(sandbox.world.truth.organizations))
    assert ask(sandbox, "/v3/organizations", {"guids": guid}).json()["resources"][0]["name"] != "renamed"
    sandbox.tenants.rename_organization(guid, "renamed")
    assert ask(sandbox, "/v3/organizations", {"guids": guid}).json()["resources"][0]["name"] == "renamed"

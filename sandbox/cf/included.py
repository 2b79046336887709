"""What a page of Cloud Foundry resources brings along when asked: `fields[...]` and `include`."""

from collections.abc import Callable, Iterable, Mapping

from sandbox.cf import resources
from sandbox.cf.errors import bad_query
from sandbox.cf.resources import Json
from sandbox.truth import Role, ServiceInstance, ServicePlan, Space, Truth

Included = dict[str, list[Json]]

FIELDS: Mapping[str, tuple[str, frozenset[str]]] = {
    "fields[space]": ("spaces", frozenset({"guid", "name", "relationships.organization"})),
    "fields[space.organization]": ("organizations", frozenset({"guid", "name"})),
    "fields[service_plan]": ("service_plans", frozenset({"guid", "name", "relationships.service_offering"})),
    "fields[service_plan.service_offering]": (
        "service_offerings",
        frozenset({"guid", "name", "description", "documentation_url", "tags", "relationships.service_broker"}),
    ),
    "fields[service_plan.service_offering.service_broker]": ("service_brokers", frozenset({"guid", "name"})),
}


def with_fields(
    truth: Truth, instances: Iterable[ServiceInstance], asked: Mapping[str, list[str]], origin: str
) -> Included:
    """Only the parents of these instances, each once, and of them only the keys that were asked for."""
    instances = list(instances)
    spaces = {instance.space_guid: truth.spaces[instance.space_guid] for instance in instances}
    plans = {i.plan_guid: truth.service_plans[i.plan_guid] for i in instances if i.plan_guid}
    offerings = {plan.offering_guid: truth.service_offerings[plan.offering_guid] for plan in plans.values()}
    parents: dict[str, Callable[[], Iterable[Json]]] = {
        "spaces": lambda: (resources.space(space, origin) for space in spaces.values()),
        "organizations": lambda: (
            resources.organization(truth.organizations[guid], origin)
            for guid in dict.fromkeys(space.organization_guid for space in spaces.values())
        ),
        "service_plans": lambda: (resources.service_plan(plan, origin) for plan in plans.values()),
        "service_offerings": lambda: (resources.service_offering(offering, origin) for offering in offerings.values()),
        "service_brokers": lambda: (
            resources.service_broker(guid, name)
            for guid, name in {offering.broker_guid: offering.broker_name for offering in offerings.values()}.items()
        ),
    }
    included = {}
    for parameter, keys in asked.items():
        collection, allowed = FIELDS[parameter]
        if unknown := set(keys) - allowed:
            resource = parameter.removeprefix("fields")
            raise bad_query(f"Fields {resource} valid keys are: {sorted(allowed)}, not {sorted(unknown)}")
        included[collection] = [_only(parent, keys) for parent in parents[collection]()]
    return included


def _only(resource: Json, keys: Iterable[str]) -> Json:
    picked: Json = {}
    for key in keys:
        if key.startswith("relationships."):
            relation = key.removeprefix("relationships.")
            picked["relationships"] = {relation: resource["relationships"][relation]}
        else:
            picked[key] = resource[key]
    return picked


def users_of_roles(truth: Truth, roles: Iterable[Role], origin: str) -> list[Json]:
    guids = dict.fromkeys(role.user_guid for role in roles)
    return [resources.user(truth.users[guid], origin) for guid in guids]


def organizations_of_roles(truth: Truth, roles: Iterable[Role], origin: str) -> list[Json]:
    guids = dict.fromkeys(role.organization_guid for role in roles)
    return [resources.organization(truth.organizations[guid], origin) for guid in guids]


def organizations_of_spaces(truth: Truth, spaces: Iterable[Space], origin: str) -> list[Json]:
    guids = dict.fromkeys(space.organization_guid for space in spaces)
    return [resources.organization(truth.organizations[guid], origin) for guid in guids]


def offerings_of_plans(truth: Truth, plans: Iterable[ServicePlan], origin: str) -> list[Json]:
    guids = dict.fromkeys(plan.offering_guid for plan in plans)
    return [resources.service_offering(truth.service_offerings[guid], origin) for guid in guids]

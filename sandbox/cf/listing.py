"""Cloud Foundry's v3 lists: which parameters each accepts, what passes its filters, and its pages."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

from sandbox.cf import included, resources
from sandbox.cf.errors import bad_query
from sandbox.cf.resources import Json
from sandbox.truth import ServiceInstance, Truth

DEFAULT_PER_PAGE, MOST_PER_PAGE = 50, 5000
_COMMON_PARAMETERS = frozenset({"page", "per_page", "order_by", "guids"})


@dataclass(frozen=True)
class Collection:
    """
    `filters` gives, for each parameter, the text of a resource that has to be among the values asked for;
    `includes`, for each value of `include`, the key under `included` and what goes there.
    """

    things: Callable[[Truth], Iterable[Any]]
    render: Callable[[Any, str], Json]
    filters: Mapping[str, Callable[[Truth, Any], str | None]]
    includes: Mapping[str, tuple[str, Callable[[Truth, Sequence[Any], str], list[Json]]]] = field(default_factory=dict)
    fields: frozenset[str] = frozenset()

    @property
    def parameters(self) -> frozenset[str]:
        more = {"include"} if self.includes else set[str]()
        return _COMMON_PARAMETERS | self.filters.keys() | self.fields | more


def _plan_name(truth: Truth, instance: ServiceInstance) -> str | None:
    return truth.service_plans[instance.plan_guid].name.lower() if instance.plan_guid else None


COLLECTIONS: dict[str, Collection] = {
    "/v3/organizations": Collection(
        things=lambda truth: truth.organizations.values(),
        render=resources.organization,
        filters={"names": lambda _, organization: organization.name},
    ),
    "/v3/spaces": Collection(
        things=lambda truth: truth.spaces.values(),
        render=resources.space,
        filters={
            "names": lambda _, space: space.name,
            "organization_guids": lambda _, space: space.organization_guid,
        },
        includes={"organization": ("organizations", included.organizations_of_spaces)},
    ),
    "/v3/users": Collection(
        things=lambda truth: truth.users.values(),
        render=resources.user,
        filters={"usernames": lambda _, user: user.username, "origins": lambda _, user: user.origin},
    ),
    "/v3/roles": Collection(
        things=lambda truth: truth.roles.values(),
        render=resources.role,
        filters={
            "types": lambda _, role: role.type,
            "organization_guids": lambda _, role: role.organization_guid,
            "space_guids": lambda _truth, _role: None,
            "user_guids": lambda _, role: role.user_guid,
        },
        includes={
            "user": ("users", included.users_of_roles),
            "organization": ("organizations", included.organizations_of_roles),
        },
    ),
    "/v3/service_offerings": Collection(
        things=lambda truth: truth.service_offerings.values(),
        render=resources.service_offering,
        filters={
            "names": lambda _, offering: offering.name,
            "service_broker_names": lambda _, offering: offering.broker_name,
            "available": lambda _truth, _offering: "true",
        },
    ),
    "/v3/service_plans": Collection(
        things=lambda truth: truth.service_plans.values(),
        render=resources.service_plan,
        filters={
            "names": lambda _, plan: plan.name,
            "available": lambda _, plan: "true" if plan.is_available else "false",
            "service_offering_guids": lambda _, plan: plan.offering_guid,
            "service_offering_names": lambda truth, plan: truth.service_offerings[plan.offering_guid].name,
            "service_broker_names": lambda truth, plan: truth.service_offerings[plan.offering_guid].broker_name,
        },
        includes={"service_offering": ("service_offerings", included.offerings_of_plans)},
    ),
    "/v3/service_instances": Collection(
        things=lambda truth: truth.service_instances.values(),
        render=resources.service_instance,
        filters={
            "names": lambda _, instance: instance.name,
            "type": lambda _, instance: instance.type,
            "space_guids": lambda _, instance: instance.space_guid,
            "organization_guids": lambda truth, instance: truth.spaces[instance.space_guid].organization_guid,
            "service_plan_guids": lambda _, instance: instance.plan_guid,
            "service_plan_names": _plan_name,
        },
        fields=frozenset(included.FIELDS),
    ),
}


@dataclass(frozen=True)
class Question:
    """
    What a list is asked. `url` is the list's address without the query, whose parameters are read as Cloud Foundry
    reads them: values split on commas, then decoded once more.
    """

    collection: Collection
    url: str
    parameters: Mapping[str, str]

    @classmethod
    def of(cls, collection: Collection, url: str, query: str) -> "Question":
        parameters = dict(parse_qsl(query, keep_blank_values=True))
        if unknown := sorted(parameters.keys() - collection.parameters):
            named = ", ".join(f"'{name}'" for name in unknown)
            valid = ", ".join(f"'{name}'" for name in sorted(collection.parameters))
            raise bad_query(f"Unknown query parameter(s): {named}. Valid parameters are: {valid}")
        return cls(collection, url, parameters)

    @property
    def filters(self) -> frozenset[tuple[str, str]]:
        """All that decides which resources there are on all pages together."""
        return frozenset(item for item in self.parameters.items() if item[0] not in {"page", "per_page"})

    def values(self, name: str) -> list[str]:
        return [unquote(value) for value in self.parameters[name].split(",")]

    def number(self, name: str, default: int, most: int) -> int:
        text = self.parameters.get(name, str(default))
        if not text.isdigit() or not 1 <= int(text) <= most:
            raise bad_query(f"{name.replace('_', ' ').capitalize()} must be between 1 and {most}")
        return int(text)


def listing(truth: Truth, question: Question) -> list[Any]:
    """All resources that pass the filters, in order. A filter without a value asks for the empty value."""
    things = list(question.collection.things(truth))
    if "guids" in question.parameters:
        guids = set(question.values("guids"))
        things = [thing for thing in things if thing.guid in guids]
    for name, text_of in question.collection.filters.items():
        if name in question.parameters:
            wanted = set(question.values(name))
            if name == "service_plan_names":
                wanted = {value.lower() for value in wanted}
            things = [thing for thing in things if (text_of(truth, thing) or "") in wanted]
    return _ordered(things, question.parameters.get("order_by"))


def _ordered(things: list[Any], order_by: str | None) -> list[Any]:
    if order_by is None:
        return things
    attribute = {"created_at": "created_at", "updated_at": "created_at", "name": "name"}.get(order_by.lstrip("-+"))
    if attribute is None or (things and not hasattr(things[0], attribute)):
        raise bad_query("Order by can only be: 'created_at', 'updated_at', 'name'")
    return sorted(things, key=lambda thing: getattr(thing, attribute), reverse=order_by.startswith("-"))


def page(truth: Truth, question: Question, things: list[Any], largest: int | None) -> Json:
    """`things` are those of all pages together; `largest`, if any, caps the page whatever was asked."""
    number = question.number("page", 1, 10**9)
    per_page = question.number("per_page", DEFAULT_PER_PAGE, MOST_PER_PAGE)
    per_page = min(per_page, largest) if largest else per_page
    pages = max(1, -(-len(things) // per_page))
    origin = question.url.partition("/v3/")[0]
    shown = things[(number - 1) * per_page : number * per_page]

    def link(to: int) -> Mapping[str, str]:
        parameters = {**question.parameters, "page": str(to), "per_page": str(per_page)}
        return {"href": f"{question.url}?{urlencode(sorted(parameters.items()))}"}

    document: Json = {
        "pagination": {
            "total_results": len(things),
            "total_pages": pages,
            "first": link(1),
            "last": link(pages),
            "next": link(number + 1) if number < pages else None,
            "previous": link(number - 1) if number > 1 else None,
        },
        "resources": [question.collection.render(thing, origin) for thing in shown],
    }
    if brought := _brought_along(truth, question, shown, origin):
        document["included"] = brought
    return document


def _brought_along(truth: Truth, question: Question, shown: list[Any], origin: str) -> included.Included:
    collection = question.collection
    asked = {name: question.values(name) for name in question.parameters if name in collection.fields}
    if asked:
        return included.with_fields(truth, shown, asked, origin)
    brought = {}
    for name in question.values("include") if "include" in question.parameters else []:
        if name not in collection.includes:
            raise bad_query(f"Invalid included resource: '{name}'")
        key, work_out = collection.includes[name]
        brought[key] = work_out(truth, shown, origin)
    return brought

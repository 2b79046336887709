"""How Cloud Foundry's v3 API writes each resource down."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sandbox.truth import Organization, Role, ServiceInstance, ServiceOffering, ServicePlan, Space, User

Json = dict[str, Any]


def organization(thing: Organization, origin: str) -> Json:
    return {
        **_common(thing.guid, thing.created_at, origin, "organizations"),
        "name": thing.name,
        "suspended": thing.is_suspended,
        "relationships": {"quota": {"data": {"guid": "00000000-0000-4000-8000-000000000000"}}},
    }


def space(thing: Space, origin: str) -> Json:
    return {
        **_common(thing.guid, thing.created_at, origin, "spaces"),
        "name": thing.name,
        "relationships": {"organization": to_one(thing.organization_guid), "quota": to_one(None)},
    }


def user(thing: User, origin: str) -> Json:
    return {
        **_common(thing.guid, thing.created_at, origin, "users"),
        "username": thing.username,
        "presentation_name": thing.username or thing.guid,
        "origin": thing.origin,
    }


def role(thing: Role, origin: str) -> Json:
    return {
        **_common(thing.guid, thing.created_at, origin, "roles"),
        "type": thing.type,
        "relationships": {
            "user": to_one(thing.user_guid),
            "organization": to_one(thing.organization_guid),
            "space": to_one(None),
        },
    }


def service_offering(thing: ServiceOffering, origin: str) -> Json:
    return {
        **_common(thing.guid, thing.created_at, origin, "service_offerings"),
        "name": thing.name,
        "description": thing.description,
        "available": True,
        "tags": thing.tags,
        "requires": [],
        "shareable": True,
        "documentation_url": None,
        "broker_catalog": {"id": thing.guid, "metadata": {}, "features": {"bindable": True}},
        "relationships": {"service_broker": to_one(thing.broker_guid)},
    }


def service_plan(thing: ServicePlan, origin: str) -> Json:
    return {
        **_common(thing.guid, thing.created_at, origin, "service_plans"),
        "name": thing.name,
        "description": "",
        "visibility_type": "public" if thing.is_available else "admin",
        "available": thing.is_available,
        "free": thing.name.startswith("tiny"),
        "maintenance_info": {},
        "broker_catalog": {"id": thing.guid, "metadata": {}, "features": {"bindable": True}},
        "schemas": {},
        "relationships": {"service_offering": to_one(thing.offering_guid)},
    }


def service_instance(thing: ServiceInstance, origin: str) -> Json:
    document = {
        **_common(thing.guid, thing.created_at, origin, "service_instances"),
        "name": thing.name,
        "type": thing.type,
        "tags": [],
        "last_operation": {
            "type": "create",
            "state": "succeeded" if thing.is_created else "in progress",
            "description": "",
            "created_at": time(thing.created_at),
            "updated_at": time(thing.updated_at),
        },
        "relationships": {"space": to_one(thing.space_guid)},
    }
    if thing.plan_guid is None:
        return {**document, "syslog_drain_url": "syslog-tls://logs.example.org:6514", "route_service_url": None}
    return {
        **document,
        "maintenance_info": {},
        "upgrade_available": False,
        "dashboard_url": None,
        "relationships": {"space": to_one(thing.space_guid), "service_plan": to_one(thing.plan_guid)},
    }


def service_broker(guid: str, name: str) -> Json:
    return {"guid": guid, "name": name}


def to_one(guid: str | None) -> Mapping[str, object]:
    return {"data": {"guid": guid} if guid else None}


def time(moment: datetime) -> str:
    """In UTC. `strftime` would take half of a page's time."""
    return moment.isoformat(timespec="seconds")[:19] + "Z"


def _common(guid: str, created_at: datetime, origin: str, collection: str) -> Json:
    return {
        "guid": guid,
        "created_at": time(created_at),
        "updated_at": time(created_at),
        "metadata": {"labels": {}, "annotations": {}},
        "links": {"self": {"href": f"{origin}/v3/{collection}/{guid}"}},
    }

"""The truth as one JSON document, joined up: what a test or a person compares a program's answers with."""

from collections.abc import Iterable, Mapping

from sandbox.truth import Attempt, ReplicationGroup, ServiceInstance, Truth

REQUIRED_STATUSES = frozenset({"not-applied", "stopped"})
OUR_ENGINES = ("redis", "valkey")
Json = Mapping[str, object]


def state(truth: Truth) -> Json:
    claims = _claims(truth)
    return {
        "region": truth.region,
        "account": truth.account,
        "today": truth.today,
        "service_instances": [_instance(truth, instance) for instance in truth.service_instances.values()],
        "replication_groups": [_group(group, claims.get(group.id)) for group in truth.replication_groups.values()],
        "cache_clusters": list(truth.cache_clusters.values()),
        "parameter_groups": list(truth.parameter_groups.values()),
        "service_updates": list(truth.service_updates.values()),
        "update_actions": list(truth.update_actions.values()),
        "required": required(truth),
        "organizations": list(truth.organizations.values()),
        "spaces": list(truth.spaces.values()),
        "roles": list(truth.roles.values()),
        "users": list(truth.users.values()),
        "accounts": list(truth.accounts.values()),
    }


def required(truth: Truth) -> list[Json]:
    """
    Each update that somebody has to apply: available, for Redis or Valkey, and neither begun nor done on a group.
    `service_instance_guid` is null where no tenant claims the group.
    """
    claims = _claims(truth)
    ours = {
        update.name
        for update in truth.service_updates.values()
        if update.status == "available" and any(update.is_for(engine) for engine in OUR_ENGINES)
    }
    return [
        {
            "service_update_name": action.service_update_name,
            "replication_group_id": action.target_id,
            "service_instance_guid": claims.get(action.target_id),
        }
        for action in truth.update_actions.values()
        if action.is_on_group and action.service_update_name in ours and action.status in REQUIRED_STATUSES
    ]


def started(truth: Truth, attempts: Iterable[Attempt]) -> Json:
    """Every call that named a target, oldest first; and for each target what was begun there, where it stands now."""
    attempts = list(attempts)
    by_target: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        if attempt.refused is None and attempt.call != "BatchStopUpdateAction":
            by_target.setdefault(attempt.target_id, []).append(attempt)
    return {
        "attempts": attempts,
        "targets": {
            target_id: [
                {
                    "service_update_name": attempt.service_update_name,
                    "at": attempt.at,
                    "arrived_at": attempt.arrived_at,
                    "request": attempt.request,
                    "call": attempt.call,
                    "status": action.status if action else None,
                }
                for attempt in begun
                for action in [truth.update_actions.get((attempt.service_update_name, target_id))]
            ]
            for target_id, begun in by_target.items()
        },
    }


def _claims(truth: Truth) -> dict[str, str]:
    """The guid of the instance that each group belongs to."""
    return {
        instance.replication_group_id: guid
        for guid, instance in truth.service_instances.items()
        if instance.plan_guid is not None
    }


def _instance(truth: Truth, instance: ServiceInstance) -> Json:
    space = truth.spaces[instance.space_guid]
    plan = truth.service_plans[instance.plan_guid] if instance.plan_guid else None
    group = truth.replication_groups.get(instance.replication_group_id)
    return {
        "guid": instance.guid,
        "name": instance.name,
        "type": instance.type,
        "offering_name": truth.service_offerings[plan.offering_guid].name if plan else None,
        "plan_name": plan.name if plan else None,
        "space_guid": space.guid,
        "space_name": space.name,
        "organization_guid": space.organization_guid,
        "organization_name": truth.organizations[space.organization_guid].name,
        "replication_group_id": instance.replication_group_id,
        "is_known_to_aws": group is not None,
        "nodes": group.nodes if group else 0,
    }


def _group(group: ReplicationGroup, instance_guid: str | None) -> Json:
    return {
        "id": group.id,
        "status": group.status,
        "engine": group.engine,
        "members": group.members,
        "is_highly_available": group.is_failover_automatic and group.nodes > 1,
        "service_instance_guid": instance_guid,
    }

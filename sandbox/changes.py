"""Steps from one `Truth` to the next that several rooms of the sandbox take."""

from collections.abc import Iterable
from dataclasses import replace

from sandbox.truth import Truth, UpdateAction


def with_actions(truth: Truth, actions: Iterable[UpdateAction]) -> Truth:
    """New ones, or others in the place of those that were there."""
    return replace(truth, update_actions={**truth.update_actions, **{action.key: action for action in actions}})


def with_group_status(truth: Truth, group_id: str, status: str) -> Truth:
    """The same truth where there is no such group: an update on a cache cluster has none."""
    if (group := truth.replication_groups.get(group_id)) is None:
        return truth
    return replace(truth, replication_groups={**truth.replication_groups, group_id: replace(group, status=status)})


def without_group(truth: Truth, group_id: str) -> Truth:
    """AWS knows neither the group nor its update actions any longer; a service instance that it belonged to stays."""
    return replace(
        truth,
        replication_groups={other: group for other, group in truth.replication_groups.items() if other != group_id},
        parameter_groups={name: group for name, group in truth.parameter_groups.items() if name != group_id},
        update_actions={key: action for key, action in truth.update_actions.items() if key[1] != group_id},
    )


def without_instance(truth: Truth, guid: str) -> Truth:
    instances = {other: instance for other, instance in truth.service_instances.items() if other != guid}
    return replace(truth, service_instances=instances)


def without_group_and_its_instance(truth: Truth, group_id: str) -> Truth:
    """As when a tenant deletes the service instance."""
    claims = [
        instance.guid
        for instance in truth.service_instances.values()
        if instance.plan_guid is not None and instance.replication_group_id == group_id
    ]
    for guid in claims:
        truth = without_instance(truth, guid)
    return without_group(truth, group_id)

"""Other brokers: the same tenants, and groups with the ids that such a broker gives."""

from dataclasses import replace

from sandbox.truth import Truth


def with_group_ids(truth: Truth, rule: str) -> Truth:
    """`{guid}` and `{fnv1a}` in `rule` stand for the instance's guid and its hash. Nobody's groups keep their ids."""
    before = {instance.replication_group_id: instance for instance in truth.service_instances.values()}
    instances = {guid: replace(instance, group_ids=rule) for guid, instance in truth.service_instances.items()}

    def id_of(group_id: str) -> str:
        return instances[before[group_id].guid].replication_group_id if group_id in before else group_id

    groups = [replace(group, id=id_of(group.id)) for group in truth.replication_groups.values()]
    parameter_groups = [replace(group, name=id_of(group.name)) for group in truth.parameter_groups.values()]
    actions = [replace(action, target_id=id_of(action.target_id)) for action in truth.update_actions.values()]
    return replace(
        truth,
        service_instances=instances,
        replication_groups={group.id: group for group in groups},
        parameter_groups={group.name: group for group in parameter_groups},
        update_actions={action.key: action for action in actions},
    )

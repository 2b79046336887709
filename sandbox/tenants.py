"""What tenants do while the sandbox runs: create, rename and delete."""

from dataclasses import replace
from random import Random

from sandbox import names, plans
from sandbox.brokers import BROKERS, Broker, with_tags
from sandbox.changes import with_actions, without_group, without_instance
from sandbox.generate.history import action_on
from sandbox.truth import ServiceInstance, Truth
from sandbox.world import UnknownError, World, known

LISTED_AFTER_SECONDS = 600
"""It takes AWS so long to list the update actions of a group that is new."""


class Tenants:
    def __init__(self, world: World, seed: int, broker: Broker = BROKERS["paas"]) -> None:
        self._world = world
        self._broker = broker
        self._random = Random(f"instances created later, {seed}")  # noqa: S311 — guids of invented instances

    def create_instance(
        self, name: str, plan: str = "tiny-5.x", space_guid: str | None = None, *, is_created: bool = True
    ) -> ServiceInstance:
        """An instance in the given space, or in the first; AWS knows its group only where it `is_created`."""
        with self._world.lock:
            truth = self._world.truth
            plans_named = [other for other in truth.service_plans.values() if other.name == plan]
            if not plans_named:
                raise UnknownError(f"no plan '{plan}'")
            space = known(truth.spaces, space_guid or next(iter(truth.spaces)), "space")
            now = self._world.now()
            guid = self._broker.instance_guid(names.guid(self._random))
            plan_guid, rule = plans_named[0].guid, self._broker.group_ids
            instance = ServiceInstance(guid, name, space.guid, plan_guid, is_created, now, now, rule)
            groups = dict(truth.replication_groups)
            if is_created and plan in plans.SHAPES:
                made = plans.replication_group(instance, plans_named[0], space.organization_guid)
                group = with_tags(self._broker, truth, made, instance)
                groups[group.id] = group
                self._world.change_later(LISTED_AFTER_SECONDS, lambda truth: _with_updates_applied(truth, group.id))
            self._world.change(lambda truth: replace(_with(truth, instance), replication_groups=groups))
            return instance

    def delete_instance(self, guid: str, *, leave_group: bool = False) -> None:
        """A group that is left behind is claimed by nobody."""

        def without(truth: Truth) -> Truth:
            group_id = known(truth.service_instances, guid, "service instance").replication_group_id
            truth = without_instance(truth, guid)
            return truth if leave_group else without_group(truth, group_id)

        self._world.change(without)

    def rename_instance(self, guid: str, name: str) -> None:
        self._world.change(
            lambda truth: _with(truth, replace(known(truth.service_instances, guid, "service instance"), name=name))
        )

    def rename_space(self, guid: str, name: str) -> None:
        def renamed(truth: Truth) -> Truth:
            space = replace(known(truth.spaces, guid, "space"), name=name)
            return replace(truth, spaces={**truth.spaces, guid: space})

        self._world.change(renamed)

    def rename_organization(self, guid: str, name: str) -> None:
        def renamed(truth: Truth) -> Truth:
            organization = replace(known(truth.organizations, guid, "organization"), name=name)
            return replace(truth, organizations={**truth.organizations, guid: organization})

        self._world.change(renamed)


def _with(truth: Truth, instance: ServiceInstance) -> Truth:
    return replace(truth, service_instances={**truth.service_instances, instance.guid: instance})


def _with_updates_applied(truth: Truth, group_id: str) -> Truth:
    """A new group is created with all updates that there are."""
    if (group := truth.replication_groups.get(group_id)) is None:
        return truth
    return with_actions(
        truth,
        [
            action_on(group, update, "complete")
            for update in truth.service_updates.values()
            if update.status == "available"
            and update.is_for(group.engine)
            and (update.name, group_id) not in truth.update_actions
        ],
    )

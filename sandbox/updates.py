"""What happens to service updates while the sandbox runs: AWS releases and withdraws them, operators apply them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sandbox.generate.updates import action_on
from sandbox.truth import CacheCluster, ReplicationGroup, ServiceUpdate, Truth, UpdateAction
from sandbox.world import UnknownError, World, known

APPLICABLE_STATUSES = frozenset({"not-applied", "stopped", "scheduling", "scheduled"})
STOPPABLE_STATUSES = frozenset({"waiting-to-start", "in-progress"})
FINISHED_STATUSES = frozenset({"complete", "not-applicable"})


class ImpossibleError(ValueError):
    """AWS would refuse this; `kind` is its word for why."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Updates:
    """An update that is started takes `seconds` on each target. A target is a replication group or a cache cluster."""

    def __init__(self, world: World, seconds: float) -> None:
        self._world = world
        self._seconds = seconds

    def release(self, name: str, **details: object) -> ServiceUpdate:
        """A new update that waits on every target of its engines; `details` are fields of `ServiceUpdate`."""
        now = self._world.now()
        usual = {
            "release_date": now,
            "end_date": now + timedelta(days=180),
            "severity": "important",
            "recommended_apply_by_date": now + timedelta(days=30),
            "status": "available",
            "description": "Released while the sandbox was running",
            "type": "security-update",
            "engine": "redis, valkey",
            "engine_version": "redis, valkey",
            "is_auto_updated": False,
            "estimated_update_time": "30 minutes per node",
        }
        update = ServiceUpdate(name=name, **{**usual, **details})  # type: ignore[arg-type]  # as the fields' own types

        def released(truth: Truth) -> Truth:
            targets: list[ReplicationGroup | CacheCluster] = [
                *truth.replication_groups.values(),
                *truth.cache_clusters.values(),
            ]
            waiting = [action_on(target, update, "not-applied") for target in targets if update.is_for(target.engine)]
            return _with(replace(truth, service_updates={**truth.service_updates, name: update}), waiting)

        self._world.change(released)
        return update

    def withdraw(self, name: str, status: str = "cancelled") -> None:
        """Cancelled or expired; its actions stay behind as they are."""

        def withdrawn(truth: Truth) -> Truth:
            update = replace(known(truth.service_updates, name, "service update"), status=status)
            return replace(truth, service_updates={**truth.service_updates, name: update})

        self._world.change(withdrawn)

    def complete(self, name: str | None = None, target_id: str | None = None) -> int:
        """Finish one update, or all, on one target, or all, at once; answers how many actions that finished."""
        with self._world.lock:
            unfinished = [
                action
                for key, action in self._world.truth.update_actions.items()
                if action.status not in FINISHED_STATUSES and name in {None, key[0]} and target_id in {None, key[1]}
            ]
            now = self._world.now()
            finished = [
                replace(action, status="complete", nodes_updated=action.nodes, modified_at=now) for action in unfinished
            ]
            self._world.change(lambda truth: _with(truth, finished))
            return len(finished)

    def set_status(self, name: str, target_id: str, status: str, since: datetime | None = None) -> None:
        """Whatever the status was; `since` is when it changed, by default now."""
        modified_at = since or self._world.now()
        self._world.change(
            lambda truth: _with(
                truth, [replace(_action(truth, name, target_id), status=status, modified_at=modified_at)]
            )
        )

    def start(self, name: str, target_id: str) -> UpdateAction:
        """Apply as AWS does: the action waits, is in progress while its group is `modifying`, and is complete."""
        with self._world.lock:
            truth = self._world.truth
            action = _action(truth, name, target_id)
            group = truth.replication_groups.get(target_id)
            if truth.service_updates[name].status != "available":
                raise ImpossibleError("InvalidParameterValue", f"{name} is {truth.service_updates[name].status}")
            if group and group.status != "available":
                raise ImpossibleError("InvalidReplicationGroupState", f"{target_id} is {group.status}")
            if action.status not in APPLICABLE_STATUSES:
                raise ImpossibleError("InvalidParameterValue", f"{name} on {target_id} is {action.status}")
            started = self._advance(name, target_id, action.status, "waiting-to-start")
            self._advance_later(0.2, name, target_id, "waiting-to-start", "in-progress")
            self._advance_later(1.0, name, target_id, "in-progress", "complete")
            return started

    def stop(self, name: str, target_id: str) -> UpdateAction:
        """Interrupt: nodes under way are finished, the others left. An engine's version upgrade cannot be stopped."""
        with self._world.lock:
            truth = self._world.truth
            action = _action(truth, name, target_id)
            is_upgrade = truth.service_updates[name].type == "engine-major-version-update"
            if action.status not in STOPPABLE_STATUSES or is_upgrade:
                message = f"{name} on {target_id} is {action.status} and cannot be stopped"
                raise ImpossibleError("InvalidParameterValue", message)
            stopping = self._advance(name, target_id, action.status, "stopping")
            self._advance_later(0.2, name, target_id, "stopping", "stopped")
            return stopping

    def _advance_later(self, share: float, name: str, target_id: str, before: str, after: str) -> None:
        seconds = share * self._seconds
        self._world.change_later(seconds, lambda truth: self._advanced(truth, name, target_id, before, after))

    def _advance(self, name: str, target_id: str, before: str, after: str) -> UpdateAction:
        self._world.change(lambda truth: self._advanced(truth, name, target_id, before, after))
        return _action(self._world.truth, name, target_id)

    def _advanced(self, truth: Truth, name: str, target_id: str, before: str, after: str) -> Truth:
        """One step further, unless something else has happened to the action, or to its group, meanwhile."""
        action = truth.update_actions.get((name, target_id))
        if action is None or action.status != before:
            return truth
        nodes_updated = {"complete": action.nodes, "stopping": action.nodes // 2}.get(after, action.nodes_updated)
        action = replace(action, status=after, nodes_updated=nodes_updated, modified_at=self._world.now())
        group_status = {"in-progress": "modifying", "complete": "available", "stopped": "available"}.get(after)
        group = truth.replication_groups.get(target_id)
        if group and group_status:
            groups = {**truth.replication_groups, group.id: replace(group, status=group_status)}
            truth = replace(truth, replication_groups=groups)
        return _with(truth, [action])


def _action(truth: Truth, name: str, target_id: str) -> UpdateAction:
    known(truth.service_updates, name, "service update")
    if (name, target_id) not in truth.update_actions:
        raise UnknownError(f"no update action of '{name}' on '{target_id}'")
    return truth.update_actions[name, target_id]


def _with(truth: Truth, actions: Iterable[UpdateAction]) -> Truth:
    return replace(truth, update_actions={**truth.update_actions, **{action.key: action for action in actions}})

"""What AWS does with service updates while the sandbox runs: releases, changes and withdraws them, finishes some."""

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sandbox.changes import with_actions
from sandbox.generate.history import action_on
from sandbox.progress import settled
from sandbox.truth import CacheCluster, ReplicationGroup, ServiceUpdate, Truth, UpdateAction
from sandbox.world import UnknownError, World, known

FINISHED_STATUSES = frozenset({"complete", "not-applicable"})


class Updates:
    """A target is a replication group or a cache cluster."""

    def __init__(self, world: World) -> None:
        self._world = world

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
            return with_actions(replace(truth, service_updates={**truth.service_updates, name: update}), waiting)

        self._world.change(released)
        return update

    def change(self, name: str, **details: object) -> ServiceUpdate:
        """As in `change(name, estimated_update_time="a minute per node")`; its actions stay as they are."""

        def changed(truth: Truth) -> Truth:
            update = known(truth.service_updates, name, "service update")
            update = replace(update, **details)  # type: ignore[arg-type]  # as the fields' own types
            return replace(truth, service_updates={**truth.service_updates, name: update})

        self._world.change(changed)
        return self._world.truth.service_updates[name]

    def withdraw(self, name: str, status: str = "cancelled") -> None:
        """Cancelled or expired; its actions stay behind as they are."""
        self.change(name, status=status)

    def complete(self, name: str | None = None, target_id: str | None = None) -> int:
        """Finish one update, or all, on one target, or all, at once; answers how many actions that finished."""
        with self._world.lock:
            unfinished = [
                action
                for key, action in self._world.truth.update_actions.items()
                if action.status not in FINISHED_STATUSES and name in {None, key[0]} and target_id in {None, key[1]}
            ]
            self._change_to("complete", unfinished)
            return len(unfinished)

    def wait(self, share: float = 1.0, each: int | None = None) -> int:
        """
        So many of the tenants' groups, as a share, wait for `each` of the newest updates, or for all; the rest waits
        for none. Answers how many groups wait.
        """
        with self._world.lock:
            truth = self._world.truth
            claimed = {i.replication_group_id for i in truth.service_instances.values() if i.plan_guid}
            groups = [group for group in truth.replication_groups.values() if group.id in claimed]
            waiting = groups[: math.ceil(share * len(groups))]
            available = [update for update in truth.service_updates.values() if update.status == "available"]
            newest_first = sorted(available, key=lambda update: update.release_date, reverse=True)
            changed = [
                action_on(group, update, "not-applied" if number < chosen else "complete")
                for position, group in enumerate(groups)
                for chosen in [0 if position >= len(waiting) else len(available) if each is None else each]
                for number, update in enumerate(u for u in newest_first if u.is_for(group.engine))
            ]
            self._world.change(lambda truth: with_actions(truth, changed))
            return len(waiting)

    def set_status(self, name: str, target_id: str, status: str, since: datetime | None = None) -> None:
        """Whatever the status was; `since` is when it changed, by default now."""
        with self._world.lock:
            known(self._world.truth.service_updates, name, "service update")
            if (action := self._world.truth.update_actions.get((name, target_id))) is None:
                raise UnknownError(f"no update action of '{name}' on '{target_id}'")
            changed = replace(action, status=status, modified_at=since or self._world.now())
            self._world.change(lambda truth: with_actions(truth, [changed]))

    def _change_to(self, status: str, actions: Iterable[UpdateAction]) -> None:
        now = self._world.now()
        changed = [settled(action, status, now) for action in actions]
        self._world.change(lambda truth: with_actions(truth, changed))

"""How far an update is on one target: rounds of one node a shard each, one after another."""

import math
from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import datetime

from sandbox.changes import without_group_and_its_instance
from sandbox.fates import Fate
from sandbox.truth import Truth, UpdateAction

WAITING_SHARE = 0.2
"""Of the time that an update takes, this much passes before its first node."""


@dataclass(eq=False)
class Run:
    """`round_ends_at` is None while no node is being updated; `is_due` says that only its group holds it up."""

    name: str
    target_id: str
    fate: Fate
    waiting_seconds: float
    round_seconds: float
    rounds: int
    nodes_at_once: int
    rounds_done: int = 0
    round_ends_at: float | None = None
    has_begun: bool = False
    is_due: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.name, self.target_id

    @property
    def is_fulfilled(self) -> bool:
        """More than half of the rounds are over: what is not simply to be completed ends here."""
        return self.fate.kind != "completes" and self.rounds_done > self.rounds // 2

    def with_round_done(self, action: UpdateAction) -> UpdateAction:
        return replace(action, nodes_updated=min(action.nodes, action.nodes_updated + self.nodes_at_once))

    def stopping(self, now: datetime) -> "Run":
        """Its last round: nodes that are being updated take as long as they would have anyway."""
        if self.round_ends_at is None:
            return replace(self, round_seconds=self.waiting_seconds, nodes_at_once=0)
        return replace(self, round_seconds=max(0.0, self.round_ends_at - now.timestamp()))


def run_of(truth: Truth, action: UpdateAction, fate: Fate, seconds: float) -> Run:
    rounds = rounds_of(truth, action)
    return Run(
        name=action.service_update_name,
        target_id=action.target_id,
        fate=fate,
        waiting_seconds=seconds * WAITING_SHARE,
        round_seconds=seconds * (1 - WAITING_SHARE) / rounds,
        rounds=rounds,
        nodes_at_once=_shards(truth, action),
    )


def rounds_of(truth: Truth, action: UpdateAction) -> int:
    """Of a stopped update only those that are left."""
    return math.ceil((action.nodes - action.nodes_updated) / _shards(truth, action)) or 1


def _shards(truth: Truth, action: UpdateAction) -> int:
    group = truth.replication_groups.get(action.target_id)
    return group.shards if group else 1


def settled(action: UpdateAction, status: str, now: datetime) -> UpdateAction:
    """The same action where it has this status already."""
    if action.status == status:
        return action
    nodes_updated = action.nodes if status == "complete" else action.nodes_updated
    return replace(action, status=status, nodes_updated=nodes_updated, modified_at=now)


def older(truth: Truth, action: UpdateAction, statuses: Container[str]) -> list[UpdateAction]:
    """
    The other actions of the target, with one of the statuses, of updates that this newer one includes.

    Updates are cumulative, but no newer one includes an upgrade to another version of the engine.
    """
    update = truth.service_updates[action.service_update_name]
    return [
        other
        for earlier in truth.service_updates.values()
        if earlier.release_date < update.release_date
        and earlier.status == "available"
        and earlier.type != "engine-major-version-update"
        and (other := truth.update_actions.get((earlier.name, action.target_id)))
        and other.status in statuses
    ]


def vanished(truth: Truth, group_id: str) -> Truth:
    """A cache cluster stays: no tenant has one."""
    return without_group_and_its_instance(truth, group_id) if group_id in truth.replication_groups else truth
